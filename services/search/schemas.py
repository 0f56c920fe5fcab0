"""Bodies of the search service's answers."""

from typing import Literal

from pydantic import BaseModel, Field


class IndexRead(BaseModel):
    """Which state of the index gave the answer."""

    epoch: str
    seq: int
    engine: str


class CountryRead(BaseModel):
    """A country (ISO 3166-1) or region (UN M49) involved."""

    code: str
    label: str
    roles: list[str]


class AuthorityRead(BaseModel):
    """An authority involved; without a slug, one that the base only knows by name."""

    slug: str | None
    name: str
    level: str | None


class HighlightsRead(BaseModel):
    """Where the words were found: HTML-escaped, the words between `<mark>` and `</mark>`."""

    title: str | None = None
    summary: str | None = None
    text: str | None = Field(None, description="The sentence elsewhere in the record that answers best")
    text_language: str | None = Field(
        None, description="Its language (BCP 47): the reader's where a sentence in it answers, else another"
    )
    text_place: str | None = Field(
        None,
        description="Where it stands: a section and field of the form, such as `why.obstacles`; or the facet whose "
        "value is called so",
        examples=["how.activities", "country"],
    )


class CompletenessRead(BaseModel):
    """How much of each form is answered, in percent of its questions."""

    snapshot: int
    full: int


class HitRead(BaseModel):
    """A record found."""

    id: str
    type: str
    slug: str
    title: str
    title_language: str
    summary: str
    summary_language: str
    translation: str | None = Field(
        description="How title or summary as shown were translated: human, machine, outdated; none for the original"
    )
    language: str = Field(description="Language that the record was written in")
    highlights: HighlightsRead
    priorities: list[str]
    features: list[str]
    countries: list[CountryRead]
    authorities: list[AuthorityRead]
    start: str | None
    ongoing: bool | None
    source_year: int | None = Field(description="`ongoing` holds as of this year")
    provenance: str
    published_at: str = Field(description="When it first became public")
    updated_at: str = Field(description="When the published revision was made")
    tier: str | None = Field(description="How far it was judged: network or peer-reviewed; none in an older base")
    state: str | None = Field(description="published, or archived: no longer kept up; none in an older base")
    completeness: CompletenessRead | None = Field(description="None in an older base")


class FacetValueRead(BaseModel):
    """A value that records can be filtered by, and how many have it."""

    value: str
    label: str
    count: int
    selected: bool


class FacetRead(BaseModel):
    """Values of one facet by count, then code; `truncated` when there are more."""

    truncated: bool
    values: list[FacetValueRead]


class AlsoRead(BaseModel):
    """A concept of the thesaurus that the question names: its other words were looked for too."""

    asked: str = Field(description="The words of the question that name it")
    concept: str = Field(description="Its code in the vocabulary `thesaurus`")
    label: str = Field(description="What it is called in the reader's language, else in English")
    words: list[str] = Field(description="Its other words in the reader's language, else in English", max_length=20)


class RecordsRead(BaseModel):
    """One page of the records found, and all of them counted by facet."""

    total: int
    close: int = Field(
        description="How many of them answer most of the question; by relevance these come first, then what is related"
    )
    page: int
    per_page: int
    relaxed: bool = Field(description="Whether nothing held all the words, so that fewer were required")
    did_you_mean: str | None = Field(
        description="The question as it was read, where a word of it is in no record as it is spelt; none else"
    )
    also: list[AlsoRead] = Field(description="What the question names that has other words, which were looked for too")
    hits: list[HitRead]
    facets: dict[str, FacetRead] = Field(description="The facets asked for, all by default")
    index: IndexRead


class SimilarHitRead(HitRead):
    """A record like the one asked about."""

    shared: dict[str, list[str]] = Field(
        description="Codes that it has in common with the record asked about, by facet; no facet without any. "
        "Facets that tell of the record rather than of the practice, such as its language, are left out",
        examples=[{"priority": ["capacities"], "country": ["ES", "MA"], "corridor": ["MA-ES"]}],
    )


class SimilarRead(BaseModel):
    """Records most like one, best first."""

    hits: list[SimilarHitRead]
    index: IndexRead


class FacetValuesRead(FacetRead):
    """Values of one facet that match what was typed."""

    index: IndexRead


class SuggestionRead(BaseModel):
    """A completion."""

    kind: str = Field(description="`title`, `authority`, `country`, or the name of a vocabulary")
    value: str = Field(description="A title's record by its slug, else the value to filter by")
    label: str
    parameter: str | None = Field(description="The facet to filter by; none for a title")
    count: int | None = Field(description="Records that have the value; none for a title")


class SuggestionsRead(BaseModel):
    """Completions of what was typed, best first."""

    suggestions: list[SuggestionRead]
    index: IndexRead


class AliveRead(BaseModel):
    """The process answers."""

    status: Literal["ok"]


class RefusedRead(BaseModel):
    """A record that could not be indexed."""

    type: str
    id: str
    reason: str


class ReadyRead(BaseModel):
    """The service can answer; `troubles` tells what keeps it from being up to date."""

    status: Literal["ok"]
    index: IndexRead
    head: int | None = Field(description="The feed's last number seen; none before the first answer of the api")
    rebuilding: str | None = Field(description="Why a new index is being built beside the live one")
    troubles: list[str]
    refused: list[RefusedRead] = Field(description="Records that could not be indexed, the first hundred")
