"""What a workbook is made of: its sheets, shared texts and styles, found by the relations between its parts."""

from typing import NamedTuple

from services.api.forms.workbook.markup import Attributes, Budget, Handler
from services.api.forms.workbook.package import Package, refusal, target_of
from services.web.problems import TooLarge, showable

MOST_SHEETS = 100
LONGEST_NAME = 100
"""Characters of a sheet's name that are kept; Excel allows 31."""

_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_RELATION_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT = "{http://purl.oclc.org/ooxml/"


class Structure:
    """The names of the parts that hold what a workbook says; raises `Invalid` where it is none, or is dangerous."""

    def __init__(self, package: Package, budget: Budget) -> None:
        types = _ContentTypes()
        types.read(package, "[Content_Types].xml", budget)
        relations = {name: _relations(package, name, budget) for name in package.names() if name.endswith(".rels")}
        roots = [one.target for one in relations.get("_rels/.rels", []) if one.ends("officeDocument")]
        main = target_of("", roots[0]) if roots else ""
        _check_type(main, types.of(main))
        workbook = _Workbook()
        workbook.read(package, main, budget)
        own = relations.get(_relations_of(main), [])
        targets = {one.id: target_of(main, one.target) for one in own}
        self.first_day_1904 = workbook.first_day_1904
        self.strings = [targets[one.id] for one in own if one.ends("sharedStrings")]
        self.styles = [targets[one.id] for one in own if one.ends("styles")]
        self.sheets: list[tuple[str, str]] = []
        """Name and part of each."""
        for name, relation in workbook.sheets:
            if relation not in targets:
                raise refusal(name, "damaged: this sheet is missing")
            self.sheets.append((name, targets[relation]))
        if not self.sheets:
            raise refusal("workbook", "damaged: it has no sheets")
        parts = [main, *self.strings, *self.styles, *(part for _, part in self.sheets)]
        if twice := next((part for part in parts if parts.count(part) > 1), None):
            raise refusal(twice, "damaged: the workbook refers to this part twice")


class _Relation(NamedTuple):
    id: str
    type: str
    target: str

    def ends(self, kind: str) -> bool:
        return self.type.rsplit("/", 1)[-1] == kind


def _relations(package: Package, name: str, budget: Budget) -> list[_Relation]:
    reader = _Relations(name)
    reader.read(package, name, budget)
    return reader.found


def _relations_of(name: str) -> str:
    folder, _, file = name.rpartition("/")
    return f"{folder}/_rels/{file}.rels".lstrip("/")


class _Relations(Handler):
    namespace = _RELATIONS

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self.found: list[_Relation] = []

    def opened(self, name: str, attributes: Attributes) -> None:
        if name != "Relationship":
            return
        one = _Relation(attributes.get("Id", ""), attributes.get("Type", ""), attributes.get("Target", ""))
        # Excel makes every web address that is typed a link; they are not followed here.
        if attributes.get("TargetMode") == "External" and not one.ends("hyperlink"):
            raise refusal(self._name, "refused: a workbook with links to other files is not taken; remove them")
        self.found.append(one)


class _ContentTypes(Handler):
    namespace = _TYPES

    def __init__(self) -> None:
        super().__init__()
        self._by_name: dict[str, str] = {}
        self._by_ending: dict[str, str] = {}

    def opened(self, name: str, attributes: Attributes) -> None:
        kind = attributes.get("ContentType", "")
        if "macro" in kind.casefold() or "vbaproject" in kind.casefold():
            raise refusal("workbook", "refused: a workbook with macros is not taken; save it as .xlsx without them")
        if name == "Override":
            self._by_name[attributes.get("PartName", "").lstrip("/")] = kind
        elif name == "Default":
            self._by_ending[attributes.get("Extension", "").casefold()] = kind

    def of(self, name: str) -> str:
        return self._by_name.get(name) or self._by_ending.get(name.rsplit(".", 1)[-1].casefold(), "")


def _check_type(name: str, kind: str) -> None:
    if not name or not kind.endswith(("spreadsheetml.sheet.main+xml", "spreadsheetml.template.main+xml")):
        raise refusal("workbook", "not an Excel workbook: no part of the file says that it is one", [".xlsx"])


class _Workbook(Handler):
    def __init__(self) -> None:
        super().__init__()
        self.sheets: list[tuple[str, str]] = []
        self.first_day_1904 = False

    def start(self, tag: str, attributes: Attributes) -> None:
        if tag.startswith(_STRICT):
            raise refusal(
                "workbook", "saved as Strict Open XML: save it as an ordinary Excel workbook (.xlsx)", [".xlsx"]
            )
        super().start(tag, attributes)

    def opened(self, name: str, attributes: Attributes) -> None:
        if name == "sheet":
            if len(self.sheets) >= MOST_SHEETS:
                raise TooLarge(f"The workbook has more than {MOST_SHEETS} sheets")
            name = showable(attributes.get("name", ""), LONGEST_NAME)
            self.sheets.append((name, attributes.get(_RELATION_ID, "")))
        elif name == "workbookPr":
            self.first_day_1904 = attributes.get("date1904") in ("1", "true")
