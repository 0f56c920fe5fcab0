"""A request's parameters turned into a question in no engine's language. Pure.

All types that are declared are asked for, and where none is selected those that are not parts of others: so a facet of
types tells what else there is. A record answers `year_from` and `year_to` when the years that it is known to have run
in overlap those asked for; one without any date never does. `currency` is a facet: without amounts it selects, several
as alternatives, what has a total cost in one of them. Beside `budget_from` or `budget_to` it is one alone, in which the
total cost is compared.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from services.search import links
from services.search.engines.base import Query, Range
from services.search.facets import abreast, any_of, facets, visible
from services.search.labels import Labels
from services.search.parameters import DEEPEST_HIT, MIN_SEQ, NO_FACETS, Values, addresses
from services.search.thesaurus import Named, Thesaurus
from services.search.types import TYPES

Pairs = Iterable[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asks: the question, the values that it selects by facet, the reader's language.

    `named` are the concepts of the thesaurus that the question names.
    """

    query: Query
    selected: Mapping[str, tuple[str, ...]]
    language: str | None
    named: tuple[Named, ...] = ()


@dataclass(frozen=True, slots=True)
class FacetAsked:
    """A request for values of one facet: their own text beside the question they are counted under."""

    asked: Asked
    text: str
    limit: int


def records_asked(pairs: Pairs, labels: Labels) -> Asked:
    """Read a request for records; raise `Invalid` that names each wrong parameter, its fault and what is allowed."""
    values = Values(pairs, addresses().records, labels)
    page, per_page = values.get("page"), values.get("per_page")
    if page and per_page and page * per_page > DEEPEST_HIT:
        values.fault(
            "page", f"page times per_page exceeds {DEEPEST_HIT}; narrow the question with filters", value=str(page)
        )
    return _asked(
        values, values.get("q") or "", labels.thesaurus, page=page, per_page=per_page, counted=_counted(values)
    )


def state_asked(pairs: Pairs) -> tuple[str, int] | None:
    """Return the epoch and seq that a request waits for, if any; raise `Invalid` when they cannot be read."""
    values = Values(((name, value) for name, value in pairs if name == MIN_SEQ.name), (MIN_SEQ,), Labels())
    values.check()
    if not (asked := values.get(MIN_SEQ.name)):
        return None
    epoch, _, seq = asked.partition(".")
    return epoch, int(seq)


def facet_asked(pairs: Pairs, labels: Labels) -> FacetAsked:
    """Read a request for the values of a facet; raise `Invalid` as `records_asked` does."""
    values = Values(pairs, addresses().facet_values, labels)
    asked = _asked(values, values.get("query") or "", labels.thesaurus)
    return FacetAsked(asked, values.get("q") or "", values.get("limit"))


def _counted(values: Values) -> tuple[str, ...]:
    """Return the facets to count, in the order of the table: those named, else those of the types that may be found."""
    named = values.get("facets")
    if named and NO_FACETS in named and len(named) > 1:
        values.fault("facets", f"'{NO_FACETS}' stands alone: give it or the names of facets", value=NO_FACETS)
    if named is None:
        named = {
            facet.name for type in values.get("type") or visible() if type in TYPES for facet in TYPES[type].facets
        }
    return tuple(name for name in facets() if name in named)


def _asked(
    values: Values,
    text: str,
    thesaurus: Thesaurus,
    page: int = 1,
    per_page: int = 20,
    counted: tuple[str, ...] = (),
) -> Asked:
    ranges = (*_years(values), *_completeness(values), *_budget(values))
    values.check()
    selected = {name: values.get(name) for name in facets() if values.get(name)}
    named = thesaurus.named_in(text)
    query = Query(
        text=text,
        types=tuple(TYPES),
        abreast=abreast(),
        selected=links.bound({"type": visible(), **selected}, values.get(links.LINKED)),
        any_of=any_of() | links.UNSHOWN,
        ranges=ranges,
        sort=values.get("sort") or "relevance",
        page=page,
        per_page=per_page,
        language=values.get("lang"),
        facets=counted,
        synonyms=tuple(one.synonyms for one in named),
        close_only=values.get("close") == "true",
    )
    return Asked(query, selected, values.get("lang"), tuple(one for one in named if not one.meant))


def _years(values: Values) -> Iterable[Range]:
    low, high = values.get("year_from"), values.get("year_to")
    if low is not None and high is not None and low > high:
        values.fault("year_from", f"later than year_to ({high})", value=str(low))
    if low is not None:
        yield Range("year_to", low=low)
    if high is not None:
        yield Range("year_from", high=high)


def _completeness(values: Values) -> Iterable[Range]:
    if (low := values.get("completeness_from")) is not None:
        yield Range("completeness", low=low)


def _budget(values: Values) -> Iterable[Range]:
    low, high, currencies = values.get("budget_from"), values.get("budget_to"), values.get("currency") or ()
    if low is not None and high is not None and low > high:
        values.fault("budget_from", f"more than budget_to ({high:g})", value=f"{low:g}")
    if low is None and high is None:
        return
    if not currencies:
        values.fault("currency", "missing: amounts compare only within a currency, such as currency=EUR")
    elif len(currencies) > 1:
        values.fault("currency", "more than one: amounts compare only within a currency, give one", value=currencies[1])
    else:
        yield Range(f"budget:{currencies[0]}", low=low or 0, high=high)


def of_types(types: tuple[str, ...] | None) -> Query:
    """Return what finds all records of some types, of those found where none is named by default."""
    return Query(types=tuple(TYPES), abreast=abreast(), selected={"type": types or visible()}, any_of=any_of())
