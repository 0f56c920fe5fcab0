"""What a type of record declares to be found, read, compared, embedded, followed and drafted on this site."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cache
from typing import Any

from services.portal import languages
from services.portal.dates import Dated
from services.portal.languages import DEFAULT
from services.portal.record import Reading


def _(message: str) -> str:
    """Mark a message to be translated where it is shown."""
    return message


def ngettext(one: str, many: str) -> tuple[str, str]:
    """Mark a message that counts something to be translated where it is shown."""
    return one, many


HEADINGS = {
    "authority": _("Authority"),
    "tier": _("How it was judged"),
    "state": _("Kept up"),
    "completeness": _("Completeness"),
    "language": _("Original language"),
    "type": _("Type"),
    "close": _("Match"),
}
"""Headings of what can narrow a search for records of any type."""


@dataclass(frozen=True, kw_only=True)
class Words:
    """What is said of records of a type. What a type leaves out is said as of any record."""

    many: str
    """What they are called as a heading and in the navigation."""
    about: str = _("What local authorities recorded on migration and development")
    find: str = _("Find records")
    example: str = ""
    """What one may look for, as an example."""
    count: tuple[str, str] = ngettext("%(num)s record", "%(num)s records")
    """How one is counted, and how several are."""
    show: tuple[str, str] = ngettext("Show %(num)s record", "Show %(num)s records")
    compare: str = _("Compare records")
    nothing: str = _("Try other words.")
    choose: str = _("Choose two to four records to set them side by side, question by question.")
    first: str = _("Find a record")
    another: str = _("Add a record")
    two: str = _("Choose two records at least.")
    beyond: str = _("At most %(most)s records are compared; left out: %(slugs)s.")
    unknown: str = _("There is no record “%(slug)s”.")
    hidden: str = _(
        "The record was taken out of public view: readers do not see the case. A change goes the same way again."
    )
    moved: str = _("The record was changed since this case was begun. Request changes, so that the two can be merged.")
    facets: Mapping[str, str] = field(default_factory=dict)
    """Headings of what can narrow a search beside `HEADINGS`, by the names that the search service gives them."""
    next: Mapping[str, str] = field(default_factory=dict)
    """What happens next to a case, by its state, where it is not what happens to most."""
    steps: Mapping[str, str] = field(default_factory=dict)
    """What may be told of a public record later on, by kind."""


@dataclass(frozen=True, kw_only=True)
class OwnWords:
    """That records of a type tell of another record in the words of an authority that has a part in that one.

    They stand on the page of that record, beside what others wrote of it.
    """

    of: str
    """The type of what is told of."""
    relation: str
    """As what its record names what it tells of."""
    record: str
    authority: str
    """Questions that are answered with what is told of, and with who tells it."""
    begins: Mapping[str, str]
    """What a draft begins with: questions of its own, and those of what is told of, where one answer stands there."""
    beside: Mapping[str, tuple[str, ...]]
    """Questions that the record told of answers, too, and by which of its own; `replication.*` is a whole section."""
    evidence: str
    """The list whose rows say something of a feature, and of which kind of evidence that is."""
    kind: str


@dataclass(frozen=True, kw_only=True, eq=False)
class RecordType:
    """A type of record on this site; the api and the search service know it by the same name."""

    name: str
    plural: str
    """What its addresses begin with."""
    said: Mapping[str, Words]
    """Its words by language of the interface; those in the first alone are put into the others by the catalogues."""
    groups: tuple[str, ...] = ()
    """Facets that people get to see, the most asked for first."""
    unfolded: tuple[str, ...] = ()
    """Those that are unfolded from the start."""
    sorts: tuple[str, ...] = ("relevance", "newest", "title")
    own_page: bool = False
    """Whether its page and its card are made by hand; else they are made from the sections of its form."""
    template: str = "record.html"
    """The template of the page of one, which extends that of any record."""
    view: Callable[[Reading], Mapping[str, Any]] | None = None
    """What that template shows besides, by name."""
    dates: Callable[[Reading], Iterable[Dated]] | None = None
    """The dates of one, which can be taken into a calendar."""
    hit: str = "parts/hit.html"
    """The template whose macro `hit` shows one that was found."""
    facts: tuple[str, ...] = ()
    """Questions, by path, whose answers stand on a card and below the title."""
    compared_first: tuple[str, ...] = ()
    """Sections that a comparison begins with."""
    views: tuple[tuple[str, str], ...] = ()
    """Other ways to look at a search: address and what it is called."""
    needed_by: Mapping[str, str] = field(default_factory=dict)
    """Rules that alone need an answer, by the path of its question."""
    given: tuple[str, ...] = ()
    """Questions, by path, that a draft is begun with answers to: those are told above the form rather than asked."""
    own_words: OwnWords | None = None
    """Where its records tell of others in the words of authorities."""
    at: Mapping[str, str] = field(default_factory=dict)
    """Addresses that are not like those of any type: of `compare`, `facets`, `feed.atom`, `suggestions`, `embed`."""

    @property
    def path(self) -> str:
        """The address of its list, which those of records begin with."""
        return f"/{self.plural}"

    @property
    def feed(self) -> str:
        """The address of a search as an Atom feed."""
        return self._at("feed.atom")

    @property
    def compare(self) -> str:
        """The address of records side by side."""
        return self._at("compare")

    @property
    def facets(self) -> str:
        """What addresses of all values of a facet begin with."""
        return self._at("facets")

    @property
    def suggestions(self) -> str:
        """The address of completions of what is typed."""
        return self._at("suggestions")

    @property
    def embed(self) -> str:
        """What addresses of cards begin with."""
        return self.at.get("embed", f"/embed/{self.plural}")

    @property
    def browsed_by(self) -> str:
        """The facet that one may browse by, none where none is unfolded."""
        return self.unfolded[0] if self.unfolded else ""

    def _at(self, what: str) -> str:
        return self.at.get(what, f"{self.path}/{what}")

    def page(self, slug: str) -> str:
        """Return the address of a record."""
        return f"{self.path}/{slug}"

    @cache  # noqa: B019 - there are a handful of types, for as long as the process lives
    def words(self, lang: str) -> Words:
        """Return its words in a language of the interface."""
        translate = languages.translations(lang).gettext
        words = self.said.get(lang) or self.said[DEFAULT]

        def told(value: Any) -> Any:
            if isinstance(value, str):
                return translate(value) if value else ""
            return {name: translate(text) for name, text in value.items()} if isinstance(value, Mapping) else value

        found = Words(**{one.name: told(getattr(words, one.name)) for one in fields(Words)})
        return replace(found, facets={**told(HEADINGS), **found.facets})

    def counted(self, forms: tuple[str, str], num: int, lang: str) -> str:
        """Return how so many are counted, in a language of the interface."""
        return languages.translations(lang).ngettext(*forms, num) % {"num": num}
