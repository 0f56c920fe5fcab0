"""The parameters of every search address: one description each, by which values are read and OpenAPI is written.

Pure. A parameter's `schema` uses the few words of JSON Schema that `_read` knows: type, enum, pattern, minimum,
maximum, minLength, maxLength, default.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from services.search import links
from services.search.declaring import Facet
from services.search.facets import facets
from services.search.labels import Labels
from services.search.naming import LANGUAGE, TAG, is_language
from services.web.problems import Fault, Invalid

MOST_VALUES = 50
"""Values of one facet in one request."""

MOST_ALLOWED = 400
"""Allowed values that a fault still lists."""

NO_FACETS = "none"
"""What stands for no facet where facets are named."""

MOST_LISTED = 500
"""Values of one facet in one answer: more than there are countries and regions."""

DEEPEST_HIT = 10_000
"""Hits that can be paged through."""

_PRINTABLE = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"
_CODES = {
    "lang": LANGUAGE,
    "linked": "a record as its type and its id or slug, such as 'practice/temporary-workers'",
}
"""What the values of parameters are that are no facet's."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a query string.

    `facet` names the facet whose values it takes. It may be repeated then, and with `repeated`.
    """

    name: str
    description: str
    schema: Mapping[str, Any]
    facet: str | None = None
    required: bool = False
    example: str | None = None
    repeated: bool = False

    @property
    def several(self) -> bool:
        """Tell whether it may be given several times."""
        return self.repeated or self.facet is not None


def _of_facet(facet: Facet) -> Parameter:
    schema: dict[str, Any] = {"type": "string", "maxLength": 150}
    if fixed := facet.naming.fixed:
        schema["enum"] = list(fixed)
    elif facet.pattern:
        schema["pattern"] = facet.pattern
    description = facet.description
    if facet.vocabularies:
        description += f" (vocabulary: {' or '.join(facet.vocabularies)})"
    return Parameter(facet.name, description, schema, facet=facet.name, example=facet.example or None)


_WORDS = {"type": "string", "maxLength": 1_000, "pattern": _PRINTABLE}
_YEAR = {"type": "integer", "minimum": 1800, "maximum": 9999}
_AMOUNT = {"type": "number", "minimum": 0, "maximum": 1e15}

Q = Parameter(
    "q",
    'Words to find, a whole question if you like; `"a phrase"` in quotes, `-without` a word, `begin*` of longer ones',
    _WORDS,
    example="seasonal workers",
)
LANG = Parameter(
    "lang",
    "Language to show titles, summaries and labels in, as far as they exist (BCP 47); the original else",
    {"type": "string", "pattern": TAG, "maxLength": 12},
    example="es",
)
MIN_SEQ = Parameter(
    "min_seq",
    "Answer only when all up to this Praxis-Seq (EPOCH.SEQ) of the api is applied; waits for 2 seconds at most",
    {"type": "string", "pattern": r"^[A-Za-z0-9_-]{1,64}\.[0-9]{1,15}$"},
)
_OTHER_FILTERS = (
    Parameter(
        links.LINKED,
        "Records that link to this one, or that it links to: `type/id` or `type/slug`; of an authority, those that "
        "name it. Beside it, `relation` selects by the relation to that record, and `facets=relation` counts by it",
        {"type": "string", "pattern": links.PATTERN, "maxLength": 250},
        example="authority/cartaya",
    ),
    Parameter("year_from", "Ran in this year or later, as far as is known", _YEAR),
    Parameter("year_to", "Ran in this year or earlier", _YEAR),
    Parameter(
        "completeness_from",
        "At least this percentage of the full form's questions answered",
        {"type": "integer", "minimum": 0, "maximum": 100},
    ),
    Parameter("budget_from", "Total cost of at least this; needs one `currency`", _AMOUNT),
    Parameter("budget_to", "Total cost of at most this; needs one `currency`", _AMOUNT),
    Parameter(
        "close",
        "`true`: leave out, and do not count, what only is related to a longer question",
        {"type": "string", "enum": ["true", "false"], "default": "false"},
    ),
)
_PAGING = (
    Parameter(
        "sort",
        "Order of the hits; by relevance, authorities come after all others; completeness is the most complete first",
        {"type": "string", "enum": ["relevance", "newest", "title", "start", "completeness"], "default": "relevance"},
    ),
    Parameter(
        "page",
        f"Page, from 1; `page` times `per_page` is at most {DEEPEST_HIT}",
        {"type": "integer", "minimum": 1, "maximum": DEEPEST_HIT, "default": 1},
    ),
    Parameter("per_page", "Hits on a page", {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}),
)


def _limit(most: int, default: int) -> Parameter:
    return Parameter("limit", "Answers at most", {"type": "integer", "minimum": 1, "maximum": most, "default": default})


_VALUES_HELD = (
    replace(Q, description="Words that a value's label or code holds, the last letters perhaps missing", example="mor"),
    replace(Q, name="query", description="Words that the counted records hold: what `q` is to the list of records"),
)
_TYPED = replace(
    Q,
    description="What was typed so far",
    required=True,
    schema={**_WORDS, "minLength": 1, "maxLength": 200},
    example="sene",
)
SIMILAR = (_limit(20, 5), LANG)


@dataclass(frozen=True, slots=True)
class Addresses:
    """The parameters of each address, given the facets that there are."""

    records: tuple[Parameter, ...]
    facet_values: tuple[Parameter, ...]
    suggest: tuple[Parameter, ...]


def addresses() -> Addresses:
    """Return the parameters of each address, for the types that are declared now."""
    return _addresses(tuple(facets().values()))


@cache
def _addresses(known: tuple[Facet, ...]) -> Addresses:
    of_facets = {facet.name: _of_facet(facet) for facet in known}
    filters = (*of_facets.values(), *_OTHER_FILTERS)
    counted = Parameter(
        "facets",
        f"Facets to count, all when not given; `{NO_FACETS}` alone counts none, which is quicker",
        {"type": "string", "enum": [*of_facets, NO_FACETS]},
        repeated=True,
        example="country",
    )
    return Addresses(
        records=(Q, *filters, *_PAGING, counted, LANG, MIN_SEQ),
        facet_values=(*_VALUES_HELD, *filters, _limit(MOST_LISTED, 20), LANG, MIN_SEQ),
        suggest=(_TYPED, of_facets["type"], _limit(20, 10), LANG),
    )


class Values:
    """The values of a request, each read by its parameter; what is wrong gathers in `faults`."""

    def __init__(self, pairs: Iterable[tuple[str, str]], parameters: Sequence[Parameter], labels: Labels) -> None:
        self.faults: list[Fault] = []
        pairs = tuple(pairs)
        self.given = frozenset(name for name, _ in pairs)
        self._read: dict[str, Any] = {p.name: p.schema["default"] for p in parameters if "default" in p.schema}
        given: dict[str, list[str]] = {}
        for name, value in pairs:
            given.setdefault(name, []).append(value)
        known = {parameter.name: parameter for parameter in parameters}
        for name, values in given.items():
            if parameter := known.get(name):
                self._take(parameter, values, labels)
            else:
                self.fault(name, "unknown: there is no such parameter", allowed=sorted(known))
        for parameter in parameters:
            if parameter.required and parameter.name not in given:
                self.fault(parameter.name, "missing")

    def get(self, name: str) -> Any:
        """Return a parameter's value, None when it was not given and has no default; a tuple if it may be repeated."""
        return self._read.get(name)

    def fault(self, name: str, message: str, value: str | None = None, allowed: Sequence[str] | None = None) -> None:
        """Note what is wrong with a parameter."""
        listed = list(allowed) if allowed is not None and len(allowed) <= MOST_ALLOWED else None
        shown = None if value is None else value[:100].replace("\x00", "\\0")
        self.faults.append(Fault(location="query", field=name[:100], message=message, value=shown, allowed=listed))

    def check(self) -> None:
        """Raise `Invalid` when anything is wrong."""
        if self.faults:
            raise Invalid(self.faults)

    def _take(self, parameter: Parameter, values: list[str], labels: Labels) -> None:
        if not parameter.several and len(values) > 1:
            self.fault(parameter.name, "given more than once", value=values[1])
            return
        if len(values) > MOST_VALUES:
            self.fault(parameter.name, f"more than {MOST_VALUES} values")
            return
        read = [self._one(parameter, value, labels) for value in dict.fromkeys(values)]
        self._read[parameter.name] = tuple(dict.fromkeys(read)) if parameter.several else read[0]

    def _one(self, parameter: Parameter, value: str, labels: Labels) -> Any:
        if parameter.facet:
            value = labels.canonical(parameter.facet, value)
            codes = labels.codes(parameter.facet)
            if codes is not None:
                if not labels.has(parameter.facet, value):
                    self.fault(parameter.name, "not one of the allowed values", value, codes)
                return value
        try:
            read = _read(parameter, value)
            _known(parameter, value)
        except ValueError as error:
            self.fault(parameter.name, str(error), value, parameter.schema.get("enum"))
            return None
        return read


