"""What a programme or network is: who pays for it and runs it, with which cities, and how it went."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from services.api.forms.catalogue import Section
from services.api.forms.inputs import Names, RowKey
from services.api.forms.parts import Link, Provenance, Reference, Source, ask, cell, check_order, listed, row_key
from services.api.kit.schema import Language, Line, LongText, Money, Name, PartialDate, Schema, Slug, WebAddress
from services.api.vocabularies.terms import Term

Country = Annotated[str, Term("countries")]
Percent = Annotated[float, Field(ge=0, le=100)]


class Organisation(Schema):
    """Who pays for it, leads it or works in it."""

    key: RowKey | None = row_key()
    name: Name = cell("Name", "Name, as the source prints it where there is one")
    kind: Annotated[str, Term("partner-kinds")] = cell("Kind", "What kind of organisation it is")
    country: Country | None = cell("Country", "Country that it belongs to", None)
    role: Line | None = cell("Role", "What it does in the programme", None)


class City(Schema):
    """An authority that takes part."""

    key: RowKey | None = row_key()
    authority: Annotated[Slug, Names("authority")] | None = cell(
        "Authority of this base", "Slug or id of an authority of this base, where it is known", None
    )
    name: Name = cell("Name", "Name, as the source prints it where there is one")
    country: Country | None = cell("Country", "Country that it belongs to", None)
    since: PartialDate | None = cell("Since", "Since when it takes part, as precisely as known", None)
    note: Line | None = cell("Note", "Anything to add, such as why it was chosen", None)


class Share(Schema):
    """A printed share of the money."""

    key: RowKey | None = row_key()
    what: Name = cell("Whose or for what", "Whose share it is, or what it is for")
    share: Percent = cell("Share (%)", "Percentage, as the source prints it")
    of: Name = cell("Of what", "What it is a share of")
    note: Line | None = cell("Note", "Anything to add", None)


class Sum(Schema):
    """A sum of money, printed or computed from what is printed."""

    key: RowKey | None = row_key()
    what: Name = cell("What", "What the sum is of")
    amount: Money = cell("Amount", "In units of the currency, without separators of thousands")
    currency: Annotated[str, Term("currencies")] = cell("Currency", "ISO 4217 code, such as EUR")
    basis: Annotated[str, Term("sum-bases")] = cell("Basis", "Whether the source prints it, or it was computed")
    note: Line | None = cell("Note", "How it was computed, or what is in doubt", None)


class ProgrammePhase(Schema):
    """A phase of the work."""

    key: RowKey | None = row_key()
    name: Name = cell("Name", "Name of the phase")
    text: Line | None = cell("What happened", "What was done in it", None)
    start: PartialDate | None = cell("From", "Beginning, as precisely as known", None)
    end: PartialDate | None = cell("To", "End, as precisely as known", None)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        check_order(self.start, self.end)
        return self


class ProgrammeAbout(Section):
    """1. What it is, and for which time."""

    title: Name = ask("1.1", "Title", "Name of the programme or network")
    summary: LongText = ask("1.2", "Summary", "What it is about, in a few lines")
    kind: Annotated[str, Term("programme-kinds")] = ask("1.3", "Kind", "Whether it is a programme or a network")
    objectives: list[Line] = listed("1.4", "Objectives", "What it is meant to achieve; one objective to an item")
    components: list[Line] = listed("1.5", "Components", "Main parts of the work; one to an item")
    launched: PartialDate | None = ask("1.6", "Launched", "When it was launched", default=None)
    start: PartialDate | None = ask("1.6", "Start", "When it began, as precisely as known", default=None)
    end: PartialDate | None = ask("1.6", "End", "When it ended; empty while it goes on", default=None)
    websites: list[WebAddress] = listed("1.7", "Web sites", "Its web sites, if there are any", most=10)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        check_order(self.start, self.end)
        return self


class ProgrammePeople(Section):
    """2. Who takes part."""

    donors: list[Organisation] = listed("2.1", "Donors", "Who pays for it")
    leads: list[Organisation] = listed("2.2", "Lead", "Who runs it")
    partners: list[Organisation] = listed("2.3", "Partners", "Who works in it besides those who run it")
    cities: list[City] = listed("2.4", "Cities and other authorities", "Authorities that take part", most=500)


class ProgrammeMoney(Section):
    """3. For which money."""

    shares: list[Share] = listed("3.1", "Shares", "Printed shares of the money")
    sums: list[Sum] = listed("3.2", "Sums", "Sums that are printed, or computed from what is printed")


class ProgrammeCourse(Section):
    """4. How it went."""

    phases: list[ProgrammePhase] = listed("4.1", "Phases", "Phases of the work, in their order")
    notes: list[Line] = listed("4.2", "Course", "What else is to be known of how it went; one point to an item")


class ProgrammeContent(Schema):
    """A programme or network; whatever is unknown stays empty."""

    language: Language = ask("R.1", "Language", "Language that this record is written in")
    about: ProgrammeAbout
    people: ProgrammePeople = ProgrammePeople()
    money: ProgrammeMoney = ProgrammeMoney()
    course: ProgrammeCourse = ProgrammeCourse()
    sources: list[Source] = listed("R.2", "Sources", "Documents that the facts are taken from", most=20)
    references: list[Reference] = listed("R.3", "References", "Where each fact stands in its source", most=500)
    provenance: Provenance
    rights: Line | None = ask("R.5", "Terms of use", "Under which terms this record may be used", default=None)
    links: list[Link] = listed("R.7", "Related records", "What it continues, produced or is otherwise related to")
