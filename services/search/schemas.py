"""Bodies of the search service's answers."""

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, Field, create_model

from services.search.cards import HitRead
from services.search.types import TYPES


class IndexRead(BaseModel):
    """Which state of the index gave the answer."""

    epoch: str
    seq: int
    engine: str


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


if TYPE_CHECKING:
    Found = HitRead
else:
    Found = reduce(or_, dict.fromkeys(type.hit for type in TYPES.values()))
"""A record found: what its type shows."""


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
    hits: list[Found]
    facets: dict[str, FacetRead] = Field(description="The facets asked for, all by default")
    index: IndexRead


class AlikeRead(BaseModel):
    """What a record has in common with the one asked about."""

    shared: dict[str, list[str]] = Field(
        description="Codes that it has in common with the record asked about, by facet; no facet without any. "
        "Facets that tell of the record rather than of what it is about, such as its language, are left out",
        examples=[{"priority": ["capacities"], "country": ["ES", "MA"], "corridor": ["MA-ES"]}],
    )


if TYPE_CHECKING:

    class Alike(HitRead, AlikeRead):
        """A record like the one asked about."""

else:
    Alike = reduce(
        or_,
        [
            create_model(f"Similar{hit.__name__}", __base__=(hit, AlikeRead), __doc__=f"{hit.__doc__[:-1]}, as alike.")
            for hit in dict.fromkeys(type.hit for type in TYPES.values() if not type.derived)
        ],
    )


class SimilarRead(BaseModel):
    """Records most like one, best first."""

    hits: list[Alike]
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
