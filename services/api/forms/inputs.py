"""What is needed to ask for a value, read from the type of its field: kind, bounds, vocabulary, columns of a row."""

import types
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Le, MaxLen
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from services.api.forms.paths import LONGEST_KEY
from services.api.kit.schema import Language, PartialDate, Text, WebAddress
from services.api.vocabularies.terms import Term

PRIVATE = "private"
"""Marks a field in the JSON Schema that is no part of what is public."""
ANY = "*"
"""Says that a field names a record of any type, as `type/id`, with `#` and a path where a place in it is meant."""


@dataclass(frozen=True)
class Names:
    """Annotates a text that names something elsewhere in the base: the type of it, such as `authority`, or `ANY`."""

    type: str
    relation: str | None = None
    """How the record is related to it (`relations`); by default what the field is called."""


RowKey = Annotated[
    str,
    Text(
        LONGEST_KEY,
        pattern=rf"^[A-Za-z0-9][A-Za-z0-9._-]{{0,{LONGEST_KEY - 1}}}$",
        meaning="a key of letters, digits, '.', '_' and '-', such as '3.1'",
    ),
]
"""What a row is known by wherever it moves; its field is called `key`, optional, and is filled in by itself."""

Kind = Literal[
    "text", "long-text", "date", "url", "language", "yes-no", "code", "integer", "number", "key",
    "texts", "codes", "rows",
]  # fmt: skip
"""What a field holds: a text on one line or on several, a date as precise as it is known, a web address, a language
tag, true or false, one code of a vocabulary, a number, the key of its row, which nobody is asked for; `texts`, `codes`,
`rows` are lists of texts, codes, objects."""


OF = " – "
"""Stands in a label between a part and a value of it: `Sum – Currency`."""


@dataclass(frozen=True, kw_only=True)
class Input:
    """What a form, a workbook or a web page needs to know to ask for a value."""

    path: str
    """Of a question, its place in the content: `how.results`; of a column, its place in the row: `amount.currency`."""
    kind: Kind
    required: bool
    label: str
    help: str
    """Label and help in English; other languages are in the wording."""
    vocabulary: str | None = None
    """Name of the vocabulary whose codes are allowed."""
    names: str | None = None
    """Type of what its text names elsewhere in the base, such as `authority`."""
    relation: str | None = None
    """How the record is related to what is named there, where a relation is declared."""
    free: bool = False
    """Whether it is text in some language: no code, key, address, or name of something elsewhere."""
    most: int = 0
    """How many items a list may have, or characters a text; 0 for anything else."""
    longest: int = 0
    """How many characters a text, or each text of a list, may have; 0 for what is no text."""
    lines: int = 0
    """How many lines a text, or each text of a list, may have; 0 for any number."""
    minimum: float | None = None
    maximum: float | None = None
    default: str | bool | None = None
    """What holds when nothing is answered; none where that is unknown."""
    example: str | None = None
    private: bool = False
    """Whether it is for those alone who may see what is not public."""
    keys: tuple[str, ...] = ()
    """Names of its wording, the outermost part first: `("BudgetSource.amount", "Amount.currency")`."""


@dataclass(frozen=True, kw_only=True)
class Column(Input):
    """A value of a row; parts within it are flattened. `required` means: in every row."""

    required_in: str | None = None
    """The optional part of the row in which it must be filled once anything of that part is, such as `amount`."""


@dataclass(frozen=True)
class FieldType:
    """A field's type without its wrappings: what stands in the field, or in each item of its list."""

    plain: Any
    marks: tuple[Any, ...]
    many: bool
    optional: bool
    """Whether nothing may stand in its place; of a list, in the place of an item."""

    def mark(self, kind: type) -> Any:
        """Return the mark of a kind that annotates the type, none when there is none."""
        return next((mark for mark in self.marks if isinstance(mark, kind)), None)

    @property
    def part(self) -> type[BaseModel] | None:
        """The model of a small object."""
        return self.plain if isinstance(self.plain, type) and issubclass(self.plain, BaseModel) else None

    @property
    def kind(self) -> Kind:
        """What the field holds."""
        if self.part:
            return "rows"
        if self.mark(Term):
            return "codes" if self.many else "code"
        if self.many:
            return "texts"
        text = self.mark(Text)
        if text is None:
            return _NUMBERS[self.plain]
        return _SPECIAL.get(text) or ("text" if _lines(text) == 1 else "long-text")


