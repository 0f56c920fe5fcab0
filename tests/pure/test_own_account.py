"""The form of an account asks all that the questionnaire of the peer review asks (JMDI report 2010, Annex III)."""

from services.api.types import TYPES
from services.api.types.own_account.type import TYPE
from services.portal.types.own_account import TYPE as SHOWN

PRINTED = {
    ("III.1", "one policy measure/good practice"): "account.kind",
    ("III.1", "thematic strand"): "account.strand",
    ("III.1", "name/title"): "account.title",
    ("III.2", "brief description of the main elements"): "account.description",
    ("III.2", "origin of financial resources"): "account.funds",
    ("III.2", "contribution to development objectives and strategies"): "account.contribution",
    ("III.2", "institutional set up and working methods"): "account.set_up",
    ("III.2", "results so far"): "account.results",
    ("III.2", "any intended future adaptations"): "account.adaptations",
    ("III.3", "main questions and areas of debate"): "account.debate",
    ("III.4", "obstacles and constraints encountered"): "account.obstacles",
    ("III.5", "potential transferability to other contexts"): "account.transferability",
    ("III.6", "dissemination/public communication tools"): "account.dissemination",
}
"""What is printed, by the number of its item: the question that asks it."""
OURS = {"account.practice", "account.authority", "account.features", "language"}
"""What this base asks besides: what it is an account of, whose, in which language, and what is known of features."""


def test_each_printed_question_is_asked_under_its_number_and_none_else() -> None:
    asked = {one.path: one.number for one in TYPE.form.questions}
    assert {path: asked.get(path) for path in PRINTED.values()} == {path: item for (item, _), path in PRINTED.items()}
    assert asked.keys() - set(PRINTED.values()) == OURS
    assert {one.path for one in TYPE.form.asked("short")} == asked.keys(), "the one form asks all of it"


def test_the_site_and_the_api_mean_the_same_by_it() -> None:
    words, own = SHOWN.own_words, TYPE.own_words
    assert words is not None
    assert own is not None
    assert (words.record, words.authority) == (own.of, own.by)
    named = {one.path: (one.names, one.relation) for one in TYPE.form.questions}
    assert named[words.record] == (words.of, words.relation)
    questions = {one.path: one for one in TYPE.form.questions}
    theirs = TYPES[words.of].form
    there = {one.path for one in theirs.questions} | {
        f"{one.path}.{column.path}" for one in theirs.questions for column in one.columns
    }
    there |= {f"{one.section}.*" for one in theirs.questions}
    assert {*words.beside, *words.begins, *SHOWN.given, words.evidence} <= questions.keys()
    assert {*words.begins.values(), *(one for places in words.beside.values() for one in places)} <= there
    assert {*SHOWN.given} == OURS - {words.evidence}
