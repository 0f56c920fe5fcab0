"""What a hit shows of a record of any type."""

from pydantic import BaseModel, Field


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
    """A record found: what a hit of any type shows."""

    id: str
    type: str
    slug: str | None = Field(description="None for what has no page of its own")
    title: str
    title_language: str
    summary: str | None = Field(description="None where a record has none")
    summary_language: str | None
    translation: str | None = Field(
        description="How title or summary as shown were translated: human, machine, outdated; none for the original"
    )
    language: str = Field(description="Language that the record was written in; `und` where it is not known")
    highlights: HighlightsRead
    published_at: str | None = Field(description="When it first became public; none for what is only kept")
    updated_at: str | None = Field(description="When the published revision was made")
    tier: str | None = Field(description="How far it was judged: network or peer-reviewed; none in an older base")
    state: str | None = Field(description="published, or archived: no longer kept up; none in an older base")
    completeness: CompletenessRead | None = Field(description="None in an older base")
    links: dict[str, int] = Field(
        description="How many links it has to or from other records, by relation; `linked` finds these",
        examples=[{"inspired-by": 1, "evaluates": 2}],
    )
