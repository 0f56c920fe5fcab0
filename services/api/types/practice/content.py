"""The questionnaire: one model holds a practice, and every form, schema, export and index is derived from it.

It joins the mapping questionnaire (JMDI report 2010, Annex II, sections 1 to 10, whose order it keeps) with the
case-study template of the report's chapter V and items 2 to 6 of the peer-review questionnaire (Annex III).

Numbers such as `6.2` are those of the mapping questionnaire, `V …` a row of the case-study template, `III.3` an item of
the peer-review questionnaire, `IV.19` one of the questionnaire for migrants' associations (Annex IV). `R.1` to `R.6`
are about the record itself and printed nowhere.
"""

from typing import Annotated, Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from services.api.forms import catalogue
from services.api.forms.parts import (
    Acronym,
    Actor,
    Amount,
    BudgetSource,
    Challenge,
    InvolvedAuthority,
    InvolvedCountry,
    Link,
    Partner,
    People,
    Phase,
    Place,
    PolicyLevel,
    Provenance,
    Reference,
    Source,
    Strategy,
    ask,
    cell,
    check_order,
    listed,
)
from services.api.kit.schema import Language, Line, LongText, Name, PartialDate, Schema, Slug, Text, WebAddress
from services.api.vocabularies.terms import Term

SUMMARY_LINES = 10
"""How long Annex II allows the brief description to be."""

Keyword = Annotated[str, Text(60, lines=False)]
"""A word or a few under which a record is found, up to 60 characters on one line."""

Summary = Annotated[
    str,
    Text(
        1_200,
        pattern=rf"^[^\n]*(\n[^\n]*){{0,{SUMMARY_LINES - 1}}}$",
        meaning="ten lines at most",
        most_lines=SUMMARY_LINES,
    ),
]


class PriorityTag(Schema):
    """A JMDI priority, and whether the source gives it or who judged it."""

    priority: Annotated[str, Term("priorities")] = cell("Priority", "Thematic priority of the initiative")
    assessed_by: Annotated[str, Term("assessors")] = cell("Judged by", "Whether the source gives it, or who judged it")


class FeatureEvidence(Schema):
    """A feature of a good practice with the evidence for it: never a bare flag."""

    feature: Annotated[str, Term("features")] = cell("Feature", "Feature of a good practice")
    statement: LongText = cell("Evidence", "What shows that the practice has this feature")
    assessed_by: Annotated[str, Term("assessors")] = cell("Judged by", "Whether the source gives it, or who judged it")
    evidence: Annotated[str, Term("evidence")] | None = cell(
        "Kind of evidence", "What the statement rests on, where it is known", None
    )
    says: Annotated[str, Term("evidence-says")] | None = cell(
        "What the evidence says", "Whether it worked, did so in part, or did not", None
    )
    source: Slug | None = cell("Source", "Key of one of the record's sources", None)
    place: Line | None = cell(
        "Place in the source", "Section or table row of the source that the statement rests on", None
    )


class Section(catalogue.Section):
    """A section of the questionnaire; each has room for a comment."""

    comment: LongText | None = ask("Comments", "Comments", "Anything to add to this section", default=None)


class Initiative(Section):
    """1. Title: who promotes and pays for what, with whom, for which countries."""

    title: Name = ask("1.1", "Title", "Title of the project or initiative")
    promoters: list[Actor] = listed(
        "1.2", "Promoting institutions", "Institutions that promote the initiative: name, administrative level, country"
    )
    budget_sources: list[BudgetSource] = listed(
        "1.3",
        "Origin of funding",
        "Where the money comes from, with shares and sums where they are known",
        also="V Budget sources",
    )
    partners: list[Partner] = listed(
        "1.4", "Partners", "Partners and implementing partners, here and elsewhere", also="V Partners"
    )
    countries: list[InvolvedCountry] = listed(
        "1.5",
        "Countries involved",
        "Countries or regions involved, their roles in the migration, and which of them benefit",
    )
    budget: list[Amount] = listed("1.6", "Budget", "Total budget and other sums", most=20, also="V Budget available")
    websites: list[WebAddress] = listed("1.7", "Web sites", "Web sites of the initiative, if there are any", most=10)


