"""The questionnaire: one model holds a practice, and every form, schema, export and index is derived from it.

It joins the mapping questionnaire (JMDI report 2010, Annex II, sections 1 to 10, whose order it keeps) with the
case-study template of the report's chapter V and items 2 to 6 of the peer-review questionnaire (Annex III).
"""

import re
from typing import Annotated, Any, Self

from pydantic import BaseModel, model_validator
from pydantic_core import PydanticCustomError

from services.api.kit.schema import Language, Line, LongText, Name, PartialDate, Schema, Text, WebAddress
from services.api.questionnaire.parts import (
    Acronym,
    Actor,
    Amount,
    BudgetSource,
    Challenge,
    FeatureEvidence,
    InvolvedAuthority,
    InvolvedCountry,
    Partner,
    People,
    Phase,
    Place,
    PolicyLevel,
    PriorityTag,
    Provenance,
    Reference,
    Source,
    Strategy,
    ask,
    check_order,
    listed,
)
from services.api.vocabularies.terms import Term

SUMMARY_LINES = 10
"""How long Annex II allows the brief description to be."""

Summary = Annotated[
    str, Text(1_200, pattern=rf"^[^\n]*(\n[^\n]*){{0,{SUMMARY_LINES - 1}}}$", meaning="ten lines at most")
]


class Section(Schema):
    """A section of the questionnaire; each has room for a comment."""

    comment: LongText | None = ask("Comments", "Anything to add to this section", default=None)


class Initiative(Section):
    """1. Title: who promotes and pays for what, with whom, for which countries."""

    title: Name = ask("1.1", "Title of the project or initiative")
    promoters: list[Actor] = listed("1.2", "Promoting institutions: name, administrative level, country")
    budget_sources: list[BudgetSource] = listed("1.3", "Origin of funding (V Budget sources)")
    partners: list[Partner] = listed("1.4", "Partners and implementing partners, here and elsewhere (V Partners)")
    countries: list[InvolvedCountry] = listed("1.5", "Countries involved and their roles; which of them benefit")
    budget: list[Amount] = listed("1.6", "Total budget and other sums (V Budget available)", most=20)
    websites: list[WebAddress] = listed("1.7", "Web sites of the initiative", most=10)


class What(Section):
    """2. What? The thematic area."""

    priorities: list[PriorityTag] = ask("2.1", "Thematic priorities", min_length=1, max_length=4)
    policy_areas: list[Annotated[str, Term("policy-areas")]] = listed("IV.19", "Policy areas it touches", most=23)
    sdgs: list[Annotated[str, Term("sdgs")]] = listed("2.2", "Sustainable Development Goals it is mapped to", most=17)
    gcm_objectives: list[Annotated[str, Term("gcm-objectives")]] = listed(
        "2.3", "Objectives of the Global Compact for Migration it is mapped to", most=23
    )


class When(Section):
    """3. When? Start and end."""

    start: PartialDate | None = ask("3.1", "When it began, as precisely as known", default=None)
    end: PartialDate | None = ask("3.1", "When it ended; empty while it goes on", default=None)
    ongoing: bool | None = ask("3.1", "Whether it went on in the year of the source", default=None)
    phases: list[Phase] = listed("3.1", "Named stretches, such as a first project that became a programme")

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        check_order(self.start, self.end)
        if self.ongoing and self.end:
            raise PydanticCustomError(
                "ongoing_ended", "An initiative that is ongoing has no end; use phases for its parts"
            )
        return self


class Where(Section):
    """4. Where? Places below country level."""

    places: list[Place] = listed("4.1", "Villages, towns, districts, provinces, regions", most=100)


class Who(Section):
    """5. Who? Target groups, beneficiaries and the authorities involved."""

    target_groups: list[People] = listed("5.1", "Who is directly addressed, and how many")
    beneficiaries: list[People] = listed("5.2", "Who benefits in the end, and how many (V The beneficiaries)")
    authorities: list[InvolvedAuthority] = listed("5.3", "Local authorities involved, with level and part", most=100)
    departments: list[Name] = listed("V Departments", "Departments of the administration involved")
    other_policy_levels: list[PolicyLevel] = listed(
        "V Other policy levels", "National, regional and other levels involved"
    )


class How(Section):
    """6. How? What is done, why, and what came of it."""

    summary: Summary = ask("6.1", "Brief description, ten lines at most")
    description: LongText | None = ask("V Main elements", "Full description", default=None)
    needs: list[Line] = listed("6.2", "Problems and needs of the communities (V Local needs addressed)")
    activities: list[Line] = listed("6.3", "Activities")
    goal: LongText | None = ask("6.4", "Overall goal", default=None)
    objectives: list[Line] = listed("6.4", "Specific objectives (V Objectives of the initiative)")
    results: list[Line] = listed("6.5", "Results")
    outputs: list[Line] = listed("6.6", "Outputs")
    working_methods: LongText | None = ask("III.2", "Institutional set-up and working methods", default=None)
    communication: list[Line] = listed("III.6", "Means used to make it known (V Means of communication)")


