"""What a type of records declares for search: its facets, its texts, its card."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from services.search.cards import HitRead
from services.search.codes import Codes, Record
from services.search.engines.base import Part, Text
from services.search.naming import Names, Naming

if TYPE_CHECKING:
    from services.search.labels import Labels

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Facet:
    """One facet, the same wherever several types have it but for `codes` and `searched`.

    `codes` takes a record's codes, repeated or not, from its public body. `naming` tells which values there are and
    what they are called. `all_of` requires every value selected, else one of them is enough. `zeros` lists values that
    nothing has too. `likens` tells that a value in common makes two records alike, `searched` that a record is found by
    what its values are called. `suggested` names what kind of suggestion its values are. `example` is a value.
    """

    name: str
    description: str
    codes: Codes
    naming: Naming = field(default_factory=Naming)
    all_of: bool = False
    zeros: bool = False
    likens: bool = True
    searched: bool = False
    suggested: str | None = None
    example: str = ""

    def of(self, codes: Codes, searched: bool | None = None) -> "Facet":
        """Return the facet as another type has it."""
        return replace(self, codes=codes, searched=self.searched if searched is None else searched)

    @property
    def vocabularies(self) -> tuple[str, ...]:
        """Return the names of the vocabularies whose codes are its values."""
        return self.naming.vocabularies

    @property
    def pattern(self) -> str | None:
        """Return what an open value must match."""
        return self.naming.pattern


def _nothing(record: Record) -> Mapping[str, Any]:
    return {}


def _no_card(record: Record, codes: Mapping[str, tuple[str, ...]]) -> Mapping[str, Any]:
    return {}


def _no_day(record: Record) -> int | None:
    return None


def _as_stored(stored: Mapping[str, Any], labels: "Labels", language: str | None) -> Json:
    return {}


@dataclass(frozen=True, slots=True, eq=False)
class SearchType:
    """A type of records that are found.

    Free text is told from codes by the form of the type: `parts` maps places in the content to their weights, one of
    them `title`; all other free text is `body`, but for the places in `silent`. A type without a form, or whose title
    is not in its content, gives `titles` by language, the one to show first first, and `texts` itself.
    `numbers` are those of range filters, `start` the day it began as `Document` has it. `card`, made of a record and
    its codes by facet, is stored besides what every hit has, and `shown` makes of it what `hit`, the body of a hit,
    shows besides. By relevance, records of all types stand together, but for those of one that stands `apart`, which
    come after them. A `derived` one is found only where it is asked for by name. `titled` tells whether its titles
    complete what is being typed.
    """

    name: str
    labels: Names
    facets: tuple[Facet, ...]
    hit: type[HitRead]
    parts: Mapping[str, Part] = field(default_factory=dict)
    silent: frozenset[str] = frozenset()
    titles: Callable[[Record], Mapping[str, str]] | None = None
    texts: Callable[[Record], Iterable[Text]] | None = None
    numbers: Callable[[Record], Mapping[str, float]] = _nothing
    start: Callable[[Record], int | None] = _no_day
    card: Callable[[Record, Mapping[str, tuple[str, ...]]], Mapping[str, Any]] = _no_card
    shown: Callable[[Mapping[str, Any], "Labels", str | None], Json] = _as_stored
    apart: bool = False
    derived: bool = False
    titled: bool = True

    def place_of(self, part: Part) -> str | None:
        """Return the place in the content that has a weight, none when none has."""
        return next((place for place, weight in self.parts.items() if weight == part), None)
