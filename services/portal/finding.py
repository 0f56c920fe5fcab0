"""A search as its address says it, and what can be changed about it. Pure."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl, urlencode

from services.portal.facets import VALUE_LABELS
from services.portal.types import RecordType, default
from services.portal.upstream import Json

Pair = tuple[str, str]

OWN = frozenset(("lang", "view", "suggest"))
"""Parameters of pages, which the search service does not know."""
_TRACKING = re.compile(r"utm_\w+|fbclid|gclid|msclkid|mc_[ce]id|igshid|_hs(enc|mi)")
"""Parameters that mail programs and social networks add to links."""
PLACES = ("q", "page", "sort", "per_page")
"""Parameters of a search that filter nothing."""
WHOLE = ("close", "false")
"""A filter that filters nothing."""
PER_PAGE = 10
DEEPEST = 10_000


def pairs(query: str) -> list[Pair]:
    """Return the pairs of a query string; what is no UTF-8 is marked as such, as in an address."""
    return parse_qsl(query, keep_blank_values=True)


@dataclass(frozen=True)
class Search:
    """The parameters of a search, in their order; empty ones and what filters nothing are none."""

    pairs: tuple[Pair, ...]
    type: RecordType = field(default_factory=default)
    """What is looked for."""

    @classmethod
    def of(cls, pairs: Iterable[Pair], type: RecordType | None = None) -> "Search":
        """Read a query string's pairs, of a search for records of a type."""
        return cls(
            tuple(
                (name, value.strip())
                for name, value in pairs
                if name not in OWN and not _TRACKING.fullmatch(name) and value.strip() and (name, value) != WHOLE
            ),
            type or default(),
        )

    def get(self, name: str, default: str = "") -> str:
        """Return a parameter's first value."""
        return next((value for known, value in self.pairs if known == name), default)

    def all(self, name: str) -> list[str]:
        """Return a parameter's values."""
        return [value for known, value in self.pairs if known == name]

    @property
    def filters(self) -> list[Pair]:
        """What narrows the search beside words."""
        return [(name, value) for name, value in self.pairs if name not in PLACES]

    @property
    def facets(self) -> list[str]:
        """The facets that narrow the search."""
        return sorted({name for name, _ in self.pairs if name in self.type.groups})

    @property
    def page(self) -> int:
        """The page asked for, from 1."""
        asked = self.get("page", "1")
        return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 1

    def asked(self, **more: str | int) -> list[tuple[str, str | int]]:
        """Return what to ask the search service for: a page of hits unless `more` says otherwise."""
        more = {"type": self.type.name, **more}
        return [pair for pair in self.pairs if pair[0] not in more] + list(more.items())

    def without(self, *names: str) -> "Search":
        """Return the search without some parameters, from its first page."""
        return self._with(tuple(pair for pair in self.pairs if pair[0] not in (*names, "page")))

    def without_value(self, name: str, value: str) -> "Search":
        """Return the search without one filter, from its first page."""
        return self._with(tuple(pair for pair in self.pairs if pair != (name, value) and pair[0] != "page"))

    def with_(self, name: str, value: str | int) -> "Search":
        """Return the search with a parameter set; from its first page, unless it is the page that is set."""
        kept = self.without(name) if name != "page" else self._with(tuple(p for p in self.pairs if p[0] != "page"))
        return self._with((*kept.pairs, (name, str(value))))

    def also(self, name: str, value: str) -> "Search":
        """Return the search with one more filter."""
        return self._with((*self.without().pairs, (name, value)))

    def counted(self, *names: str) -> list[tuple[str, str | int]]:
        """Return what to ask the search service for when nothing but counts is wanted: of the facets named, or none."""
        kept: list[tuple[str, str | int]] = [pair for pair in self.pairs if pair[0] not in (*PLACES[1:], "type")]
        return [*kept, ("type", self.type.name), ("per_page", 1), *(("facets", name) for name in names or ("none",))]

    def values(self, limit: int, text: str = "") -> list[tuple[str, str | int]]:
        """Return what to ask the search service for when all values of one facet are wanted, or those with a text."""
        kept: list[tuple[str, str | int]] = [pair for pair in self.pairs if pair[0] not in (*PLACES, "type")]
        more: list[tuple[str, str | int]] = [("query", self.get("q")), ("q", text)]
        return [*kept, ("type", self.type.name), ("limit", limit), *(pair for pair in more if pair[1])]

    def values_address(self, facet: str) -> str:
        """Return the address of all values of a facet under this search; there, `q` are words of the values."""
        pairs = [("query" if name == "q" else name, value) for name, value in self.without("sort").pairs]
        return f"{self.type.facets}/{facet}" + (f"?{urlencode(pairs)}" if pairs else "")

    def told(self, facets: Mapping[str, Json]) -> "Search":
        """Return the search with the values that are picked written as the facets of an answer tell them.

        A keyword may be written in many ways, an authority be named by its id: as told, links can take them out again.
        """
        pairs = list(self.pairs)
        for name, facet in facets.items():
            picked = [value["value"] for value in facet["values"] if value["selected"]]
            if len(picked) == len({*self.all(name)}):  # else some are not among the values told
                at = next((place for place, (known, _) in enumerate(pairs) if known == name), 0)
                kept = [pair for pair in pairs if pair[0] != name]
                pairs = [*kept[:at], *((name, value) for value in picked), *kept[at:]]
        return self._with(tuple(pairs))

    def _with(self, pairs: tuple[Pair, ...]) -> "Search":
        return replace(self, pairs=pairs)

    @property
    def query(self) -> str:
        """The query string."""
        return urlencode(self.pairs)

    def address(self, path: str = "", **more: str) -> str:
        """Return the address of a page that shows it, its list unless a path is given."""
        query = urlencode([*self.pairs, *more.items()])
        return (path or self.type.path) + (f"?{query}" if query else "")


def pages(page: int, total: int, per_page: int = PER_PAGE) -> Sequence[int | None]:
    """Return the numbers of pages to lead to, none for a gap: the first, the last, those around the present."""
    last = max(1, -(-min(total, DEEPEST) // per_page))
    near = sorted({1, last, *range(max(1, page - 1), min(last, page + 1) + 1)})
    found: list[int | None] = []
    for number in near:
        if found and found[-1] is not None and number - found[-1] > 1:
            found.append(None)
        found.append(number)
    return found


def labels(answer: Json, translate: Callable[[str], str]) -> dict[Pair, str]:
    """Return the labels of all values that an answer's facets tell, and of filters that are none, by both names."""
    told = {
        (name, value["value"]): value["label"] for name, facet in answer["facets"].items() for value in facet["values"]
    }
    return {pair: translate(label) for pair, label in VALUE_LABELS.items()} | told


def related_from(answer: Json, search: Search) -> int | None:
    """Return the place on its page, from 0, of the first hit that is not close; none where the page has it not.

    Close hits come first by relevance alone.
    """
    place: int = answer["close"] - (answer["page"] - 1) * answer["per_page"]
    parted = search.get("sort", "relevance") == "relevance" and answer["close"] < answer["total"]
    return place if parted and 0 <= place < len(answer["hits"]) else None


_WORD = re.compile(r'-?"[^"]*"|\S+')


def words(q: str) -> list[str]:
    """Return the words of a question, the first eight; what is in quotes is one."""
    return _WORD.findall(q)[:8]
