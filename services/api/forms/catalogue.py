"""The catalogue of a form's questions: its model walked once, for whatever asks, prints, checks or counts them."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Literal, NamedTuple, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from services.api.forms.answers import answered
from services.api.forms.inputs import ANY, Column, Input, columns, described, field_type
from services.api.forms.keys import keys_once
from services.api.forms.paths import unnumbered, value_at
from services.api.forms.rules import Content, Rule, refuse_breaches
from services.api.kit.schema import Schema

Name = tuple[str, str]
"""What a content names elsewhere in the base: a type such as `authority`, and an id or slug."""

Extent = Literal["short", "full"]
"""How much a form asks: the short one what can be answered at once, the full one everything."""
EXTENTS: tuple[Extent, ...] = get_args(Extent)

RECORD = "record"
"""The section of what is about the record itself: its language, sources, provenance and terms of use.

Its questions may stand in another section where they are best asked for.
"""

_COMMENTS = "Comments"


class Section(Schema):
    """A part of a form that holds questions."""


@dataclass(frozen=True, kw_only=True)
class Question(Input):
    """A field of the form; several share a number where one printed question is asked in several fields.

    `required` means: to be answered before a record can be submitted.
    """

    section: str
    number: str
    """In the printed questionnaire: `6.5`, `V Departments`, `7 Comments`; `R.1` where it is printed nowhere."""
    also: str | None
    """Number of a second question that it answers."""
    extent: Extent
    """The first form that asks it: whatever the short form asks, the full form asks too."""
    counted: bool
    """Whether it counts for completeness."""
    columns: tuple[Column, ...] = ()
    """The values of a row, for a question of kind `rows`."""

    @property
    def keyed(self) -> bool:
        """Whether its rows have keys."""
        return any(column.kind == "key" for column in self.columns)


@dataclass(frozen=True)
class Completeness:
    """How much of the short and the full form is answered, in percent from 0 to 100; 100 only when all of it is."""

    snapshot: int
    full: int

    def shown(self) -> dict[str, int]:
        """Return it as JSON."""
        return asdict(self)


class Named(NamedTuple):
    """That a content names something elsewhere in the base: at which path, what, which place in it, and as what."""

    path: str
    name: Name
    inner: str | None
    relation: str


class Linked(NamedTuple):
    """A row of a content that says how the record is related to another one, in the base or known by name."""

    path: str
    relation: str
    inner: str | None
    row: Content


@dataclass(frozen=True, kw_only=True, eq=False)
class Catalogue:
    """The questions of a model: walked once, for whatever asks, prints, checks or counts them."""

    model: type[BaseModel]
    """The content: sections that hold questions, and questions about the record itself beside them."""
    sections: Mapping[str, str]
    """The sections in their order, with their printed numbers; `record` is the one of what stands beside them."""
    short: Collection[str]
    """Numbers of the questions of the short form, and names of the sections that are wholly in it, comments too."""
    uncounted: Collection[str] = ()
    """Sections that do not count for completeness, beside what is about the record itself."""
    rules: tuple[Rule, ...] = ()
    """What holds between answers."""

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """Every question in the form's order; comments stand last in their sections, the record at the end."""
        return tuple(self._walked())

    @cached_property
    def wholes(self) -> tuple[str, ...]:
        """The fields of a content that hold questions, rather than being one."""
        return tuple(dict.fromkeys(asked.path.split(".")[0] for asked in self.questions if "." in asked.path))

    @cached_property
    def defaults(self) -> dict[str, dict[str, Any]]:
        """What holds in the rows of each question when nothing is answered, by the columns' paths."""
        return {
            asked.path: {column.path: column.default for column in asked.columns if column.default is not None}
            for asked in self.questions
        }

    @cached_property
    def places(self) -> dict[tuple[str, ...], int]:
        """The number of each question in the form's order, from 0, by the steps of its path."""
        return {tuple(asked.path.split(".")): number for number, asked in enumerate(self.questions)}

    @property
    def record_section(self) -> str:
        """The number of the section of what is about the record itself."""
        return self.sections[RECORD]

    @cached_property
    def checks(self) -> tuple[Rule, ...]:
        """What holds between answers: the form's own rules, and those of every form."""
        asked = [self.question(path).number for path in self.keyed_lists]
        says = "No two rows of a list have the same key."
        return (*self.rules, Rule("keys", tuple(asked), says, keys_once(self.keyed_lists)))

    def validated(self, content: Mapping[str, Any]) -> BaseModel:
        """Return the content that a JSON is; raise pydantic's `ValidationError` for none, or one that breaks a rule."""
        valid = self.model.model_validate(content)
        refuse_breaches(self.checks, valid)
        return valid

    @cached_property
    def keyed_lists(self) -> tuple[str, ...]:
        """The paths of the lists whose rows have keys."""
        return tuple(asked.path for asked in self.questions if asked.keyed)

    def named(self, content: Content) -> Iterator[Named]:
        """Yield what a content, or any JSON, names elsewhere in the base, each with the path at which it does."""
        for asked in self._naming:
            if asked.names:
                yield from _named(asked.path, asked, value_at(content, asked.path), {})
            for number, row in _rows(content, asked):
                for column in asked.columns:
                    if column.names:
                        path = f"{asked.path}[{number}].{column.path}"
                        yield from _named(path, column, value_at(row, column.path), row)

    def linked(self, content: Mapping[str, Any]) -> Iterator[Linked]:
        """Yield the rows of a content that name another record of any type, or something of which there is none."""
        for asked in self._naming:
            for column in asked.columns:
                if column.names == ANY:
                    for number, row in _rows(content, asked):
                        path = f"{asked.path}[{number}].{column.path}"
                        named = next(_named(path, column, value_at(row, column.path), row), None)
                        yield Linked(path, str(value_at(row, "relation")), named.inner if named else None, row)

    @cached_property
    def _naming(self) -> list[Question]:
        return [asked for asked in self.questions if asked.names or any(one.names for one in asked.columns)]

    def asked(self, extent: Extent) -> list[Question]:
        """Return the questions of the short or the full form."""
        return [asked for asked in self.questions if extent == "full" or asked.extent == extent]

    def question(self, path: str) -> Question:
        """Return the question that a path such as `how.results[0]` or `initiative.partners[2].country` lies in.

        Raises `KeyError` for a path that lies in none.
        """
        steps = unnumbered(path).split(".")
        found = self._by_path.get(".".join(steps[:2])) or self._by_path.get(steps[0])
        if found is None:
            raise KeyError(path)
        return found

    def column(self, path: str) -> Column:
        """Return the column that a path such as `initiative.budget[0].period.start` leads to; raise `KeyError`."""
        asked = self.question(path)
        inner = unnumbered(path).removeprefix(asked.path).lstrip(".")
        for found in asked.columns:
            if found.path == inner:
                return found
        raise KeyError(path)

    def completeness(self, content: Mapping[str, Any]) -> Completeness:
        """Count what is answered, in any JSON whatever.

        Counted are printed questions: one that is asked in several fields (when it was: start, end, phases, of which
        start and end may be all that there is) is answered by any of them. Comments and what is about the record itself
        belong to the form and do not count: a good record may have none of them, and they tell nothing of its matter.
        Filling a field never lowers it.
        """
        bits_of, early, all_bits = self._counted
        found = 0
        for section, bits in bits_of.items() if isinstance(content, Mapping) else ():
            answers = content.get(section)
            if isinstance(answers, dict):
                for name, value in answers.items():
                    if (bit := bits.get(name)) and not found & bit and answered(value):
                        found |= bit
        short, full = (found & early).bit_count(), found.bit_count()
        return Completeness(_percent(short, early), _percent(full, all_bits))

    def counted_questions(self, extent: Extent) -> int:
        """Return how many printed questions the short or full form has that count for completeness."""
        _, early, all_bits = self._counted
        return (early if extent == "short" else all_bits).bit_count()

    @cached_property
    def _by_path(self) -> dict[str, Question]:
        return {question.path: question for question in self.questions}

    @cached_property
    def _counted(self) -> tuple[dict[str, dict[str, int]], int, int]:
        """Give each printed question that counts a bit: those by section and field, of the short form, of all."""
        numbered: dict[tuple[str, str], int] = {}
        bits: dict[str, dict[str, int]] = {}
        early = every = 0
        for asked in self.questions:
            if asked.counted:
                bit = numbered.setdefault((asked.section, asked.number), 1 << len(numbered))
                bits.setdefault(asked.section, {})[asked.path.split(".")[1]] = bit
                early |= bit if asked.extent == "short" else 0
                every |= bit
        return bits, early, every

    def _walked(self) -> Iterator[Question]:
        about: list[Question] = []
        for name, field in self.model.model_fields.items():
            part = field_type(field).part if not field_type(field).many else None
            if part is None:
                about.append(self._question(RECORD, name, name, field))
            elif issubclass(part, Section):
                comment = part.model_fields.get("comment")
                for inner, asked in part.model_fields.items():
                    if inner != "comment":
                        yield self._question(name, f"{name}.{inner}", f"{name}.{inner}", asked)
                if comment is not None:
                    yield self._question(name, f"{name}.comment", "comment", comment)
            else:
                about += [
                    self._question(RECORD, f"{name}.{inner}", f"{name}.{inner}", asked)
                    for inner, asked in part.model_fields.items()
                ]
        yield from about

    def _question(self, section: str, path: str, key: str, field: FieldInfo) -> Question:
        more: Any = field.json_schema_extra
        printed: str = more["question"]
        comment = printed == _COMMENTS
        found = described(field)
        early = section in self.short if comment else printed in self.short
        part = field_type(field).part
        return Question(
            path=path,
            section=section,
            number=f"{self.sections[section]} {printed}" if comment else printed,
            also=more.get("also"),
            extent="short" if early or found["required"] else "full",
            counted=not comment
            and section not in (RECORD, *self.uncounted)
            and not printed.startswith(f"{self.record_section}."),
            columns=columns(part) if part else (),
            keys=(key,),
            **found,
        )


def _rows(content: Content, asked: Question) -> Iterator[tuple[int, Content]]:
    value = value_at(content, asked.path) if asked.kind == "rows" else None
    for number, row in enumerate(value if isinstance(value, list) else ()):
        if isinstance(row, Mapping | BaseModel):
            yield number, row


def _named(path: str, asked: Input, value: Any, row: Content) -> Iterator[Named]:
    if isinstance(value, str):
        relation = str(asked.relation or value_at(row, "relation") or path.rpartition(".")[2])
        type, slash, rest = value.partition("/")
        if asked.names != ANY:
            yield Named(path, (asked.names or "", value), None, relation)
        elif slash and rest:
            id, _, inner = rest.partition("#")
            yield Named(path, (type, id), inner or None, relation)


def _percent(found: int, of: int) -> int:
    return found * 100 // count if (count := of.bit_count()) else 100
