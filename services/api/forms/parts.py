"""The small things that forms are made of: amounts, places, people, partners, evidence."""

from typing import Annotated, Any, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from services.api.forms.inputs import ANY, PRIVATE, Names
from services.api.forms.paths import PLACE
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


LINK = r"^[a-z]+(-[a-z]+)*/[a-zA-Z0-9:._-]+(#[a-z_]+(\[[^\[\]]+\])?(\.[a-z_]+(\[[^\[\]]+\])?)*)?$"
LINK_MEANING = "a record of this base by type and slug or id, such as 'practice/cartaya', with '#' and a place in it"


def ask(question: str, label: str, help: str, also: str | None = None, *, private: bool = False, **more: Any) -> Any:
    """Return a field that carries its number in the printed form, its label and its help text.

    `also` is a second question that the field answers. What is `private` is no part of anything public.
    """
    said: dict[str, Any] = {"question": question} | ({"also": also} if also else {}) | _private(private)
    return Field(title=label, description=help, json_schema_extra=said, **more)


def listed(
    question: str, label: str, help: str, most: int = 50, also: str | None = None, *, private: bool = False
) -> Any:
    """Return a field that holds a list, empty when nothing is known."""
    return ask(question, label, help, also, private=private, default=[], max_length=most)


def cell(label: str, help: str, default: Any = ..., *, private: bool = False, **more: Any) -> Any:
    """Return a field of a part, which is a column where many are asked for; one without a default is in every row."""
    return Field(default, title=label, description=help, json_schema_extra=_private(private) or None, **more)


def row_key() -> Any:
    """Return the field `key`, a `RowKey`, by which the rows of a list are known wherever they move."""
    return cell("Key", "Name by which this row is known wherever it moves; made when there is none", None)


def _private(private: bool) -> dict[str, Any]:
    return {PRIVATE: True} if private else {}


def check_order(start: str | None, end: str | None) -> None:
    """Refuse an end that lies wholly before the start."""
    if start and end and last_day(end) < first_day(start):
        raise PydanticCustomError(
            "date_order", "The end {end} lies before the start {start}", {"at": "end", "start": start, "end": end}
        )


class Actor(Schema):
    """An institution as the source names it."""

    name: Name = cell("Name", "Name, as the source prints it where there is one")
    level: Level | None = cell(
        "Administrative level", "Level of the institution, where it is one of the administration", None
    )
    country: Country | None = cell("Country", "Country that it belongs to", None)
    role: Line | None = cell("Role", "What it does in the initiative", None)


class InvolvedAuthority(Schema):
    """A local authority in the initiative: one of the base's authorities, or just named."""

    authority: Annotated[Slug, Names("authority")] | None = cell(
        "Authority of this base", "Slug or id of an authority of this base, where it is known", None
    )
    name: Name = cell("Name", "Name, as the source prints it where there is one")
    level: Level | None = cell("Administrative level", "Level of the authority", None)
    country: Country | None = cell("Country", "Country that it belongs to", None)
    part: Annotated[str, Term("authority-parts")] = cell(
        "Part", "Whether it leads, promotes, funds, hosts or is otherwise involved", "involved"
    )
    role: Line | None = cell("Role", "What it does in the initiative", None)


class Partner(Schema):
    """Who works with the authorities, where and as what kind of organisation."""

    name: Name = cell("Name", "Name, as the source prints it where there is one")
    kind: Annotated[str, Term("partner-kinds")] = cell(
        "Kind of organisation", "What kind of organisation it is", "other"
    )
    place: Annotated[str, Term("partner-places")] | None = cell(
        "Where it works", "Whether it works in the territory of the authority or elsewhere", None
    )
    country: Country | None = cell("Country", "Country that it works in", None)
    role: Line | None = cell("Role", "What it does in the initiative", None)


class PolicyLevel(Schema):
    """Another level of government that takes part."""

    level: Level = cell("Level", "Level of government")
    name: Name | None = cell("Name", "Name of the authority or body", None)
    country: Country | None = cell("Country", "Country that it belongs to", None)
    role: Line | None = cell("Role", "What it does in the initiative", None)


class InvolvedCountry(Schema):
    """A country, or a world region where the source names no country, with its several roles in the migration."""

    country: Country | None = cell("Country", "Country involved; empty where a region is given", None)
    region: Region | None = cell("World region", "UN M49 code of a world region, where no country is named", None)
    roles: list[Role] = cell(
        "Roles", "Whether it is a country of origin, transit or destination, or several of these", [], max_length=3
    )
    beneficiary: bool | None = cell("Benefits", "Whether the initiative is meant to benefit it", None)
    note: Line | None = cell("Note", "Anything to add", None)

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.country is None) == (self.region is None):
            raise PydanticCustomError("country_or_region", "Give a country or a region: one of them, not both")
        return self


class Period(Schema):
    """A span of time, open where an end is unknown."""

    start: PartialDate | None = cell("From", "Beginning, as precisely as known", None)
    end: PartialDate | None = cell("To", "End, as precisely as known", None)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        check_order(self.start, self.end)
        return self


class Phase(Period):
    """A named stretch of the initiative."""

    name: Name = cell("Name", "Name of this stretch")


class Amount(Schema):
    """A sum of money: of what, in which currency, over which period, and how exactly it is known."""

    amount: Money = cell("Amount", "In units of the currency, without separators of thousands")
    currency: Annotated[str, Term("currencies")] = cell("Currency", "ISO 4217 code, such as EUR")
    scope: Annotated[str, Term("amount-scopes")] = cell(
        "What it covers", "Whether it is the total, a start-up or recurrent cost, or a part"
    )
    about: bool = cell("Approximate", "Whether the source gives it as an approximation", False)
    period: Period | None = cell("Period", "The time that the sum covers", None)
    year_of_prices: Year | None = cell("Year of prices", "Year whose prices the sum is given in", None)
    note: Line | None = cell("Note", "Anything to add", None)


