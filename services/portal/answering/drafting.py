"""Reading and saving a draft through the api, for its form: versions, and what others saved meanwhile."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from services.portal.answering import answers, forms, given
from services.portal.answering.answers import Clash
from services.portal.answering.following import follow
from services.portal.answering.forms import Pairs
from services.portal.page import Page
from services.portal.reference import Terms
from services.portal.types import RecordType, find
from services.portal.upstream import Json, Refused

FORMS = ("short", "full")
TRIES = 4


@dataclass
class Draft:
    """A case with the form that it is answered in."""

    page: Page
    type: RecordType
    case: Json
    form: str
    questionnaire: Json
    terms: Terms
    comments: list[Json] = field(default_factory=list)
    given: list[Json] = field(default_factory=list)
    """Questions that are not asked, since the draft was begun with answers to them."""

    @classmethod
    async def read(cls, page: Page, case: str, form: str, *, comments: bool = False) -> "Draft":
        """Read a case and its form; raise `Refused`."""
        form = form if form in FORMS else FORMS[0]
        found = await page.upstream.read(f"/submissions/{case}")
        type = find(found["type"])
        whole = await page.reference.questionnaire(page.upstream, type.name)
        questionnaire = await page.reference.questionnaire(page.upstream, type.name, form)
        questionnaire = {**questionnaire, answers.WHOLE: [section["name"] for section in whole["sections"]]}
        labels = await page.reference.terms(page.upstream)
        said = await page.upstream.read(f"/submissions/{case}/comments") if comments else []
        questionnaire, told = given.parted(questionnaire, type.given, found["content"], found["findings"])
        return cls(page, type, found, form, questionnaire, labels, said, told)

    def labels(self, vocabulary: str | None) -> Mapping[str, str]:
        """Return code and label of each term of a vocabulary."""
        return self.terms.of(vocabulary or "")

    def options(self, box: forms.Box) -> list[tuple[str, str]]:
        """Return code and label of what may be chosen in a box, and of what is chosen without being allowed."""
        if box.asked["kind"] == "yes-no":
            known = [("true", self.page.gettext("yes")), ("false", self.page.gettext("no"))]
            return known + ([(box.text, box.text)] if box.text not in ("", "true", "false") else [])
        return forms.options(box, self.labels)

    def minutes(self, form: str) -> str:
        """Return about how long a form takes, in words."""
        found = next(one["minutes"] for one in self.questionnaire["forms"] if one["name"] == form)
        return self.page.gettext("about %(count)s minutes", count=found)

    @property
    def has_two_forms(self) -> bool:
        """Whether its full form asks more than its short one."""
        return len({one["questions"] for one in self.questionnaire["forms"]}) > 1

    @property
    def percent(self) -> int:
        """How much of its form is answered, in percent."""
        found: int = self.case["completeness"]["full" if self.form == "full" else "snapshot"]
        return found

    def section(self, name: str) -> Json:
        """Return a section of the form; raise `Refused` (404) for one that it does not have."""
        for section in self.questionnaire["sections"]:
            if section["name"] == name:
                found: Json = section
                return found
        raise Refused(404, self.page.gettext("The form has no section “%(name)s”.", name=name))

    def entries(self, section: Json) -> list[forms.Entry]:
        """Return the questions of a section with their answers."""
        return forms.present(section["questions"], self.case["content"], self.labels)

    def told(self) -> list[answers.Told]:
        """Return everything that keeps the case from being handed in, as far as the form asks for it or not."""
        entries = [entry for section in self.questionnaire["sections"] for entry in self.entries(section)]
        return [
            answers.tell(
                one,
                entries,
                self.case["content"],
                self.page.gettext,
                self.labels,
                self.type.needed_by,
                self.questionnaire["rules"],
            )
            for one in self.case["findings"]
        ]

    def progress(self) -> list[answers.Progress]:
        """Return how far each section has come."""
        return answers.progress(self.questionnaire, self.case["content"], self.case["findings"])

    async def save(self, section: Json, given: Pairs, version: int, drop: str = "") -> "Overtaken | None":
        """Save a section as it came back, on top of whatever else stands in the draft.

        `drop` names what is to be taken out besides. Returns what has to be chosen between first where somebody else
        answered the same questions since `version`; nothing is saved then. Raises `Refused`.
        """
        for _ in range(TRIES):
            if self.case["version"] != version and (overtaken := await self._overtaken(section, given, version)):
                return overtaken
            try:
                await self._put(*self._merged(section, given, drop))
                return None
            except Refused as refusal:
                if refusal.status != 412:
                    raise
            self.case = await self.page.upstream.read(f"/submissions/{self.case['id']}")
        raise Refused(409, self.page.gettext("Somebody else is saving at the same time. Try again."))

    def _merged(self, section: Json, given: Pairs, drop: str) -> tuple[Json, Json]:
        before, questions = self.case["content"], section["questions"]
        after = forms.parse(questions, before, given, self.labels)
        if drop:
            names = {new: old for old, new in forms.names(questions, given, self.labels).items()}
            answers.take_out(after, answers.renamed(drop, names))
        return follow(questions, before, after, self.case["translations"])

    async def _put(self, content: Json, translations: Json) -> None:
        if forms.same(content, self.case["content"]) and translations == self.case["translations"]:
            return
        body: Json = {"content": content}
        if translations != self.case["translations"]:
            body["translations"] = translations
        headers = {"If-Match": f'"{self.case["version"]}"'}
        answer = await self.page.upstream.call("PUT", f"/submissions/{self.case['id']}", json=body, headers=headers)
        self.case = answer.json()

    async def _overtaken(self, section: Json, given: Pairs, version: int) -> "Overtaken | None":
        path = f"/submissions/{self.case['id']}"
        try:
            changed = await self.page.upstream.read(f"{path}/diff", [("since", version)])
            saved = await self.page.upstream.read(f"{path}/revisions/{changed['before']}")
            base, people = saved["content"], [person["name"] for person in changed["by"]]
        except Refused as refusal:
            if refusal.status != 404:
                raise
            base, people = None, [self.case["updated_by"]["name"]]  # too long ago to be kept
        mine = forms.parse(section["questions"], base or self.case["content"], given, self.labels)
        asked = set(forms.Sent(given).all(forms.ASKED))
        questions = [one for one in section["questions"] if one["path"] in asked]
        found = answers.clashes(questions, base, mine, self.case["content"])
        return Overtaken(found, people, self.case["version"]) if found else None


@dataclass(frozen=True)
class Overtaken:
    """What somebody else answered meanwhile in the very section that I answered; `version` is theirs."""

    clashes: list[Clash]
    people: list[str]
    version: int


def shown_value(question: Json, value: Any, draft: Draft, yes_no: tuple[str, str]) -> list[str]:
    """Return an answer as lines of text to be compared by eye."""
    entry = forms.present([question], _nested(question["path"], value), draft.labels)[0]
    if entry.box is not None:
        return _lines(entry.box, draft, yes_no)
    lines = []
    for item in entry.items:
        cells = [
            (box.asked["label"] + ": " if question["kind"] == "rows" else "") + ", ".join(_lines(box, draft, yes_no))
            for box in item.boxes
            if any(box.texts)
        ]
        lines.append("; ".join(cells))
    return lines


def _lines(box: forms.Box, draft: Draft, yes_no: tuple[str, str]) -> list[str]:
    known: Mapping[str, str] = draft.labels(box.asked["vocabulary"]) if box.asked["vocabulary"] else {}
    if box.asked["kind"] == "yes-no":
        known = {"true": yes_no[0], "false": yes_no[1]}
    return [known.get(line, line) for text in box.texts for line in text.split("\n") if line]


def _nested(path: str, value: Any) -> Json:
    content: Json = {}
    forms.put(content, path, value)
    return content