def _read(parameter: Parameter, value: str) -> Any:
    schema = parameter.schema
    if schema["type"] in ("integer", "number"):
        return _number(schema, value)
    if "enum" in schema and value not in schema["enum"]:
        raise ValueError("not one of the allowed values")
    if len(value) > schema.get("maxLength", len(value)):
        raise ValueError(f"longer than {schema['maxLength']} characters")
    if len(value) < schema.get("minLength", 0):
        raise ValueError("empty")
    if "pattern" in schema and not re.fullmatch(schema["pattern"], value):
        if schema["pattern"] == _PRINTABLE:
            raise ValueError("holds a control character; tab and line feed are allowed")
        if meaning := _meaning(parameter):
            raise ValueError(f"not {meaning}")
        raise ValueError(f"not of the form {schema['pattern']}")
    return value


def _number(schema: Mapping[str, Any], value: str) -> int | float:
    whole = schema["type"] == "integer"
    allowed = f"{'a whole number' if whole else 'a number'} from {schema['minimum']:g} to {schema['maximum']:g}"
    if not re.fullmatch(r"[0-9]{1,16}" if whole else r"[0-9]{1,16}(\.[0-9]{1,6})?", value, re.ASCII):
        raise ValueError(f"not {allowed}")
    number = int(value) if whole else float(value)
    if not schema["minimum"] <= number <= schema["maximum"]:
        raise ValueError(f"not {allowed}")
    return number


