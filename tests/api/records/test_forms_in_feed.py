"""Forms as records of the feed: what is asked, in all languages, without a word of what is private."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from services.api.forms.catalogue import Question
from services.api.records import forms
from services.api.records.questionnaires import FormRead
from services.api.types import TYPES
from services.api.vocabularies.terms import LANGUAGES, vocabularies
from tests.api.records.support import PLEDGE, Desk, running_two
from tests.harness.support import Json, Template, check_problem, running

TYPED = [*TYPES.values(), PLEDGE]


def questions(form: Json) -> dict[str, Json]:
    return {one["path"]: one for section in form["sections"] for one in section["questions"]}


@pytest.mark.parametrize("type", TYPED, ids=lambda type: type.name)
def test_a_form_says_what_is_asked(type: Any) -> None:
    form = orjson.loads(forms.rendered(type))
    assert FormRead.model_validate(form).model_dump(mode="json") == form
    asked = questions(form)
    expected = [one for one in type.form.questions if not type.form.is_private(one.path)]
    assert [*asked] == [one.path for one in sorted(expected, key=lambda one: [*type.form.sections].index(one.section))]
    for question in expected:
        check_question(type, question, asked[question.path])
    assert [one["name"] for one in form["rules"]] == [rule.name for rule in type.form.rules]
    assert form["title"] in asked
    assert form["summary"] in asked
    assert set(form["titles"]) == set(LANGUAGES)


def check_question(type: Any, question: Question, shown: Json) -> None:
    public = [one for one in question.columns if not type.form.is_private(f"{question.path}.{one.path}")]
    assert [one["path"] for one in shown["columns"]] == [one.path for one in public]
    for one in (shown, *shown["columns"]):
        assert set(one["labels"]) == set(one["helps"]) == set(LANGUAGES)
        assert all(one["labels"].values()), one["path"]
        assert not one["free"] or (one["vocabulary"], one["names"]) == (None, None)
        assert one["free"] <= (one["kind"] in ("text", "long-text", "texts"))
        assert one["vocabulary"] is None or one["vocabulary"] in vocabularies()
        assert (one["vocabulary"] is not None) == (one["kind"] in ("code", "codes"))


def test_strings_are_text_or_codes() -> None:
    asked = questions(orjson.loads(forms.rendered(TYPES["practice"])))

    def column(path: str, name: str) -> Json:
        return next(one for one in asked[path]["columns"] if one["path"] == name)

    for path in ("initiative.title", "how.summary", "how.results", "what.keywords"):
        assert asked[path]["free"], path
    for path in ("language", "what.sdgs", "initiative.websites", "when.start"):
        assert not asked[path]["free"], path
    assert column("who.authorities", "name")["free"]
    assert column("who.authorities", "authority") == column("who.authorities", "authority") | {
        "free": False,
        "names": "authority",
    }
    assert column("links", "to")["names"] == "*"
    assert not column("sources", "key")["free"]
    assert not column("references", "field")["free"]


def test_a_form_says_what_becomes_of_records() -> None:
    practice, pledge = (orjson.loads(forms.rendered(type)) for type in (TYPES["practice"], PLEDGE))
    assert practice["links"] == ["links"]
    assert practice["steps"] == [{"kind": "still-true", "who": ["office", "secretariat"], "block": None, "values": []}]
    assert (practice["tiers"], practice["judged"]) == (["network", "peer-reviewed"], "why.features")
    assert pledge["derived"] == [{"type": "action", "path": "plan.actions"}]
    assert pledge["parties"] == [{"part": "partner", "path": "promise.partner"}]
    assert [one["kind"] for one in pledge["steps"]] == ["kept", "done", "doubted", "cited"]
    assert pledge["steps"][0]["values"] == ["wholly", "partly"]


def test_of_what_is_private_nothing_is_said() -> None:
    body = forms.rendered(PLEDGE)
    for word in ("doubts", "Doubts", "planned", "plan.steps", "reservations", "Reservations", "rehearsed"):
        assert word.encode() not in body, word
    assert b"plan.actions" in body


def test_forms_are_read_and_are_in_the_feed(desk: Desk) -> None:
    listed = desk.api.get("/forms").json()
    assert [(one["name"], one["plural"]) for one in listed] == [(type.name, type.plural) for type in TYPES.values()]
    assert (listed[0]["name"], listed[-1]["name"]) == ("practice", "pledge")
    in_feed = {change["id"]: change["record"] for change in desk.feed() if change["type"] == "form"}
    assert in_feed == {one["name"]: desk.api.get(f"/forms/{one['name']}").json() for one in listed}
    fault = check_problem(desk.api.get("/forms/poem"), 404)
    assert ", ".join(TYPES) in fault["detail"]


@pytest.mark.each_database
def test_only_what_is_declared_otherwise_is_published_again(
    template: Template, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(TYPES, PLEDGE.name)  # which the base that is copied here had
    settings = template.copy(tmp_path)

    def rows() -> dict[str, tuple[int, str]]:
        found = {}
        for change in api.get("/changes?limit=1000").json()["changes"]:
            if change["type"] == "form":
                found[change["id"]] = (change["seq"], change["op"])
        return found

    with running(settings) as api:
        first = rows()
        assert {id: op for id, (_, op) in first.items()} == dict.fromkeys(TYPES, "upsert") | {"pledge": "delete"}
    with running_two(settings) as api:
        second = rows()
        assert second == first | {"pledge": (second["pledge"][0], "upsert")}, "one has come, the other stayed"
    with running_two(settings) as api:
        assert rows() == second, "started again, nothing is published again"
    with running(settings) as api:
        assert rows() == first | {"pledge": (second["pledge"][0] + 1, "delete")}, "a type that is gone leaves"


def test_the_same_bytes_whenever_they_are_made() -> None:
    for type in TYPED:
        assert forms.changes.render(forms.public(type)) == forms.rendered(type)
