"""Which records are linked with which: indexed at both ends, and asked for by `linked`.

Beside the facets that readers see, a record has codes under three names of no facet: `linked`, the ends of its links;
`related`, the same with their relations; `itself`, by which it can be named as well as by its id.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

from services.search.codes import Record, ends
from services.search.engines.base import Answer, Engine, FacetCounts, Query

LINKED, RELATED, ITSELF = "linked", "related", "itself"
UNSHOWN = frozenset((RELATED, ITSELF))
"""Those of them whose codes are alternatives."""

RELATION = "relation"
"""The facet of relations."""

PATTERN = "^[a-z][a-z0-9-]{0,39}/[A-Za-z0-9][A-Za-z0-9._#-]{0,199}$"

_ID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(#.*)?")
_MOST = 10_000
"""Links of the records found, with whatever records, among which those with one are counted."""

_ATTEMPTS = 3
"""Times that an answer is asked for again when the index moves while its relations are counted."""


def codes(record: Record) -> dict[str, tuple[str, ...]]:
    """Return the codes under which a record's links are found; none for what it has none of."""
    found = dict.fromkeys(ends(record))
    named = record.get("slug")
    return {
        LINKED: tuple(dict.fromkeys(end for end, _ in found)),
        RELATED: tuple(f"{end}#{relation}" for end, relation in found if relation),
        ITSELF: (f"{record['type']}/{named}",) if named else (),
    }


def counted(linked: Mapping[str, tuple[str, ...]]) -> Mapping[str, int]:
    """Return how many links a record with these codes has, by relation."""
    related = linked[RELATED]
    return Counter(code.rpartition("#")[2] for code in related) if related else {}


def bound(selected: Mapping[str, tuple[str, ...]], linked: str | None) -> Mapping[str, tuple[str, ...]]:
    """Return a selection narrowed to what is linked with a record; its relations are then those to that record."""
    if linked is None:
        return selected
    kept = {facet: chosen for facet, chosen in selected.items() if facet != RELATION}
    related = tuple(f"{linked}#{relation}" for relation in selected.get(RELATION, ()))
    return {**kept, LINKED: (linked,), **({RELATED: related} if related else {})}


def search(engine: Engine, query: Query) -> Answer:
    """Answer a query; where it asks for what is linked with a record, relations are counted to that record alone."""
    query = _settled(engine, query)
    answer = engine.search(query)
    if LINKED not in query.selected or RELATION not in query.facets:
        return answer
    for _ in range(_ATTEMPTS):
        counts = _relations(engine, query, None, query.values_per_facet)
        if engine.generation() == answer.generation:
            break
        answer = engine.search(query)
    return replace(answer, facets={**answer.facets, RELATION: counts})


def facet_values(engine: Engine, query: Query, facet: str, codes: Iterable[str] | None, limit: int) -> FacetCounts:
    """Count one facet's values under a query, among `codes` when given, as `search` counts them."""
    query = _settled(engine, query)
    if facet == RELATION and LINKED in query.selected:
        return _relations(engine, query, codes, limit)
    return engine.facet_values(query, facet, codes, limit)


def _settled(engine: Engine, query: Query) -> Query:
    """Return a query in which the record whose links are asked for is named as links name it: by its id."""
    if LINKED not in query.selected:
        return query
    (named,) = query.selected[LINKED]
    type, _, name = named.partition("/")
    # Authorities are linked by slug and id alike.
    if _ID.fullmatch(name) or type == "authority":
        return query
    asked = Query(types=(type,), selected={ITSELF: (named,)}, any_of=frozenset((ITSELF,)), per_page=1)
    known = next((f"{type}/{hit.stored['id']}" for hit in engine.search(asked).hits), None)
    return replace(
        query, selected={facet: _renamed(facet, chosen, named, known) for facet, chosen in query.selected.items()}
    )


def _renamed(facet: str, chosen: tuple[str, ...], named: str, known: str | None) -> tuple[str, ...]:
    if known is None or facet not in (LINKED, RELATED):
        return chosen
    return tuple(known + code.removeprefix(named) for code in chosen)


def _relations(engine: Engine, query: Query, codes: Iterable[str] | None, limit: int) -> FacetCounts:
    beginning = f"{query.selected[LINKED][0]}#"
    counts = engine.facet_values(query, RELATED, None, _MOST).values
    found = {code.removeprefix(beginning): count for code, count in counts if code.startswith(beginning)}
    among = found if codes is None else set(codes)
    listed = [(relation, count) for relation, count in found.items() if relation in among]
    return FacetCounts(tuple(listed[:limit]), truncated=len(listed) > limit)
