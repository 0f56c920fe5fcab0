"""What a road map is: what an authority plans on migration, with whom, for which money, and what came of it.

No printed form asks for it; its questions follow what the evaluation of the Local Authorities Network (2022) and the
approach paper on mainstreaming migration (IOM, 2022) tell of three road maps.
"""

from typing import Annotated, Self

from pydantic import Field, model_validator

from services.api.forms.catalogue import Section
from services.api.forms.inputs import Names, RowKey
from services.api.forms.parts import Link, Provenance, Reference, Source, ask, cell, check_order, listed, row_key
from services.api.kit.schema import Language, Line, LongText, Money, Name, PartialDate, Schema, Slug
from services.api.vocabularies.terms import Term

Authority = Annotated[Slug, Names("authority")]
Percent = Annotated[float, Field(ge=0, le=100)]


class Lead(Schema):
    """A unit that leads, under the name by which a source calls it."""

    key: RowKey | None = row_key()
    name: Name = cell("Unit", "Name of the unit, as the source prints it where there is one")
    role: Line | None = cell("Role", "What it does, or in which part of the work it is named", None)


class Member(Schema):
    """Who works in the working group."""

    key: RowKey | None = row_key()
    name: Name = cell("Name", "Name of the unit or organisation, as the source prints it where there is one")
    kind: Annotated[str, Term("member-kinds")] = cell("Kind", "Whether it is a unit of the authority or from outside")
    role: Line | None = cell("Role", "What it does in the working group", None)


class Endorsement(Schema):
    """That somebody who is elected, or high up, stood behind it."""

    key: RowKey | None = row_key()
    kind: Annotated[str, Term("endorsement-kinds")] = cell("Kind", "By what it was endorsed")
    by: Name = cell("By whom", "Who endorsed it")
    date: PartialDate | None = cell("Date", "When, as precisely as known", None)
    note: Line | None = cell("Note", "Anything to add", None)


class Area(Schema):
    """An area in which something is planned."""

    key: RowKey | None = row_key()
    area: Annotated[str, Term("road-map-areas")] = cell("Area", "Which kind of area it is")
    name: Name = cell("Name", "Name of the area, as the source prints it where there is one")
    aim: Line | None = cell("Aim", "What is meant to be reached in this area", None)


class Activity(Schema):
    """Something that is to be done, and how far it had come when this was written."""

    key: RowKey | None = row_key()
    area: Annotated[str, Term("road-map-areas")] = cell("Area", "Area, of those above, that it belongs to")
    text: Line = cell("Activity", "What is done")
    expected_result: Line | None = cell("Expected result", "What it is meant to bring about", None)
    outputs: Line | None = cell("Outputs", "What it produced, or is to produce", None)
    unit: Line | None = cell("Unit in charge", "Unit of the authority that carries it out", None)
    start: PartialDate | None = cell("Start", "When it begins, as precisely as known", None)
    end: PartialDate | None = cell("End", "When it ends, as precisely as known", None)
    state: Annotated[str, Term("activity-states")] | None = cell(
        "State", "How far it had come when this was written; later steps tell what came after", None
    )
    borrows: Annotated[Slug, Names("practice")] | None = cell(
        "Borrowed from", "Slug or id of the practice of this base that it takes over", None
    )

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        check_order(self.start, self.end)
        return self


class Stakeholder(Schema):
    """Who is involved in what is planned in an area."""

    key: RowKey | None = row_key()
    name: Name = cell("Name", "Name, as the source prints it where there is one")
    kind: Annotated[str, Term("partner-kinds")] = cell("Kind", "What kind of organisation or people they are")
    area: Annotated[str, Term("road-map-areas")] | None = cell(
        "Area", "Area, of those above, in which they are involved", None
    )
    role: Line | None = cell("Role", "What they do there", None)


class LinkedPlan(Schema):
    """A plan or programme of the authority that the road map feeds, extends or will become a part of."""

    key: RowKey | None = row_key()
    name: Name = cell("Plan", "Name of the plan")
    start: PartialDate | None = cell("From", "Beginning of the time that the plan covers", None)
    end: PartialDate | None = cell("To", "End of the time that the plan covers", None)
    note: Line | None = cell("How they are linked", "How the road map and the plan are linked", None)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        check_order(self.start, self.end)
        return self


class BudgetLine(Schema):
    """A part of the money. Lines may overlap (experts are human resources too) and are never added up."""

    key: RowKey | None = row_key()
    kind: Annotated[str, Term("budget-line-kinds")] = cell("For", "What the money is for")
    name: Name | None = cell("Name", "Name of the line, as the source prints it", None)
    amount: Money | None = cell("Amount", "In the currency of the total; 0 only where 0 is printed", None)
    not_available: bool = cell("Not available", "Whether the source prints 'N.A.' in place of an amount", False)
    share: Percent | None = cell("Share (%)", "Percentage of the total, as the source prints it", None)
    note: Line | None = cell("Note", "Anything to add", None)


