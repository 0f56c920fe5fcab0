"""What every search engine takes and gives: all that the rest of the service knows of one.

A `Document` is one public record made searchable, a `Query` is a question in no engine's language, an
`Answer` is what comes back. Engines differ in how they rank; totals and facet counts of a query without text
are equal.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

Part = Literal["title", "summary", "key", "body", "name"]
"""Weight class of a text, heaviest first; `key` holds objectives and success factors, `name` what codes are called."""

Sort = Literal["relevance", "newest", "title", "start", "completeness"]


@dataclass(frozen=True, slots=True)
class Text:
    """One searchable text: its weight class, its language (a BCP 47 tag) and the words themselves.

    `place` tells where it stands in the record: a section and field of the form, such as `why.obstacles`. A `name` has
    a line for each code and a place for each line, on a line of its own: the facet whose code is called so.
    """

    part: Part
    language: str
    value: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """One public record, ready to index.

    `id` is unique in its type. `facets` maps a facet's name to the record's codes; `numbers` maps a range field
    (`year_from`, `year_to`, `budget:EUR`, ...) to its value; `published` is seconds since the epoch, `start` the day
    the practice began as yyyymmdd with zeros for what is unknown (none: no date is known); `sort_titles` holds the
    title by language tag, under "" the one for readers of any other language; `hit` is the JSON object shown for a hit,
    highlights excepted, and carries title and summary by language under `titles` and `summaries`, and the language it
    was written in under `language`. `slug` names the document as its id does, for `similar`. `completeness` is a
    percentage to order by (none: it is not known). By relevance, records of a lower `group` come first, and those of a
    lower `rank` where words do not tell. One that stands `aside` is found where a query asks for its type, but chooses
    no reading of a question and is like no other.
    """

    id: str
    type: str
    seq: int
    texts: tuple[Text, ...]
    facets: Mapping[str, tuple[str, ...]]
    numbers: Mapping[str, float]
    published: int
    start: int | None
    sort_titles: Mapping[str, str]
    hit: bytes
    slug: str | None = None
    completeness: int | None = None
    rank: int = 0
    group: int = 0
    aside: bool = False
    stands_for: str | None = None
    """The type of the record that this stands in for, when it is not the record itself."""

    @property
    def key(self) -> str:
        """Name the record among those of all types."""
        return key_of(self.stands_for or self.type, self.id)


def key_of(type: str, id: str) -> str:
    """Name a record among those of all types; a type has no `/` in it."""
    return f"{type}/{id}"


def type_and_id(key: str) -> tuple[str, str]:
    """Return the type and the id that a key names."""
    type, _, id = key.partition("/")
    return type, id


@dataclass(frozen=True, slots=True)
class Range:
    """Documents whose number in `field` lies between `low` and `high`, both included, either open."""

    field: str
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Synonyms:
    """Other words for what a question names: a record that holds one of them holds what was asked.

    `asked` are words of the question as `words.words` gives them, `others` each a base language and the words as they
    are written in it. `akin`, words for what is akin to it, the nearest kin first, stand in where no record holds any
    of these. `meant` is what was asked as it is spelt, where it is misspelt: then it counts only for words that no
    record holds.
    """

    asked: tuple[str, ...]
    others: tuple[tuple[str, str], ...]
    akin: tuple[tuple[tuple[str, str], ...], ...] = ()
    meant: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Query:
    """A question: words, filters, order, page and the facets to count.

    `types` are those of the records looked for, of whatever type when none is given; sorted by relevance, all found of
    one come before those of the next, but those `abreast` stand together (documents have their place in this order as
    `group`, and as `rank` that among those abreast where there are no words). `selected` maps a facet's
    name to the codes asked for; `any_of` names the facets whose codes are alternatives (their own counts ignore their
    own selection), the others require every code. `language` is the reader's, for highlights and sorting by title.
    `page` and `per_page` count from 1. `titles_only` looks for the words in titles alone, for completions. `synonyms`
    are looked for besides the words. `close_only` leaves out what answers little of a longer question.
    """

    text: str = ""
    types: tuple[str, ...] = ()
    selected: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    any_of: frozenset[str] = frozenset()
    ranges: tuple[Range, ...] = ()
    sort: Sort = "relevance"
    page: int = 1
    per_page: int = 20
    language: str | None = None
    facets: tuple[str, ...] = ()
    values_per_facet: int = 20
    titles_only: bool = False
    synonyms: tuple[Synonyms, ...] = ()
    close_only: bool = False
    abreast: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Hit:
    """A document found: what its `hit` says, and HTML-escaped highlights.

    `highlights` holds `title`, `summary` and `text` (the sentence elsewhere in the record that answers best; beside it
    its language as `text_language` and the `place` of its text as `text_place`), each only when a word was found there,
    that word between `<mark>` and `</mark>`.
    `shared`, for `similar` alone, holds by facet the codes that it has in common with the record asked about, in that
    record's order; no facet without any.
    """

    id: str
    stored: Mapping[str, Any]
    highlights: Mapping[str, str]
    score: float
    shared: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FacetCounts:
    """Counts of one facet, by count then code, selected codes always among them; `truncated`: more exist."""

    values: tuple[tuple[str, int], ...]
    truncated: bool


@dataclass(frozen=True, slots=True)
class Generation:
    """Names one state of an index: equal generations answer every query alike.

    `vectors` counts how often vectors of records were published, where there are any.
    """

    epoch: str
    seq: int
    index: str
    commit: int
    vectors: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """What an engine found: exact total, one page of hits, exact counts, whether the words were relaxed.

    The words alone choose the records found; total, pages and counts are of these, and what ranks only orders them.
    `close` is the number of those among them that answer most of the question: by relevance they come first. `meant`
    maps words of the question that no record holds to the nearest one that records hold, which was looked for instead.
    `generation` is the one state that all of it was taken from.
    """

    total: int
    close: int
    hits: tuple[Hit, ...]
    facets: Mapping[str, FacetCounts]
    relaxed: bool
    meant: Mapping[str, str]
    generation: Generation


class EngineUnavailable(Exception):
    """The engine cannot answer or write now (its server is down, its directory in use); later it may."""


class Engine(Protocol):
    """A search engine.

    Every method blocks and may be called from any thread; one follower alone calls the writers.
    """

    name: str

    @property
    def trouble(self) -> str | None:
        """Tell why it cannot answer now, none when it can; without input or output."""

    @property
    def lack(self) -> str | None:
        """Tell what it does not find yet that it should, none when nothing is missing; without input or output."""

    def generation(self) -> Generation:
        """Return the state that a query started now would see, without input or output."""

    def needs_rebuild(self) -> bool:
        """Tell whether the index stands empty: it is new, was made for another schema or cannot be read."""

    def search(self, query: Query) -> Answer:
        """Answer a query from one snapshot of the index."""

    def similar(self, name: str, types: Sequence[str], limit: int) -> tuple[Hit, ...]:
        """Return the records of the same type most like one, named by id or slug, best first, that one left out.

        The one is of the first of some types that has it. Each tells what the two have in common. Raise `KeyError`
        when it is not there, or has no texts.
        """

    def facet_values(self, query: Query, facet: str, codes: Iterable[str] | None, limit: int) -> FacetCounts:
        """Count one facet's values under a query, among `codes` when given."""

    def documents(self) -> Iterable[tuple[str, int]]:
        """Yield key and seq of every document, to compare with the api's digest."""

    def apply(self, documents: Iterable[Document], deletes: Iterable[str], epoch: str, seq: int) -> Mapping[str, str]:
        """Make changes durable and visible, then the cursor (epoch, seq); applying the same twice is harmless.

        Deletes are keys. Return the documents refused, each key with the reason; they are out of the index, the others
        are in.
        """

    def stored(self, type: str) -> Iterable[bytes]:
        """Yield the stored `hit` JSON of every document of one type, to look up labels."""

    def begin_rebuild(self) -> "Rebuild":
        """Start an empty index beside the live one, which goes on answering and following."""

    def close(self) -> None:
        """Release files and threads; whoever is writing ends first, or gives up."""


class SharedEngine(Engine, Protocol):
    """A search engine whose index one process writes and others read."""

    def touched(self, types: Iterable[str]) -> int:
        """Return the number of the last change, in the state that `generation` names, among records of some types."""


class Rebuild(Protocol):
    """An index under construction beside the live one."""

    def apply(self, documents: Iterable[Document], deletes: Iterable[str]) -> Mapping[str, str]:
        """Add changes to the new index, nothing visible yet; return the documents refused, key and reason."""

    def swap(self, epoch: str, seq: int) -> None:
        """Commit the new index, put it in the live one's place, and drop the old one."""

    def discard(self) -> None:
        """Drop the new index."""