def _meaning(parameter: Parameter) -> str | None:
    """Return what the values of a parameter are, where its pattern would tell nobody."""
    return facets()[parameter.facet].naming.meaning if parameter.facet else _CODES.get(parameter.name)


def _known(parameter: Parameter, value: str) -> None:
    if parameter.facet:
        facets()[parameter.facet].naming.check(value)
    elif parameter.name == "lang" and not is_language(value):
        raise ValueError(f"not {_CODES[parameter.name]}")


def openapi(parameters: Sequence[Parameter]) -> list[dict[str, Any]]:
    """Return the parameters as OpenAPI writes them; `x-facet` names the facet whose values one takes."""
    return [_described(parameter) for parameter in parameters]


def _described(parameter: Parameter) -> dict[str, Any]:
    schema = dict(parameter.schema)
    if parameter.facet and facets()[parameter.facet].vocabularies:
        schema["x-facet"] = parameter.facet
    if parameter.several:
        schema = {"type": "array", "items": schema, "maxItems": MOST_VALUES}
    described = {
        "name": parameter.name,
        "in": "query",
        "required": parameter.required,
        "description": parameter.description,
        "schema": schema,
    }
    if parameter.example is not None:
        described["example"] = [parameter.example] if parameter.several else parameter.example
    return described


def with_values(schema: Any, labels: Labels) -> Any:
    """Return an OpenAPI document in which every facet's parameter lists the values that the index knows."""
    if isinstance(schema, list):
        return [with_values(held, labels) for held in schema]
    if not isinstance(schema, dict):
        return schema
    whole = {key: with_values(held, labels) for key, held in schema.items()}
    if codes := labels.codes(str(whole["x-facet"])) if "x-facet" in whole else None:
        whole["enum"] = list(codes)
    return whole
