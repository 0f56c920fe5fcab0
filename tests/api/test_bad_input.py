"""Bad input: every fault is answered in the one shape, naming the field, what is wrong and what is allowed."""

import copy
import json
import re
from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import UUID

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.harness.depth import examples
from tests.harness.paths import ROOT
from tests.harness.support import Api, Json, Template, authority_body, check_problem, practice_body, running

RICHEST: Json = yaml.safe_load((ROOT / "seeds" / "practices" / "cartaya.yaml").read_text(encoding="utf-8"))
MUCH = "x" * 1_000_000
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "FOO")


@pytest.fixture(scope="module")
def api(template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """One api for all these tests: what is refused leaves no trace."""
    with running(template.copy(tmp_path_factory.mktemp("api"))) as api:
        yield api


def steps_of(path: str) -> list[str | int]:
    return [int(step) if step.isdigit() else step for step in re.findall(r"[^.\[\]]+", path)]


def planted(body: Json, path: str, value: Any) -> Json:
    """Return a copy of a body with a value put at a path; a list on the way is made as long as needed."""
    body = copy.deepcopy(body)
    here: Any = body
    *way, last = steps_of(path)
    for step in way:
        here = here[step] if isinstance(step, int) else here.setdefault(step, {})
    here[last] = value
    return body


COUNTRIES, BUDGET = "content.initiative.countries", "content.initiative.budget"
SUM = {"amount": 1, "currency": "EUR", "scope": "total"}
SHARES = [{"kind": "eu", "share": 90}, {"kind": "local", "share": 60}]
SOURCE = {"key": "report", "kind": "report", "title": "A report"}
FAULTS: list[tuple[str, Any, str, str]] = [
    # path, value, field named, part of what is said or allowed
    ("surprise", 1, "surprise", "unknown"),
    ("content.what.surprise", 1, "content.what.surprise", "unknown"),
    ("content.what.priorities", [], "content.what.priorities", "at least 1"),
    (
        "content.what.priorities",
        [{"priority": "money", "assessed_by": "editor"}],
        "content.what.priorities[0].priority",
        "remittances",
    ),
    ("content.what.sdgs", ["18"], "content.what.sdgs[0]", "17"),
    (COUNTRIES, [{"country": "XX"}], f"{COUNTRIES}[0].country", "IT"),
    (COUNTRIES, [{"country": "it"}], f"{COUNTRIES}[0].country", "IT"),
    (COUNTRIES, [{"region": "999"}], f"{COUNTRIES}[0].region", "150"),
    (COUNTRIES, [{"country": "IT", "region": "150"}], f"{COUNTRIES}[0]", "not both"),
    (COUNTRIES, [{}], f"{COUNTRIES}[0]", "give a country or a region"),
    (BUDGET, [SUM | {"currency": "EURO"}], f"{BUDGET}[0].currency", "EUR"),
    (BUDGET, [SUM | {"amount": -1}], f"{BUDGET}[0].amount", "greater"),
    (BUDGET, [SUM | {"amount": 1.234}], f"{BUDGET}[0].amount", "decimal"),
    (BUDGET, [SUM | {"amount": 10**20}], f"{BUDGET}[0].amount", "digits"),
    (BUDGET, [SUM | {"amount": "NaN"}], f"{BUDGET}[0].amount", "a number"),
    (BUDGET, [SUM | {"amount": "12.500"}], f"{BUDGET}[0].amount", "a number"),
    (BUDGET, [SUM | {"scope": "all"}], f"{BUDGET}[0].scope", "total"),
    ("content.language", "xx", "content.language", "BCP 47"),
    ("content.language", "english", "content.language", "BCP 47"),
    ("content.language", "EN", "content.language", "BCP 47"),
    ("content.when", {"start": "2010", "end": "2009-12"}, "content.when.end", "before the start"),
    ("content.when", {"start": "2010-02", "end": "2010-01-31"}, "content.when.end", "before the start"),
    ("content.when", {"end": "2010", "ongoing": True}, "content.when.end", "ongoing"),
    ("content.when.start", "2009-02-29", "content.when.start", "calendar"),
    ("content.when.start", "1900-02-29", "content.when.start", "calendar"),
    ("content.when.start", "2009-13", "content.when.start", "a date"),
    ("content.when.start", "11/12/2005", "content.when.start", "2008-06-11"),
    ("content.when.start", "1799", "content.when.start", "1800"),
    ("content.when.start", "9999", "content.when.start", "9998"),
    ("content.when.start", 2009, "content.when.start", "quotes"),
    ("content.what.sdgs", [8], "content.what.sdgs[0]", "quotes"),
    ("content.when.ongoing", "yes", "content.when.ongoing", "boolean"),
    ("content.initiative.title", "   ", "content.initiative.title", "at least 1"),
    ("content.initiative.title", "one\ntwo", "content.initiative.title", "one line"),
    ("content.initiative.title", "a\u202eb", "content.initiative.title", "U+202E"),
    ("content.what.policy_areas", ["health", "health"], "content.what.policy_areas", "twice"),
    ("content.what.keywords", ["Work", "Éxodo", "EXODO"], "content.what.keywords", "twice"),
    ("content.what.keywords", ["x" * 61], "content.what.keywords[0]", "at most 60"),
    ("content.what.keywords", [" "], "content.what.keywords[0]", "at least 1"),
    ("content.what.keywords", ["one\ntwo"], "content.what.keywords[0]", "one line"),
    ("content.what.keywords", [f"word {number}" for number in range(21)], "content.what.keywords", "at most 20"),
    ("content.initiative.budget_sources", SHARES, "content.initiative.budget_sources", "150 %"),
    ("content.sources", [SOURCE, SOURCE], "content.sources", "twice"),
    ("content.initiative.title", "x" * 301, "content.initiative.title", "at most 300"),
    ("content.initiative.title", MUCH, "content.initiative.title", "at most 300"),
    ("content.how.description", MUCH, "content.how.description", "at most 20000"),
    ("content.how.summary", "line\n" * 10 + "eleventh", "content.how.summary", "ten lines"),
    ("content.how.results", ["x"] * 51, "content.how.results", "at most 50"),
    ("content.initiative.websites", ["ftp://example.org"], "content.initiative.websites[0]", "https://"),
    ("content.initiative.websites", ["javascript:1"], "content.initiative.websites[0]", "https://"),
    ("content.why.features", [{"feature": "adaptability"}], "content.why.features[0].statement", "required"),
    ("content.why.features", [{"evidence": "hearsay"}], "content.why.features[0].evidence", "external-evaluation"),
    ("content.why.features", [{"says": "great"}], "content.why.features[0].says", "did-not"),
    ("content.who.authorities[0].authority", "atlantis", "content.who.authorities[0].authority", "no authority"),
    ("content.who.authorities", [], "content.who.authorities", "local authority"),
    ("content.provenance.kind", "invented", "content.provenance.kind", "submitted"),
    (
        "content.references",
        [{"field": "how.summary", "source": "s", "place": "1"}],
        "content.references[0].source",
        "'s'",
    ),
    ("translations", {"en": {"how.summary": {"text": "x", "status": "human"}}}, "translations.en", "written in this"),
    ("translations", {"es": {"how.goal": {"text": "x", "status": "human"}}}, "translations.es", "how.goal"),
    ("translations", {"es": {"how": {"text": "x", "status": "human"}}}, "translations.es.how", "how.objectives[0]"),
    ("translations", {"xx": {}}, "translations.xx", "BCP 47"),
    ("translations", {"es": {"how.summary": {"text": "x", "status": "fine"}}}, "…status", "machine"),
]


def check_fault(answer: Any, field: str, said: str) -> None:
    errors = check_problem(answer, 422)["errors"]
    assert len(answer.content) < 40_000, "an answer does not repeat what was sent"
    suffix = field.removeprefix("…")
    named = [one for one in errors if one["field"] == field or (suffix != field and one["field"].endswith(suffix))]
    assert named, errors
    assert any(said.lower() in json.dumps([one["message"], one.get("allowed")]).lower() for one in named), named


@pytest.mark.parametrize(("path", "value", "field", "said"), FAULTS, ids=lambda value: str(value)[:40])
def test_faults_of_a_practice(api: Api, template: Template, path: str, value: Any, field: str, said: str) -> None:
    body = planted(practice_body(), path, value)
    check_fault(api.post("/practices", template.secretariat, json=body), field, said)


def test_faults_are_the_same_for_an_edit(api: Api, template: Template) -> None:
    id = api.post("/practices", template.secretariat, json=practice_body()).json()["id"]
    for path, value, field, said in FAULTS[::4]:
        body = planted(practice_body(), path, value)
        check_fault(api.put(f"/practices/{id}", template.secretariat, version=1, json=body), field, said)
    assert api.get(f"/practices/{id}/latest", template.secretariat).json()["version"] == 1


@pytest.mark.parametrize("start", ["2008-02-29", "2000-02-29", "1800", "9998-12-31"])
def test_dates_of_the_calendar_are_taken(api: Api, template: Template, start: str) -> None:
    body = planted(practice_body(), "content.when", {"start": start, "end": start})
    assert api.post("/practices", template.secretariat, json=body).status_code == 201


@pytest.mark.parametrize(
    ("path", "value", "field", "said"),
    [
        ("level", "village", "level", "municipality"),
        ("country", "XX", "country", "IT"),
        ("country", None, "country", "AD"),
        ("slug", "Not A Slug", "slug", "hyphens"),
        ("slug", "a--b", "slug", "hyphens"),
        ("slug", "0" * 32, "slug", "read as an id"),
        ("parent", "atlantis", "parent", "no authority"),
        ("names", {"xx": "x"}, "names.xx", "BCP 47"),
        ("coordinates", {"latitude": 91, "longitude": 0}, "coordinates.latitude", "less than or equal to 90"),
        ("coordinates", {"latitude": 1}, "coordinates.longitude", "required"),
        ("population", {"count": -1, "year": 2000}, "population.count", "greater"),
        ("population", {"count": 1.5, "year": 2000}, "population.count", "integer"),
        ("migration_roles", ["origin"] * 4, "migration_roles", "at most 3"),
        ("networks", [MUCH], "networks[0]", "at most 300"),
    ],
)
def test_faults_of_an_authority(api: Api, template: Template, path: str, value: Any, field: str, said: str) -> None:
    body = planted(authority_body("New"), path, value)
    check_fault(api.post("/authorities", template.secretariat, json=body), field, said)


def test_an_authority_cannot_belong_to_itself(api: Api, template: Template) -> None:
    key = template.secretariat
    body = authority_body("Boca", parent="alba")
    assert api.put("/authorities/boca", key, version=1, json=body).status_code == 200
    for parent in ("alba", "boca"):
        answer = api.put("/authorities/alba", key, version=1, json=authority_body("Alba", parent=parent))
        check_fault(answer, "parent", "belong to itself")


def test_taken_slugs_are_a_conflict(api: Api, template: Template) -> None:
    key = template.secretariat
    check_problem(api.post("/authorities", key, json=authority_body("New", slug="alba")), 409)
    ids = [api.post("/practices", key, json=practice_body(f"Title {n}")).json()["id"] for n in range(2)]
    for id in ids:
        api.post(f"/practices/{id}/publish", key, version=1)
    rename = f"/practices/{ids[1]}/rename"
    check_problem(api.post(rename, key, version=2, json={"slug": "title-0"}), 409)
    for slug, said in (
        ("A b", "hyphens"),
        ("", "at least 1"),
        ("ab" * 16, "read as an id"),
        ("x" * 121, "at most 120"),
    ):
        check_fault(api.post(rename, key, version=2, json={"slug": slug}), "slug", said)


def leaves(value: Any, path: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, f"{path}.{name}".lstrip("."))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from leaves(inner, f"{path}[{number}]")
    elif isinstance(value, str):
        yield path


def post_raw(api: Api, key: str, body: Any) -> Any:
    """Post a body as ASCII JSON, which can hold lone surrogates as escapes."""
    headers = {"Content-Type": "application/json"}
    return api.post("/practices", key, content=json.dumps(body), headers=headers)


CONTENT_LEAVES = list(leaves({"content": RICHEST["content"]}))


@pytest.mark.parametrize("bad", ["NUL \x00 inside", "bell \x07", "lone \ud800 high", "lone \udfff low"])
def test_no_text_holds_what_cannot_be_stored_or_shown(api: Api, template: Template, bad: str) -> None:
    """Wherever the questionnaire takes a text, as found in its richest case."""
    kinds = {re.sub(r"\[\d+\]", "[]", path): path for path in CONTENT_LEAVES}
    assert len(kinds) > 40
    for path in kinds.values():
        answer = post_raw(api, template.secretariat, planted({"content": RICHEST["content"]}, path, bad))
        assert any(one["field"] == path for one in check_problem(answer, 422)["errors"]), path


@settings(max_examples=examples(60), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    path=st.sampled_from(CONTENT_LEAVES),
    key=st.text(st.characters(exclude_categories=()), min_size=1, max_size=8) | st.just("\ud800"),
    value=st.none() | st.booleans() | st.integers() | st.floats() | st.just([]) | st.just({}),
)
def test_wrong_types_and_unknown_names_are_refused(
    api: Api, template: Template, path: str, key: str, value: Any
) -> None:
    body = {"content": RICHEST["content"]}
    answer = post_raw(api, template.secretariat, planted(body, path, value))
    assert answer.status_code in (201, 422)
    assert value is None or check_problem(answer, 422)
    beside = ".".join(path.split(".")[:-1])
    unknown = copy.deepcopy(body)
    here: Any = unknown
    for step in steps_of(beside):
        here = here[step]
    if key not in here:
        here[key] = value
        answer = post_raw(api, template.secretariat, unknown)
        assert answer.status_code == 201 if key in ("comment", "note") and value is None else check_problem(answer, 422)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=())),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5) | st.just("content"), inner),
    max_leaves=10,
)


