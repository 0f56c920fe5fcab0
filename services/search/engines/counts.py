"""Which of a facet's values are told, for every engine alike."""

from collections.abc import Iterable, Mapping

from services.search.engines.base import FacetCounts


def top(counts: Mapping[str, int], selected: Iterable[str], limit: int) -> FacetCounts:
    """Return the first `limit` values by count, then code, and the selected ones wherever they stand."""
    ordered = sorted(counts.items(), key=lambda value: (-value[1], value[0]))
    listed = dict(ordered[:limit]) | {code: counts.get(code, 0) for code in selected}
    values = tuple(sorted(listed.items(), key=lambda value: (-value[1], value[0])))
    return FacetCounts(values, truncated=not counts.keys() <= listed.keys())
