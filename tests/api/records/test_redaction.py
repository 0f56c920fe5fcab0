"""One value of a revision that was public is taken out for good, for everybody."""

from pathlib import Path

import pytest
from sqlmodel import select

from services.api.records.models import RecordRevision
from tests.api.records.taking_out import REASON, Case, everything_public, published, told
from tests.api.records.test_withdrawal import trail
from tests.harness.support import Api, Json, Template, check_problem, practice_body

pytestmark = pytest.mark.each_database


def stored(api: Api) -> str:
    """Return all answers and translations that the base holds of records."""
    with api.database.transaction(write=False) as session:
        return str([(one.content, one.translations) for one in session.exec(select(RecordRevision))])


def test_a_value_goes_for_everybody(api: Api, template: Template, tmp_path: Path) -> None:
    case = published(api, template.secretariat, told("Zebra"), told("Yak"))
    assert "Yak" in everything_public(case, tmp_path)
    assert case.redact(2, "how.results[0]")["content"]["how"]["results"] == ["Many came"]
    assert "Yak" not in everything_public(case, tmp_path) + stored(api)
    shown = case.public()
    assert shown is not None
    assert shown["content"]["how"]["results"] == ["Many came"]
    assert (shown["revision"], shown["withdrawn"], shown["translations"]) == (2, [], {})
    noted = {"path": "how.results[0]"} | REASON
    for key in (None, template.alba):
        found = case.revisions(key)
        assert [{name: one[name] for name in noted} for one in found[2]["redacted"]] == [noted]
        assert found[1]["redacted"] == []
    assert trail(api, "practice.redact") == [{"revision": 2} | noted]


def test_an_earlier_revision_is_redacted_alike(api: Api, template: Template, tmp_path: Path) -> None:
    """The public one reads as before, and yet answers that were kept ready are made anew."""
    case = published(api, template.secretariat, told("Zebra"), told("Yak"))
    assert "Zebra" in everything_public(case, tmp_path)
    before = case.public()
    case.redact(1, "how.results")
    assert "Zebra" not in everything_public(case, tmp_path) + stored(api)
    assert case.public() == before


def test_so_is_one_of_a_record_that_is_public_no_longer(api: Api, template: Template) -> None:
    case = published(api, template.secretariat, told("Zebra"))
    case.do("unpublish")
    case.redact(1, "how.results[0]")
    assert "Zebra" not in stored(api)
    assert case.public() is None
    case.do("publish")
    assert case.public() is not None


def test_rows_are_named_as_they_stand_and_kept_as_they_stood(api: Api, template: Template) -> None:
    case = published(api, template.secretariat, practice_body(results=["a", "b", "c", "d"]))
    for path in ("how.results[1]", "how.results[1]", "how.results[0]"):
        case.redact(1, path)
    assert case.revision(1)["content"]["how"]["results"] == ["d"]
    assert [one["path"] for one in case.revisions()[1]["redacted"]] == [f"how.results[{n}]" for n in (0, 1, 2)]


def test_what_it_named_tells_of_it_no_longer(api: Api, template: Template) -> None:
    target = published(api, template.secretariat, practice_body("Model"))
    link = {"relation": "inspired-by", "to": f"practice/{target.id}", "asserted_by": "authority"}
    body = practice_body()
    body["content"]["links"] = [link]
    case = published(api, template.secretariat, body)
    case.redact(1, "links[0]")
    shown = target.public()
    assert shown is not None
    assert shown["incoming"] == []
    case.redact(1, "who.authorities[0].authority")
    shown = case.public()
    assert shown is not None
    assert shown["authorities"] == []


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("how", 422),
        ("nowhere.at_all", 422),
        ("how.results[", 422),
        ("initiative.title", 422),
        ("how.results[7]", 404),
        ("how.results[0].text", 404),
        ("how.description", 404),
    ],
)
def test_what_cannot_be_redacted(api: Api, template: Template, path: str, status: int) -> None:
    case = published(api, template.secretariat, told("Zebra"))
    problem = check_problem(case.post("revisions/1/redact", REASON | {"path": path}), status)
    if status == 422:
        assert [one["field"] for one in problem["errors"]] == ["path"]
    assert case.revision(1)["redacted"] == []


def test_what_is_refused(api: Api, template: Template) -> None:
    case = published(api, template.secretariat, told("Zebra", description="Long"))
    case.update(told("Draft"))
    body = REASON | {"path": "how.description"}
    for number, status in ((2, 409), (3, 404)):
        check_problem(case.post(f"revisions/{number}/redact", body), status)
    check_problem(case.post("revisions/1/redact", body, version=1), 412)
    check_problem(case.post("revisions/1/redact", body, template.alba), 403)
    case.redact(1, "how.description")
    check_problem(case.post("revisions/1/redact", body), 409)
    case.redact(1, "how.results")
    check_problem(case.post("revisions/1/redact", REASON | {"path": "how.results[0]"}), 409)


def test_a_withdrawn_revision_can_be_redacted_too(api: Api, template: Template) -> None:
    case = published(api, template.secretariat, told("Zebra"), told("Yak"))
    case.withdraw(1)
    case.redact(1, "how.results[0]")
    assert "Zebra" not in stored(api)


def test_an_import_brings_nothing_back(api: Api, template: Template) -> None:
    """What people took out of an imported record is theirs, as what they wrote into it is."""
    body: Json = told("Zebra") | {"external_id": "one"}

    def bring() -> Json:
        answer = api.post("/imports?format=jsonl&publish=true&name=a.jsonl", template.secretariat, json=body)
        found: Json = answer.json()
        return found

    bring()
    id = api.get("/practices").json()["items"][0]["id"]
    case = Case(api, template.secretariat, id)
    case.redact(1, "how.results[0]")
    bring()
    assert "Zebra" not in stored(api)
    case.withdraw(1)
    bring()
    assert case.public() is None
    assert case.reload()["revision"] == 1
