"""The questionnaire over HTTP: its questions in four languages, a JSON Schema that holds, and drafts examined."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from services.api.changes import service as changes
from services.api.types.practice.content import PracticeContent
from services.api.types.practice.rules import RULES
from services.api.types.practice.type import FORM
from services.api.vocabularies.terms import LANGUAGES
from tests.harness.paths import PRACTICES
from tests.harness.support import Api, Json, Template, check_problem, make_key, practice_body, running

SEEDS = {
    path.stem: yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)["content"]
    for path in sorted(PRACTICES.glob("*.yaml"))
}
VALIDATOR = Draft202012Validator(FORM.schema)


@pytest.fixture(scope="module")
def api(template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """One api for all these tests: none of them writes."""
    with running(template.copy(tmp_path_factory.mktemp("api"))) as api:
        yield api


def questions(body: Json) -> list[Json]:
    return [asked for section in body["sections"] for asked in section["questions"]]


def test_the_questionnaire_in_full(api: Api) -> None:
    body = api.get("/questionnaire").json()
    assert body["languages"] == list(LANGUAGES)
    assert (body["language"], body["form"]) == ("en", "full")
    assert [section["name"] for section in body["sections"]] == list(FORM.sections)
    assert [asked["path"] for asked in questions(body)] == [asked.path for asked in FORM.questions]
    assert [asked["order"] for asked in questions(body)] == list(range(1, len(FORM.questions) + 1))
    assert [form["name"] for form in body["forms"]] == ["short", "full"]
    assert body["forms"][0]["minutes"] == 15
    assert body["forms"][1]["minutes"] > 15
    assert [rule["name"] for rule in body["rules"]] == [rule.name for rule in RULES]
    assert body["schema"] == FORM.schema
    vocabularies = {one["name"] for one in api.get("/vocabularies").json()}
    for asked in questions(body):
        for one in (asked, *asked["columns"]):
            assert one["label"]
            assert one["help"]
            assert one["vocabulary"] is None or one["vocabulary"] in vocabularies
            assert one["rows"] >= 1


def test_a_question_tells_a_form_how_to_ask(api: Api) -> None:
    asked = {one["path"]: one for one in questions(api.get("/questionnaire").json())}
    summary = asked["how.summary"]
    assert (summary["widget"], summary["rows"], summary["longest"], summary["lines"]) == ("textarea", 10, 1_200, 10)
    assert summary["required"]
    assert asked["initiative.budget"]["also"] == "V Budget available"
    assert asked["when.start"]["example"] == "2008"
    assert asked["replication.ease"]["widget"] == "radio"
    columns = {one["path"]: one for one in asked["initiative.budget_sources"]["columns"]}
    assert columns["amount.currency"]["required_in"] == "amount"
    assert columns["kind"]["widget"] == "select"
    assert (columns["share"]["minimum"], columns["share"]["maximum"]) == (0, 100)


def test_what_rows_are_known_by_is_not_asked_for(api: Api) -> None:
    answer = api.get("/questionnaire", params={"type": "pledge"})
    assert answer.status_code == 200
    asked = {one["path"]: one for one in questions(answer.json())}
    assert "key" not in [column["path"] for column in asked["plan.actions"]["columns"]]
    assert asked["promise.authority"]["names"] == "authority"
    assert asked["promise.title"]["names"] is None


def test_the_short_form_asks_a_part_of_it(api: Api) -> None:
    body = api.get("/questionnaire?form=short").json()
    assert body["form"] == "short"
    paths = [asked["path"] for asked in questions(body)]
    assert paths == [asked.path for asked in FORM.questions if asked.extent == "short"]
    assert "how.summary" in paths
    assert "how.results" not in paths
    assert all(section["questions"] for section in body["sections"])
    assert [section["name"] for section in body["sections"] if section["number"] == "8"] == []


@pytest.mark.parametrize(("lang", "spoken"), [("es", "es"), ("fr-BE", "fr"), ("it", "it"), ("pt-BR", "en")])
def test_it_is_read_in_a_language(api: Api, lang: str, spoken: str) -> None:
    body = api.get(f"/questionnaire?lang={lang}").json()
    assert body["language"] == spoken
    for section in body["sections"]:
        assert section["title"] == FORM.words.section(section["name"], spoken)
    for asked in questions(body):
        assert (asked["label"], asked["help"]) == (
            FORM.label(asked["path"], spoken),
            FORM.help(asked["path"], spoken),
        )
        for one in asked["columns"]:
            assert one["label"] == FORM.label(f"{asked['path']}.{one['path']}", spoken)
    assert [rule["text"] for rule in body["rules"]] == [FORM.words.rule(rule.name, spoken) for rule in RULES]


def test_it_is_kept_like_other_public_answers(api: Api) -> None:
    first = api.get("/questionnaire?lang=es&form=short")
    assert first.headers["etag"].startswith('W/"')
    assert first.headers["cache-control"] == "public, no-cache"
    assert first.headers["access-control-allow-origin"] == "*"
    again = api.get("/questionnaire?lang=es&form=short", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    ("query", "field", "said"),
    [
        ("form=snapshot", "form", "short"),
        ("tier=full", "tier", "form"),
        ("type=poem", "type", "practice"),
        ("lang=spanish", "lang", "BCP 47"),
        ("language=es", "language", "lang"),
    ],
)
def test_wrong_parameters_are_refused(api: Api, query: str, field: str, said: str) -> None:
    (fault,) = check_problem(api.get(f"/questionnaire?{query}"), 422)["errors"]
    assert fault["field"] == field
    assert said in f"{fault['message']} {fault.get('allowed')}"


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(FORM.schema)
    assert FORM.schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize("name", SEEDS)
def test_the_schema_holds_for_the_seeds(name: str) -> None:
    assert not list(VALIDATOR.iter_errors(SEEDS[name]))
    written = PracticeContent.model_validate(SEEDS[name]).model_dump(mode="json")
    assert not list(VALIDATOR.iter_errors(written))


@pytest.mark.parametrize(
    ("section", "field", "value"),
    [
        ("initiative", "title", ""),
        ("initiative", "title", "x" * 301),
        ("initiative", "websites", ["ftp://example.org"]),
        ("initiative", "budget", [{"amount": -1, "currency": "EUR", "scope": "total"}]),
        ("initiative", "budget", [{"amount": 1, "currency": "EURO", "scope": "total"}]),
        ("what", "priorities", []),
        ("what", "priorities", [{"priority": "x", "assessed_by": "editor"}]),
        ("when", "start", "2008-13"),
        ("how", "summary", "line\n" * 11),
        ("how", "results", ["x"] * 51),
        ("how", "surprise", 1),
        ("why", "features", [{"feature": "adaptability"}]),
    ],
)
def test_the_schema_refuses_what_the_model_refuses(section: str, field: str, value: Any) -> None:
    content = copy.deepcopy(practice_body()["content"])
    assert VALIDATOR.is_valid(content)
    content.setdefault(section, {})[field] = value
    assert not VALIDATOR.is_valid(content)
    with pytest.raises(ValueError, match="validation error"):
        FORM.validated(content)


@pytest.mark.parametrize("role", ["officer", "reviewer", "secretariat", "admin"])
def test_whoever_has_a_key_has_a_draft_examined(api: Api, role: Any) -> None:
    key = make_key(api.database, "alba" if role == "officer" else None, role=role)
    draft = {"initiative": {"title": "A case", "partners": [{"name": ""}]}, "how": {"summary": 5}}
    report = api.post("/questionnaire/check", key, json={"content": draft}).json()
    assert report["ready"] is False
    assert report["completeness"] == {"snapshot": 15, "full": 4}
    told = {(one["question"], one["path"], one["kind"]) for one in report["findings"]}
    assert told == {
        ("2.1", "what.priorities", "missing"),
        ("5.3", "who.authorities", "missing"),
        ("6.1", "how.summary", "wrong"),
        ("R.1", "language", "missing"),
        ("R.4", "provenance.kind", "missing"),
    }
    done = api.post("/questionnaire/check", key, json={"content": practice_body()["content"]}).json()
    assert (done["ready"], done["findings"]) == (True, [])


def test_examining_writes_nothing(api: Api, template: Template) -> None:
    def state() -> Any:
        with api.database.transaction(write=False) as session:
            return changes.digest(session)

    before = state()
    for content in ({}, practice_body()["content"], {"surprise": [1]}):
        assert api.post("/questionnaire/check", template.alba, json={"content": content}).status_code == 200
    assert state() == before
    assert api.get("/practices", template.secretariat).json()["items"] == []


def test_examining_needs_a_key_and_a_draft_that_can_be_kept(api: Api, template: Template) -> None:
    check_problem(api.post("/questionnaire/check", json={"content": {}}), 401)
    check_problem(api.post("/questionnaire/check", "praxis_x_y", json={"content": {}}), 401)
    for body, field in (
        ({}, "content"),
        ({"content": []}, "content"),
        ({"content": {}, "more": 1}, "more"),
        ({"content": {"how": {"summary": "\x00"}}}, "content.how.summary"),
        ({"content": {"how": {"results": ["x" * 50_001]}}}, "content.how.results[0]"),
    ):
        answer = check_problem(api.post("/questionnaire/check", template.alba, json=body), 422)
        assert [fault["field"] for fault in answer["errors"]] == [field]
    for text in (b'{"content": {"a": NaN}}', b'{"content": {"\\ud800": "\\udfff"}}'):
        headers = {"Content-Type": "application/json"}
        check_problem(api.post("/questionnaire/check", template.alba, content=text, headers=headers), 422)