class Why(Section):
    """7. Why is it a good practice? Features with evidence, and the case's own list of what makes it work."""

    features: list[FeatureEvidence] = listed("7.1", "Features of a good practice, each with its evidence")
    success_factors: list[Line] = listed("V Features that make it work", "What makes it work, in the case's own list")


class Context(Section):
    """The context of the case-study template, and items 2 and 3 of the peer review."""

    decision_making: LongText | None = ask("V Decision-making", "How the decision came about", default=None)
    development_priorities: list[Line] = listed("V Development priorities", "Development priorities targeted")
    coherence_mechanisms: list[Line] = listed("V Mechanisms", "Dialogue and coordination with other policy areas")
    outside_actors: LongText | None = ask(
        "V Actors outside", "Involvement of actors outside the administration", default=None
    )
    strategies: list[Strategy] = listed("III.2", "EU, national, regional and local strategies that it serves")
    debate: LongText | None = ask("III.3", "Main questions and areas of debate in its own context", default=None)


class Lessons(Section):
    """8. Lessons learned."""

    key_lessons: list[Line] = listed("8.1", "Key lessons")
    challenges: list[Challenge] = listed("8.2", "Major challenges and how they were overcome (V Obstacles)")
    improvements: list[Line] = listed("8.3", "How to improve similar initiatives")
    near_future: LongText | None = ask("V Near future", "The initiative in the near future", default=None)


class Replication(Section):
    """9. Potential for replication."""

    ease: Annotated[str, Term("replication-ease")] | None = ask("9.1", "How easy it would be elsewhere", default=None)
    ease_explained: LongText | None = ask("9.1", "Why it would be easy or difficult", default=None)
    how: LongText | None = ask("9.2", "How it could be replicated in a different context", default=None)
    cost: LongText | None = ask("9.2", "What a replication would cost", default=None)
    economic_constraints: LongText | None = ask("9.3", "Economic constraints on scaling up", default=None)
    political_constraints: LongText | None = ask("9.3", "Political constraints on scaling up", default=None)


class Acronyms(Section):
    """10. Acronyms and abbreviations."""

    used: list[Acronym] = listed("10.1", "Full forms of what is abbreviated", most=100)


class PracticeContent(Schema):
    """A good practice, in the order of the questionnaire; whatever is unknown stays empty."""

    language: Language = ask("R.1", "Language that this record is written in")
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
    sources: list[Source] = listed("R.2", "Documents that the facts are taken from", most=20)
    references: list[Reference] = listed("R.3", "Where each fact stands in its source", most=500)
    provenance: Provenance
    rights: Line | None = ask("R.5", "Under which terms this record may be used", default=None)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        _refuse_twice("sources", [source.key for source in self.sources])
        _refuse_twice("what.priorities", [tag.priority for tag in self.what.priorities])
        _refuse_twice("what.policy_areas", self.what.policy_areas)
        shares = sum(source.share or 0 for source in self.initiative.budget_sources)
        if shares > 100.5:
            raise PydanticCustomError(
                "shares",
                "the shares add up to {sum} %, more than 100",
                {"at": "initiative.budget_sources", "sum": f"{shares:g}"},
            )
        keys = {source.key for source in self.sources}
        for number, reference in enumerate(self.references):
            if reference.source not in keys:
                raise _unknown_source(f"references[{number}].source", reference.source, keys)
            if value_at(self, reference.field) is None:
                raise PydanticCustomError(
                    "empty_field",
                    "'{field}' is not a filled field of the questionnaire",
                    {"at": f"references[{number}].field", "field": reference.field},
                )
        for number, evidence in enumerate(self.why.features):
            if evidence.source is not None and evidence.source not in keys:
                raise _unknown_source(f"why.features[{number}].source", evidence.source, keys)
        if self.provenance.kind == "submitted" and not self.who.authorities:
            raise PydanticCustomError(
                "no_authority",
                "empty: a submission must involve a local authority (question 5.3)",
                {"at": "who.authorities"},
            )
        return self


def _refuse_twice(place: str, codes: list[str]) -> None:
    if twice := sorted({code for code in codes if codes.count(code) > 1}):
        raise PydanticCustomError("twice", "'{code}' is named twice", {"at": place, "code": twice[0]})


def _unknown_source(place: str, key: str, keys: set[str]) -> PydanticCustomError:
    return PydanticCustomError(
        "unknown_source",
        "'{key}' is not among the practice's sources ({allowed})",
        {"at": place, "key": key, "allowed": ", ".join(sorted(keys)) or "none"},
    )


def value_at(content: PracticeContent, path: str) -> Any:
    """Return what stands at a path such as `how.results[0]`; none when it is empty or no field of the questionnaire."""
    value: Any = content
    for step in re.findall(r"[a-z_]+|\d+", path):
        if step.isdigit():
            value = value[int(step)] if isinstance(value, list) and int(step) < len(value) else None
        else:
            known = isinstance(value, BaseModel) and step in type(value).model_fields
            value = getattr(value, step) if known else None
    return None if value == [] else value