@pytest.mark.each_database
@settings(max_examples=examples(100), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=JSON_VALUES)
def test_no_json_breaks_anything(api: Api, template: Template, body: Any) -> None:
    check_problem(post_raw(api, template.secretariat, body), 422)


@pytest.mark.parametrize(
    ("raw", "status", "said"),
    [
        (b"{", 422, "not valid JSON"),
        (b"nope", 422, "not valid JSON"),
        (b"", 422, "Field required"),
        (b"null", 422, "not a JSON object"),
        (b"[]", 422, "not a JSON object"),
        (b'"x"', 422, "not a JSON object"),
        (b'{"content": "\xff"}', 400, "not UTF-8"),
        (b"[" * 10_000 + b"]" * 10_000, 400, "nested too deeply"),
        (b'{"content":' * 10_000 + b"1" + b"}" * 10_000, 400, "nested too deeply"),
        (b'{"content": ' + b"9" * 5_000 + b"}", 400, "digits"),
        (b'{"content":' + b"[" * 500 + b"]" * 500 + b"}", 422, "not a JSON object"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_malformed_bodies(api: Api, template: Template, raw: bytes, status: int, said: str) -> None:
    answer = api.post("/practices", template.secretariat, content=raw, headers={"Content-Type": "application/json"})
    errors = check_problem(answer, status)["errors"]
    assert said in errors[0]["message"]


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_other_content_types(api: Api, template: Template, kind: str) -> None:
    body = json.dumps(practice_body())
    answer = api.post("/practices", template.secretariat, content=body, headers={"Content-Type": kind})
    check_fault(answer, "body", "Content-Type: application/json")


async def streamed(size: int) -> AsyncIterator[bytes]:
    for _ in range(size // 100_000):
        yield b" " * 100_000


@pytest.mark.parametrize("declared", [True, False])
def test_bodies_over_the_limit(api: Api, template: Template, declared: bool) -> None:
    content: Any = b" " * 2_000_001 if declared else streamed(2_100_000)
    answer = api.post("/practices", template.secretariat, content=content, headers={"Content-Type": "application/json"})
    assert "2000000" in check_problem(answer, 413)["detail"]


@pytest.mark.each_database
@pytest.mark.parametrize(
    ("query", "field", "said"),
    [
        ("/practices?limit=0", "limit", "1"),
        ("/practices?limit=101", "limit", "100"),
        ("/practices?limit=x", "limit", "integer"),
        ("/practices?status=gone", "status", "unpublished"),
        ("/practices?lang=xx", "lang", "BCP 47"),
        ("/practices?cursor=x", "cursor", "not a cursor"),
        ("/practices?cursor=eAp4", "cursor", "not a cursor"),
        ("/practices?cursor=MjAyNi0wMS0wMQp4", "cursor", "not a cursor"),
        ("/practices?cursor=%F0%9F%98%80", "cursor", "not a cursor"),
        ("/practices?cursor=%00", "cursor", "not a cursor"),
        (f"/practices?cursor={'A' * 301}", "cursor", "300"),
        ("/practices?langue=fr", "langue", "lang"),
        ("/practices?limit=1&%ED%A0%80=1", "\ufffd\ufffd\ufffd", "unknown"),
        ("/practices/a%20b", "practice", "pattern"),
        ("/practices/%00", "practice", "pattern"),
        (f"/practices/{'x' * 121}", "practice", "120"),
        ("/practices/x/revisions/0", "number", "1"),
        (f"/practices/x/revisions/{2**31}", "number", "2147483647"),
        ("/practices/x/diff", "before", "required"),
        ("/practices/x/diff?before=1&after=0", "after", "1"),
        ("/authorities?country=XX", "country", "IT"),
        ("/authorities?level=village", "level", "municipality"),
        ("/authorities?cursor=x", "cursor", "not a cursor"),
        (f"/vocabularies/{'x' * 81}", "name", "80"),
        ("/vocabularies?lang=fr", "lang", "unknown"),
    ],
)
def test_faults_in_addresses(api: Api, query: str, field: str, said: str) -> None:
    check_fault(api.get(query), field, said)


def test_header_faults(api: Api, template: Template) -> None:
    id = api.post("/practices", template.secretariat, json=practice_body()).json()["id"]
    for tag in ("1", 'W/"1"', '"x"', "*", '"1", "2"', '"' + "9" * 30 + '"', ""):
        answer = api.post(f"/practices/{id}/publish", template.secretariat, headers={"If-Match": tag})
        check_fault(answer, "If-Match", "ETag")
    for key in ("", "with space", "x" * 201, "é".encode()):
        answer = api.post("/practices", template.secretariat, json=practice_body(), headers={"Idempotency-Key": key})
        assert check_problem(answer, 422)["errors"][0]["field"].lower() == "idempotency-key"


def test_one_shape_for_every_route_and_method(api: Api, template: Template) -> None:
    """Whatever is not there, not allowed or not understood is told in the same words."""
    paths: Json = api.app.openapi()["paths"]
    assert len(paths) > 15
    for path, declared in paths.items():
        address = re.sub(r"\{number\}", "1", re.sub(r"\{(practice|authority|name)\}", "nothing", path))
        address = re.sub(r"\{(submission|comment|claim)\}", str(UUID(int=0)), address)
        for method in METHODS:
            answer = api.request(method, address, template.secretariat)
            if method.lower() not in declared and not (method == "HEAD" and "get" in declared):
                assert answer.status_code == 405
                allowed = {name.upper() for name in declared} | ({"HEAD"} if "get" in declared else set())
                assert set(answer.headers["allow"].split(", ")) == allowed
                assert method == "HEAD" or check_problem(answer, 405)
            elif method == "HEAD":
                assert not answer.content
                assert answer.status_code == api.request("GET", address, template.secretariat).status_code
            elif answer.status_code >= 400:
                check_problem(answer, answer.status_code)
            if method.lower() in declared and not path.endswith("/callback"):  # others come there with their own
                unknown = api.request(method, f"{address}?nonsense=1", template.secretariat, json={})
                assert any(one["field"] == "nonsense" for one in check_problem(unknown, 422)["errors"])
    for address in ("/api/v1/nothing", "/api/v2/practices", "/api/v1/practices/a/b/c", "/api/", "/api/v1/%00"):
        for method in ("GET", "POST", "DELETE"):
            check_problem(api.request(method, address), 404)
