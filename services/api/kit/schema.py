"""Building blocks of every body the api takes: strict models, bounded texts, dates of known precision, languages."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Annotated, Any

import pycountry
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainSerializer,
    WithJsonSchema,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from services.api.kit.slugs import reads_as_id

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
_LINE_END = re.compile(r"[\t\n\r\u2028\u2029]")
_DATE = r"^[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?$"
_TAG = r"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$"
_ADDRESS = r'^https?://[^\s<>"]+$'
_SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"


class Schema(BaseModel):
    """A body or a part of one: unknown fields are refused, values never coerced in silence."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def control_character(text: str) -> str | None:
    """Return the first character of a text that cannot be shown everywhere, as `U+0000`; tab and line ends can."""
    found = _CONTROL.search(text)
    return f"U+{ord(found[0]):04X}" if found else None


def _printable(text: str) -> str:
    if code := control_character(text):
        raise PydanticCustomError(
            "control_character",
            "Text must not contain the control character {code}; tab and line ends are allowed",
            {"code": code},
        )
    return text


@dataclass(frozen=True)
class Text:
    """Annotates a text that can be stored and shown anywhere: trimmed, not empty, printable, of bounded length.

    A `pattern` is kept by whoever sends what its `meaning` says, with an example.
    """

    longest: int
    lines: bool = True
    pattern: str | None = None
    meaning: str = ""
    most_lines: int = 0
    """How many lines its pattern allows, 0 where it says nothing of them."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        text = core_schema.str_schema(strip_whitespace=True, min_length=1, max_length=self.longest)
        return core_schema.no_info_after_validator_function(self._checked, text)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return handler(schema) | ({"pattern": self.pattern} if self.pattern else {})

    def _checked(self, text: str) -> str:
        if self.pattern and not re.search(self.pattern, text):
            raise PydanticCustomError("pattern", "Input should be {meaning}", {"meaning": self.meaning})
        if not self.lines and _LINE_END.search(text):
            raise PydanticCustomError("line_end", "A name must stand on one line")
        return _printable(text)


Name = Annotated[str, Text(300, lines=False)]
"""A name or a title on one line, up to 300 characters."""
Line = Annotated[str, Text(2_000)]
"""One point of a list, up to 2 000 characters."""
LongText = Annotated[str, Text(20_000)]
"""Running text, up to 20 000 characters."""


def first_day(value: str) -> date:
    """Return the first day that a date of any precision may mean: `2008` is 1 January 2008."""
    year, month, day = (int(part) for part in (value.split("-") + ["1", "1"])[:3])
    return date(year, month, day)


def last_day(value: str) -> date:
    """Return the last day that a date of any precision may mean: `2008-02` is 29 February 2008."""
    parts = [int(part) for part in value.split("-")]
    if len(parts) == 3:
        return date(*parts)
    following = date(parts[0] + 1, 1, 1) if len(parts) == 1 or parts[1] == 12 else date(parts[0], parts[1] + 1, 1)
    return date.fromordinal(following.toordinal() - 1)


def _real_date(value: str) -> str:
    try:
        if not 1800 <= first_day(value).year <= 9998:
            raise ValueError
    except ValueError:
        raise PydanticCustomError(
            "partial_date", "'{value}' is not a date of the calendar from 1800 to 9998", {"value": value}
        ) from None
    return value


PartialDate = Annotated[
    str,
    Text(
        10,
        pattern=_DATE,
        meaning="a date as text, as precise as it is known, such as '2008', '2008-06' or '2008-06-11'",
    ),
    AfterValidator(_real_date),
    Field(examples=["2008", "2008-06", "2008-06-11"]),
]
"""A date as precise as it is known: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`."""


@cache
def language_codes() -> frozenset[str]:
    """Return the ISO 639 codes that may start a language tag: two letters where they exist, else three."""
    return frozenset(getattr(entry, "alpha_2", entry.alpha_3) for entry in pycountry.languages)


def _known_language(tag: str) -> str:
    if tag.split("-")[0] not in language_codes():
        raise PydanticCustomError(
            "language", "'{tag}' is not a BCP 47 language tag, such as 'en', 'es', 'sq' or 'pt-BR'", {"tag": tag}
        )
    return tag


Language = Annotated[
    str,
    Text(12, pattern=_TAG, meaning="a BCP 47 language tag, such as 'en', 'es', 'sq' or 'pt-BR'"),
    AfterValidator(_known_language),
    Field(examples=["en", "pt-BR"]),
]
"""A BCP 47 language tag: language, then script and region where they matter."""


def _not_text(value: Any) -> Any:
    if isinstance(value, str):
        raise PydanticCustomError("number", "Input should be a number")
    return value


Money = Annotated[
    Decimal,
    Field(ge=0, max_digits=15, decimal_places=2, strict=False),
    BeforeValidator(_not_text),
    WithJsonSchema({"type": "number", "minimum": 0}),
    PlainSerializer(lambda amount: int(amount) if amount == int(amount) else float(amount), when_used="json"),
]
"""An amount in units of its currency, to two decimals: fifteen digits survive a JSON number."""

WebAddress = Annotated[
    str,
    Text(500, pattern=_ADDRESS, meaning="a web address that begins with http:// or https://"),
    Field(examples=["https://example.org"]),
]
"""An http or https address."""

Slug = Annotated[
    str, Text(120, pattern=_SLUG, meaning="lower-case ASCII letters, digits and single hyphens, such as 'cartaya'")
]
"""A name fit for an address: lower-case ASCII letters, digits and single hyphens."""


def _no_id(slug: str) -> str:
    if reads_as_id(slug):
        raise PydanticCustomError("slug_is_id", "A slug must not read as an id: 32 hexadecimal digits")
    return slug


NewSlug = Annotated[Slug, AfterValidator(_no_id)]
"""A slug to be given."""