class What(Section):
    """2. What? The thematic area."""

    priorities: list[PriorityTag] = ask(
        "2.1", "Thematic priorities", "Which of the four thematic priorities it belongs to", min_length=1, max_length=4
    )
    policy_areas: list[Annotated[str, Term("policy-areas")]] = listed(
        "IV.19", "Policy areas", "Policy areas it touches", most=23
    )
    sdgs: list[Annotated[str, Term("sdgs")]] = listed(
        "2.2", "Sustainable Development Goals", "Sustainable Development Goals it is mapped to", most=17
    )
    gcm_objectives: list[Annotated[str, Term("gcm-objectives")]] = listed(
        "2.3",
        "Objectives of the Global Compact for Migration",
        "Objectives of the Global Compact for Migration it is mapped to",
        most=23,
    )
    keywords: list[Keyword] = listed(
        "R.6",
        "Keywords",
        "Words of your own to find it by, such as seasonal work; one keyword to an item",
        most=20,
    )


class When(Section):
    """3. When? Start and end."""

    start: PartialDate | None = ask("3.1", "Start", "When it began, as precisely as known", default=None)
    end: PartialDate | None = ask("3.1", "End", "When it ended; empty while it goes on", default=None)
    ongoing: bool | None = ask("3.1", "Still going on", "Whether it went on in the year of the source", default=None)
    phases: list[Phase] = listed("3.1", "Phases", "Named stretches, such as a first project that became a programme")

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        check_order(self.start, self.end)
        if self.ongoing and self.end:
            raise PydanticCustomError(
                "ongoing_ended", "An initiative that is ongoing has no end; use phases for its parts", {"at": "end"}
            )
        return self


class Where(Section):
    """4. Where? Places below country level."""

    places: list[Place] = listed(
        "4.1", "Places", "Villages, towns, districts, provinces and regions where it was carried out", most=100
    )


class Who(Section):
    """5. Who? Target groups, beneficiaries and the authorities involved."""

    target_groups: list[People] = listed("5.1", "Target groups", "Who is directly addressed, and how many")
    beneficiaries: list[People] = listed(
        "5.2", "Beneficiaries", "Who benefits in the end, and how many", also="V The beneficiaries"
    )
    authorities: list[InvolvedAuthority] = listed(
        "5.3",
        "Local authorities involved",
        "Local authorities that fund, promote or take part in it, with their level and part",
        most=100,
    )
    departments: list[Name] = listed(
        "V Departments", "Departments involved", "Departments of the administration involved"
    )
    other_policy_levels: list[PolicyLevel] = listed(
        "V Other policy levels", "Other policy levels", "National, regional and other levels involved"
    )


class How(Section):
    """6. How? What is done, why, and what came of it."""

    summary: Summary = ask("6.1", "Brief description", "What the initiative is about, in ten lines at most")
    description: LongText | None = ask(
        "V Main elements", "Full description", "What the initiative is and does, at length", default=None
    )
    needs: list[Line] = listed(
        "6.2", "Problems and needs", "Problems and needs of the communities", also="V Local needs addressed"
    )
    activities: list[Line] = listed("6.3", "Activities", "What is done; one activity to an item")
    goal: LongText | None = ask(
        "6.4", "Overall goal", "What the initiative is meant to bring about in the end", default=None
    )
    objectives: list[Line] = listed(
        "6.4",
        "Specific objectives",
        "What it is meant to achieve on the way; one objective to an item",
        also="V Objectives of the initiative",
    )
    results: list[Line] = listed("6.5", "Results", "What came of it; one result to an item")
    outputs: list[Line] = listed(
        "6.6", "Outputs", "What it produced, if anything, such as courses, services or publications"
    )
    working_methods: LongText | None = ask(
        "III.2", "Working methods", "Institutional set-up and working methods", default=None
    )
    communication: list[Line] = listed(
        "III.6", "Means of communication", "Means used to make it known", also="V Means of communication"
    )