class BudgetSource(Schema):
    """Where money comes from; the share is a percentage of the total cost."""

    kind: Annotated[str, Term("budget-source-kinds")] = cell("Kind", "What kind of source it is")
    name: Name | None = cell("Name", "Name of the fund, programme or institution", None)
    share: Annotated[float, Field(ge=0, le=100)] | None = cell("Share (%)", "Percentage of the total cost", None)
    amount: Amount | None = cell("Sum", "What it gives, where the sum is known", None)
    note: Line | None = cell("Note", "Anything to add", None)


class Point(Schema):
    """A place on the globe in decimal degrees (WGS 84)."""

    latitude: Annotated[float, Field(ge=-90, le=90)] = cell("Latitude", "Decimal degrees, north positive (WGS 84)")
    longitude: Annotated[float, Field(ge=-180, le=180)] = cell("Longitude", "Decimal degrees, east positive (WGS 84)")


class Place(Schema):
    """A place below country level: village, town, district, province or region."""

    name: Name = cell("Name", "Village, town, district, province or region")
    country: Country | None = cell("Country", "Country that it lies in", None)
    within: Name | None = cell("Lies in", "The larger place that it lies in", None)
    point: Point | None = cell("Point", "Where it is on the map", None)
    note: Line | None = cell("Note", "Anything to add", None)


class People(Schema):
    """Who is addressed or benefits, and how many."""

    who: Line = cell("Who", "People, groups or communities in words")
    groups: list[Annotated[str, Term("target-groups")]] = cell(
        "Groups", "Groups of the vocabulary that they belong to", [], max_length=20
    )
    count: Count | None = cell("How many", "Number, where it is known", None)
    unit: Annotated[str, Term("people-units")] | None = cell("Unit", "What is counted", None)
    about: bool = cell("Approximate", "Whether the count is an approximation", False)
    note: Line | None = cell("Note", "Anything to add", None)


class Strategy(Schema):
    """A strategy that the initiative serves."""

    level: Annotated[str, Term("strategy-levels")] = cell("Level", "Level of the strategy")
    name: Name = cell("Name", "Name of the strategy")
    contribution: LongText | None = cell("Contribution", "How the initiative serves it", None)


class Challenge(Schema):
    """A difficulty met, and how it was overcome if it was."""

    challenge: LongText = cell("Challenge", "Difficulty that was met")
    overcome: LongText | None = cell("How it was overcome", "How it was overcome, if it was", None)


class Acronym(Schema):
    """A short form and what it stands for."""

    short: Annotated[str, Text(40, lines=False)] = cell("Short form", "Acronym or abbreviation")
    full: Name = cell("Full form", "What it stands for")


class Source(Schema):
    """A document that facts are taken from."""

    key: Slug = cell("Key", "Short name by which this record refers to the document, such as report-2010")
    kind: Annotated[str, Term("source-kinds")] = cell("Kind", "What kind of document it is")
    title: Name = cell("Title", "Title of the document")
    publisher: Name | None = cell("Publisher", "Who published it", None)
    year: Year | None = cell("Year", "Year in which it was published", None)
    url: WebAddress | None = cell("Address", "Web address of the document", None)
    rights: Line | None = cell("Terms of use", "Under which terms the document may be used", None)


class Reference(Schema):
    """Where a field's facts stand in a source.

    `field` is the path of a field (`how.activities`), of one item of a list (`how.results[0]`) or of what stands in a
    row that has a key (`plan.actions[key=3.1].text`).
    """

    field: Annotated[
        str,
        Text(
            80,
            pattern=PLACE,
            meaning="the path of a field, such as 'how.activities' or 'how.results[0]'",
        ),
    ] = cell("Field", "Path of a field or of one item of a list, such as how.results[0]")
    source: Slug = cell("Source", "Key of one of the record's sources")
    place: Line = cell("Place in the source", "Section or table row of the source")
    note: Line | None = cell("Note", "What is doubtful in the source, kept as printed", None)


class Link(Schema):
    """That the record is related to another one: one of the base, or one that is known by name alone."""

    relation: Annotated[str, Term("relations")] = cell("Relation", "How this record is related to the other one")
    to: Annotated[str, Text(200, pattern=LINK, meaning=LINK_MEANING), Names(ANY)] | None = cell(
        "Record of this base", "The other record, where it is one of this base: type and slug or id", None
    )
    name: Name | None = cell("Name", "Name of the other one, where this base has no record of it", None)
    where: Line | None = cell("Where", "Where that other one is or was", None)
    asserted_by: Annotated[str, Term("assessors")] = cell("Said by", "Whether the source says so, or who else does")
    note: Line | None = cell("Note", "Anything to add", None)
    source: Slug | None = cell("Source", "Key of one of the record's sources", None)
    place: Line | None = cell("Place in the source", "Section or table row of the source", None)

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.to is None) == (self.name is None):
            raise PydanticCustomError(
                "record_or_name", "Name a record of this base, or something else by its name: one of them, not both"
            )
        return self


class Provenance(Schema):
    """How the record came here, and as of which year it speaks."""

    kind: Annotated[str, Term("provenances")] = ask("R.4", "Provenance", "How the record came here")
    source_year: Year | None = ask(
        "R.4", "Year of the source", "Year as of which it speaks: 'ongoing' holds as of this year", default=None
    )
    note: Line | None = ask(
        "R.4", "Note on provenance", "Anything to know about where the record comes from", default=None
    )