def field_type(field: FieldInfo) -> FieldType:
    """Unwrap the type of a model's field."""
    return _unwrapped(FieldType(field.annotation, tuple(_flat(field.metadata)), many=False, optional=False))


def _unwrapped(outer: FieldType) -> FieldType:
    origin, inside = get_origin(outer.plain), get_args(outer.plain)
    if origin in (Union, types.UnionType):
        (inner,) = (option for option in inside if option is not type(None))
        return _unwrapped(replace(outer, plain=inner, optional=True))
    if origin is Annotated:
        return _unwrapped(replace(outer, plain=inside[0], marks=(*outer.marks, *_flat(inside[1:]))))
    if origin is list:
        return _unwrapped(FieldType(inside[0], (), many=True, optional=False))
    return outer


def _flat(marks: Iterable[Any]) -> Iterator[Any]:
    for mark in marks:
        if isinstance(mark, FieldInfo):
            yield from mark.metadata
        yield mark


def described(field: FieldInfo) -> dict[str, Any]:
    """Return what a field's type and metadata say of it, by the names of `Input`."""
    found = field_type(field)
    text, term, names = found.mark(Text), found.mark(Term), found.mark(Names)
    items = next((mark.max_length for mark in field.metadata if isinstance(mark, MaxLen)), 0) if found.many else 0
    lowest, highest, model = found.mark(Ge), found.mark(Le), found.mark(FieldInfo)
    default = None if field.is_required() or found.many else field.default
    return {
        "kind": found.kind,
        "required": field.is_required(),
        "label": field.title or "",
        "help": field.description or "",
        "vocabulary": term.vocabulary if term else None,
        "names": names.type if names else None,
        "relation": names.relation if names else None,
        "free": text is not None and not (term or names or (text.pattern and not text.most_lines)),
        "most": items or (text.longest if text else 0),
        "longest": text.longest if text else 0,
        "lines": _lines(text) if text else 0,
        "minimum": float(lowest.ge) if lowest else None,
        "maximum": float(highest.le) if highest else None,
        "default": default,
        "private": is_private(field),
        "example": str(model.examples[0]) if model and model.examples else None,
    }


def is_private(field: FieldInfo) -> bool:
    """Tell whether a field was declared to be no part of what is public."""
    more = field.json_schema_extra
    return isinstance(more, dict) and more.get(PRIVATE) is True


def _lines(text: Text) -> int:
    return text.most_lines or (1 if text.pattern or not text.lines else 0)


def _text_of(annotated: Any) -> Text:
    return next(mark for mark in get_args(annotated) if isinstance(mark, Text))


_SPECIAL: dict[Text, Kind] = {
    _text_of(PartialDate): "date",
    _text_of(WebAddress): "url",
    _text_of(Language): "language",
    _text_of(RowKey): "key",
}
_NUMBERS: dict[Any, Kind] = {bool: "yes-no", int: "integer", float: "number", Decimal: "number"}


def columns(part: type[BaseModel]) -> tuple[Column, ...]:
    """Return the columns of rows of a part, those of parts within it in their place."""
    found: list[Column] = []
    for name, field in part.model_fields.items():
        key = f"{part.__name__}.{name}"
        inner = field_type(field)
        if inner.part is None:
            found.append(Column(path=name, keys=(key,), **described(field)))
            continue
        for column in columns(inner.part):
            outer = name if not field.is_required() else None
            within = f"{name}.{column.required_in}" if column.required_in else outer if column.required else None
            found.append(
                replace(
                    column,
                    path=f"{name}.{column.path}",
                    label=f"{field.title}{OF}{column.label}",
                    keys=(key, *column.keys),
                    required=column.required and field.is_required(),
                    required_in=within,
                    private=column.private or is_private(field),
                )
            )
    return tuple(found)
