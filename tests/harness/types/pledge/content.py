"""What a pledge is: what an authority promises another, in actions that others may refer to."""

from typing import Annotated

from services.api.forms.catalogue import Section
from services.api.forms.inputs import Names, RowKey
from services.api.forms.parts import Link, Period, Reference, ask, cell, listed, row_key
from services.api.kit.schema import Language, Line, LongText, Name, PartialDate, Schema, Slug
from services.api.vocabularies.terms import Term

Authority = Annotated[Slug, Names("authority")]


class Action(Schema):
    """One thing that is promised."""

    key: RowKey | None = row_key()
    text: Line = cell("Action", "What will be done")
    due: PartialDate | None = cell("Due", "When it will be done", None)
    state: Annotated[str, Term("submission-states")] | None = cell("State", "How far it has come", None)
    doubts: Line | None = cell("Doubts", "What may stand in its way", None, private=True)
    planned: Period | None = cell("Planned", "When it is worked on", None, private=True)


class Promise(Section):
    """1. What is promised to whom; it has no comment."""

    title: Name = ask("1.1", "Title", "Title of the pledge")
    summary: LongText | None = ask("1.2", "Summary", "What is promised", default=None)
    authority: Authority | None = ask("1.3", "Authority", "The authority that promises", default=None)
    partner: Authority | None = ask("1.3", "Partner", "The authority that it is promised to", default=None)


class Plan(Section):
    """2. How it is kept."""

    actions: list[Action] = listed("2.1", "Actions", "What will be done, one action a line")
    steps: list[Line] = listed("2.2", "Steps", "What is done inside", private=True)
    reservations: LongText | None = ask("2.3", "Reservations", "What is not said", private=True, default=None)
    comment: LongText | None = ask("Comments", "Comments", "Anything to add", default=None)


class Pledge(Schema):
    """A pledge."""

    language: Language = ask("R.1", "Language", "Language that this record is written in")
    promise: Promise
    plan: Plan = Plan()
    references: list[Reference] = listed("R.3", "References", "Where each fact stands in its source")
    links: list[Link] = listed("R.7", "Related records", "What it answers, replicates or is otherwise related to")
