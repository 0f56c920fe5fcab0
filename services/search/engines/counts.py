"""Which of a facet's values are told, and which two records share, for every engine alike."""

from collections.abc import Iterable, Mapping

from services.search.engines.base import FacetCounts


def top(counts: Mapping[str, int], selected: Iterable[str], limit: int) -> FacetCounts:
    """Return the first `limit` values by count, then code, and the selected ones wherever they stand."""
    ordered = sorted(counts.items(), key=lambda value: (-value[1], value[0]))
    listed = dict(ordered[:limit]) | {code: counts.get(code, 0) for code in selected}
    values = tuple(sorted(listed.items(), key=lambda value: (-value[1], value[0])))
    return FacetCounts(values, truncated=not counts.keys() <= listed.keys())


def shared(asked: Mapping[str, Iterable[str]], other: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
    """Return by facet the codes of the record asked about, in its order, that another has too; no facet without any."""
    common = {}
    for facet in asked.keys() & other.keys():
        theirs = frozenset(other[facet])
        if codes := tuple(code for code in dict.fromkeys(asked[facet]) if code in theirs):
            common[facet] = codes
    return common
