"""The small things that a practice's questionnaire is made of: amounts, places, people, partners, evidence."""

from typing import Annotated, Any, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from services.api.kit.schema import (
    Line,
    LongText,
    Money,
    Name,
    PartialDate,
    Schema,
    Slug,
    Text,
    WebAddress,
    first_day,
    last_day,
)
from services.api.vocabularies.terms import Term

Country = Annotated[str, Term("countries")]
Region = Annotated[str, Term("regions")]
Level = Annotated[str, Term("authority-levels")]
Role = Annotated[str, Term("country-roles")]
Count = Annotated[int, Field(ge=0, le=10_000_000_000)]
Year = Annotated[int, Field(ge=1800, le=9998)]


def ask(question: str, help: str, **more: Any) -> Any:
    """Return a field that carries its number in the printed questionnaire and its help text.

    Numbers such as `6.2` are those of the mapping questionnaire (JMDI report, Annex II), `V …` a row of the case-study
    template of its chapter V, `III.3` an item of the peer-review questionnaire (Annex III), `IV.19` one of the
    questionnaire for migrants' associations (Annex IV). `R.1` to `R.5` are about the record itself and printed nowhere.
    """
    return Field(description=help, json_schema_extra={"question": question}, **more)


def listed(question: str, help: str, most: int = 50) -> Any:
    """Return a field that holds a list, empty when nothing is known."""
    return ask(question, help, default=[], max_length=most)


def check_order(start: str | None, end: str | None) -> None:
    """Refuse an end that lies wholly before the start."""
    if start and end and last_day(end) < first_day(start):
        raise PydanticCustomError(
            "date_order", "The end {end} lies before the start {start}", {"start": start, "end": end}
        )


class Actor(Schema):
    """An institution as the source names it."""

    name: Name
    level: Level | None = None
    country: Country | None = None
    role: Line | None = Field(None, description="What it does in the initiative")


class InvolvedAuthority(Schema):
    """A local authority in the initiative: one of the base's authorities, or just named."""

    authority: Slug | None = Field(None, description="Slug or id of an authority of this base, where it is known")
    name: Name = Field(description="Name as the source prints it")
    level: Level | None = None
    country: Country | None = None
    part: Annotated[str, Term("authority-parts")] = "involved"
    role: Line | None = Field(None, description="What it does in the initiative")


class Partner(Schema):
    """Who works with the authorities, where and as what kind of organisation."""

    name: Name
    kind: Annotated[str, Term("partner-kinds")] = "other"
    place: Annotated[str, Term("partner-places")] | None = None
    country: Country | None = None
    role: Line | None = None


class PolicyLevel(Schema):
    """Another level of government that takes part."""

    level: Level
    name: Name | None = None
    country: Country | None = None
    role: Line | None = None


class InvolvedCountry(Schema):
    """A country, or a world region where the source names no country, with its several roles in the migration."""

    country: Country | None = None
    region: Region | None = Field(None, description="UN M49 code of a world region")
    roles: list[Role] = Field([], max_length=3)
    beneficiary: bool | None = Field(None, description="Whether the initiative is meant to benefit it")
    note: Line | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.country is None) == (self.region is None):
            raise PydanticCustomError("country_or_region", "Give a country or a region: one of them, not both")
        return self


class Period(Schema):
    """A span of time, open where an end is unknown."""

    start: PartialDate | None = None
    end: PartialDate | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        check_order(self.start, self.end)
        return self


class Phase(Period):
    """A named stretch of the initiative."""

    name: Name


class Amount(Schema):
    """A sum of money: of what, in which currency, over which period, and how exactly it is known."""

    amount: Money
    currency: Annotated[str, Term("currencies")] = Field(description="ISO 4217 code")
    scope: Annotated[str, Term("amount-scopes")]
    about: bool = Field(False, description="Whether the source gives it as an approximation")
    period: Period | None = Field(None, description="The time that the sum covers")
    year_of_prices: Year | None = None
    note: Line | None = None


class BudgetSource(Schema):
    """Where money comes from; the share is a percentage of the total cost."""

    kind: Annotated[str, Term("budget-source-kinds")]
    name: Name | None = None
    share: Annotated[float, Field(ge=0, le=100)] | None = None
    amount: Amount | None = None
    note: Line | None = None


class Point(Schema):
    """A place on the globe in decimal degrees (WGS 84)."""

    latitude: Annotated[float, Field(ge=-90, le=90)]
    longitude: Annotated[float, Field(ge=-180, le=180)]


class Place(Schema):
    """A place below country level: village, town, district, province or region."""

    name: Name
    country: Country | None = None
    within: Name | None = Field(None, description="The larger place that it lies in")
    point: Point | None = None
    note: Line | None = None


class People(Schema):
    """Who is addressed or benefits, and how many."""

    who: Line
    groups: list[Annotated[str, Term("target-groups")]] = Field([], max_length=20)
    count: Count | None = None
    unit: Annotated[str, Term("people-units")] | None = Field(None, description="What is counted")
    about: bool = Field(False, description="Whether the count is an approximation")
    note: Line | None = None


class PriorityTag(Schema):
    """A JMDI priority, and whether the source gives it or who judged it."""

    priority: Annotated[str, Term("priorities")]
    assessed_by: Annotated[str, Term("assessors")]


class FeatureEvidence(Schema):
    """A feature of a good practice with the evidence for it: never a bare flag."""

    feature: Annotated[str, Term("features")]
    statement: LongText = Field(description="What shows that the practice has this feature")
    assessed_by: Annotated[str, Term("assessors")]
    source: Slug | None = Field(None, description="Key of one of the practice's sources")
    place: Line | None = Field(None, description="Section or table row of the source that the statement rests on")


class Strategy(Schema):
    """A strategy that the initiative serves."""

    level: Annotated[str, Term("strategy-levels")]
    name: Name
    contribution: LongText | None = None


class Challenge(Schema):
    """A difficulty met, and how it was overcome if it was."""

    challenge: LongText
    overcome: LongText | None = None


class Acronym(Schema):
    """A short form and what it stands for."""

    short: Annotated[str, Text(40, lines=False)]
    full: Name


class Source(Schema):
    """A document that facts are taken from."""

    key: Slug
    kind: Annotated[str, Term("source-kinds")]
    title: Name
    publisher: Name | None = None
    year: Year | None = None
    url: WebAddress | None = None
    rights: Line | None = Field(None, description="Under which terms the document may be used")


class Reference(Schema):
    """Where a field's facts stand in a source.

    `field` is the path of a field (`how.activities`) or of one item of a list (`how.results[0]`).
    """

    field: Annotated[
        str,
        Text(
            80,
            pattern=r"^[a-z_]+(\.[a-z_]+)?(\[[0-9]+\])?$",
            meaning="the path of a field, such as 'how.activities' or 'how.results[0]'",
        ),
    ]
    source: Slug
    place: Line = Field(description="Section or table row of the source")
    note: Line | None = Field(None, description="What is doubtful in the source, kept as printed")


class Provenance(Schema):
    """How the record came here, and as of which year it speaks."""

    kind: Annotated[str, Term("provenances")] = ask("R.4", "How the record came here")
    source_year: Year | None = ask("R.4", "Year as of which it speaks: 'ongoing' holds as of this year", default=None)
    note: Line | None = ask("R.4", "Anything to know about where the record comes from", default=None)