class Adoption(Schema):
    """How far a text of the road map has come with those who decide."""

    key: RowKey | None = row_key()
    what: Name = cell("What", "The text: the road map itself, a report, a paper")
    state: Annotated[str, Term("adoption-states")] = cell("State", "How far it has come")
    by: Name | None = cell("By whom", "Who decided, or is to decide", None)
    date: PartialDate | None = cell("Date", "When, as precisely as known", None)
    note: Line | None = cell("Note", "Anything to add, such as why", None)


class Progress(Schema):
    """How much of it was carried out, as somebody measured it."""

    key: RowKey | None = row_key()
    percent: Percent = cell("Progress (%)", "Percentage, as the source prints it")
    of: Line = cell("Of what", "What was measured, and of whom")
    as_of: PartialDate | None = cell("As of", "Until when, as precisely as known", None)
    note: Line | None = cell("Note", "Anything to add", None)


class RoadMapAbout(Section):
    """1. What the road map is, and for which time."""

    title: Name = ask("1.1", "Title", "Title of the road map")
    summary: LongText = ask("1.2", "Summary", "What it is about, in a few lines")
    authority: Authority = ask("1.3", "Authority", "Slug or id of the authority whose road map it is")
    objectives: list[Line] = listed("1.4", "Objectives", "What it is meant to achieve; one objective to an item")
    sdgs: list[Annotated[str, Term("sdgs")]] = listed(
        "1.5", "Sustainable Development Goals", "Goals that it is linked to, where they are named", most=17
    )
    sdgs_note: Line | None = ask("1.5", "Note on the goals", "What is said of a goal that is not named", default=None)
    elaboration_start: PartialDate | None = ask("1.6", "Drawn up from", "When work on it began", default=None)
    elaboration_end: PartialDate | None = ask("1.6", "Drawn up until", "When it was drawn up", default=None)
    start: PartialDate | None = ask("1.7", "Carried out from", "When carrying it out began", default=None)
    end: PartialDate | None = ask("1.7", "Carried out until", "Until when it is to be carried out", default=None)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        check_order(self.elaboration_start, self.elaboration_end)
        check_order(self.start, self.end)
        return self


class RoadMapPeople(Section):
    """2. Who leads it, works on it and stands behind it."""

    leads: list[Lead] = listed("2.1", "Lead units", "Unit that leads; one row for each name that a source gives it")
    working_group: list[Member] = listed("2.2", "Working group", "Units and organisations that work on it")
    endorsements: list[Endorsement] = listed("2.3", "Endorsements", "Resolutions, letters and statements behind it")


class RoadMapPlan(Section):
    """3. What is planned, in which areas, with whom."""

    areas: list[Area] = ask("3.1", "Areas", "Areas in which something is planned", min_length=1, max_length=20)
    activities: list[Activity] = ask(
        "3.2", "Activities", "What is done in each area; one activity a row", min_length=1, max_length=100
    )
    stakeholders: list[Stakeholder] = listed("3.3", "Stakeholders", "Who is involved, by area", most=100)
    linked_plans: list[LinkedPlan] = listed("3.4", "Linked plans", "Plans of the authority that it is linked to")


class RoadMapBudget(Section):
    """4. For which money."""

    total: Money | None = ask("4.1", "Total", "All the money for it", default=None)
    currency: Annotated[str, Term("currencies")] | None = ask(
        "4.1", "Currency", "ISO 4217 code, such as EUR", default=None
    )
    lines: list[BudgetLine] = listed("4.2", "Lines", "Parts of the money; they may overlap and are never added up")
    note: LongText | None = ask("4.3", "Note on the money", "What must be known to read these sums", default=None)


class RoadMapOutcome(Section):
    """5. What came of it."""

    adoption: list[Adoption] = listed("5.1", "Adoption", "Which texts were put to whom, and what was decided")
    progress: list[Progress] = listed("5.2", "Progress", "How much was carried out, as it was measured")
    results: list[Line] = listed("5.3", "Results", "What came of it; one result to an item")
    difficulties: list[Line] = listed("5.4", "Difficulties", "What was in its way; one difficulty to an item")
    next_steps: list[Line] = listed("5.5", "Next steps", "What is to follow; one step to an item")
    handed_over: bool | None = ask(
        "5.6", "Handed over", "Whether those who came after were handed the work", default=None
    )
    handover_note: LongText | None = ask("5.6", "Note on the handover", "How, or why not", default=None)


class RoadMapContent(Schema):
    """A road map; whatever is unknown stays empty."""

    language: Language = ask("R.1", "Language", "Language that this record is written in")
    about: RoadMapAbout
    people: RoadMapPeople = RoadMapPeople()
    plan: RoadMapPlan
    budget: RoadMapBudget = RoadMapBudget()
    outcome: RoadMapOutcome = RoadMapOutcome()
    sources: list[Source] = listed("R.2", "Sources", "Documents that the facts are taken from", most=20)
    references: list[Reference] = listed("R.3", "References", "Where each fact stands in its source", most=500)
    provenance: Provenance
    rights: Line | None = ask("R.5", "Terms of use", "Under which terms this record may be used", default=None)
    links: list[Link] = listed("R.7", "Related records", "What it is part of, is linked to, produced or borrows")