class Why(Section):
    """7. Why is it a good practice? Features with evidence, and the case's own list of what makes it work."""

    features: list[FeatureEvidence] = listed(
        "7.1", "Features of a good practice", "Which features of a good practice it has, each with its evidence"
    )
    success_factors: list[Line] = listed(
        "V Features that make it work", "What makes it work", "What makes it work, in the case's own list"
    )


class Context(Section):
    """The context of the case-study template, and items 2 and 3 of the peer review."""

    decision_making: LongText | None = ask(
        "V Decision-making", "Decision-making", "How the decision came about", default=None
    )
    development_priorities: list[Line] = listed(
        "V Development priorities", "Development priorities", "Development priorities targeted"
    )
    coherence_mechanisms: list[Line] = listed(
        "V Mechanisms", "Dialogue and coordination", "Dialogue and coordination with other policy areas"
    )
    outside_actors: LongText | None = ask(
        "V Actors outside",
        "Actors outside the administration",
        "Involvement of actors outside the administration",
        default=None,
    )
    strategies: list[Strategy] = listed(
        "III.2", "Strategies served", "EU, national, regional and local strategies that it serves"
    )
    debate: LongText | None = ask(
        "III.3", "Areas of debate", "Main questions and areas of debate in its own context", default=None
    )


class Lessons(Section):
    """8. Lessons learned."""

    key_lessons: list[Line] = listed(
        "8.1", "Key lessons", "What was learned from the initiative; one lesson to an item"
    )
    challenges: list[Challenge] = listed(
        "8.2", "Challenges", "Major challenges and how they were overcome", also="V Obstacles"
    )
    improvements: list[Line] = listed("8.3", "Improvements", "How to improve similar initiatives")
    near_future: LongText | None = ask(
        "V Near future", "Near future", "The initiative in the near future", default=None
    )


class Replication(Section):
    """9. Potential for replication."""

    ease: Annotated[str, Term("replication-ease")] | None = ask(
        "9.1", "Ease of replication", "How easy it would be elsewhere", default=None
    )
    ease_explained: LongText | None = ask(
        "9.1", "Why it is easy or difficult", "Why it would be easy or difficult", default=None
    )
    how: LongText | None = ask(
        "9.2", "How to replicate it", "How it could be replicated in a different context", default=None
    )
    cost: LongText | None = ask("9.2", "Cost of a replication", "What a replication would cost", default=None)
    economic_constraints: LongText | None = ask(
        "9.3", "Economic constraints", "Economic constraints on scaling up", default=None
    )
    political_constraints: LongText | None = ask(
        "9.3", "Political constraints", "Political constraints on scaling up", default=None
    )


class Acronyms(Section):
    """10. Acronyms and abbreviations."""

    used: list[Acronym] = listed("10.1", "Acronyms and abbreviations", "Full forms of what is abbreviated", most=100)


class PracticeContent(Schema):
    """A good practice, in the order of the questionnaire; whatever is unknown stays empty."""

    language: Language = ask("R.1", "Language", "Language that this record is written in")
    initiative: Initiative
    what: What
    when: When = When()
    where: Where = Where()
    who: Who = Who()
    how: How
    why: Why = Why()
    context: Context = Context()
    lessons: Lessons = Lessons()
    replication: Replication = Replication()
    acronyms: Acronyms = Acronyms()
    sources: list[Source] = listed("R.2", "Sources", "Documents that the facts are taken from", most=20)
    references: list[Reference] = listed("R.3", "References", "Where each fact stands in its source", most=500)
    provenance: Provenance
    rights: Line | None = ask("R.5", "Terms of use", "Under which terms this record may be used", default=None)
    links: list[Link] = listed(
        "R.7", "Related records", "What it was inspired by, replicates, is part of or otherwise related to"
    )
