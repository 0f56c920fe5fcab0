"""Tables with some of the columns: what has none stays, an emptied cell erases, the whole is checked."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from typer.testing import CliRunner

from services.api import cli
from services.api.settings import Settings
from tests.api.exchange.tables import Base, Row, table
from tests.harness.support import Api, Json, Template, practice_body

TABLES = ("csv", "xlsx")


def whole() -> Json:
    """Return a record with an answer of every kind."""
    body: Json = practice_body("Before", results=["r0", "r1", "r2"], needs=["n0"], goal="The goal")
    content = body["content"]
    content["initiative"] |= {
        "partners": [
            {"name": "Caritas", "kind": "civil-society", "country": "IT"},
            {"name": "Somebody", "role": "Helps"},
            {"name": "Another"},
        ],
        "budget": [
            {"amount": 5, "currency": "EUR", "scope": "total", "period": {"start": "2008", "end": "2009"}},
            {"amount": 7.5, "currency": "EUR", "scope": "total", "period": {}},
        ],
    }
    content["what"] |= {"sdgs": ["1", "17"]}
    content["lessons"] = {"key_lessons": ["l0", "l1"]}
    body["translations"] = {
        "es": {"initiative.title": text("Antes"), "how.results[2]": text("r2 es", "machine")},
        "fr": {"initiative.title": text("Avant")},
    }
    return {**body, "owner": "alba"}


def text(text: str, status: str = "human") -> Json:
    return {"text": text, "status": status}


@pytest.fixture
def base(api: Api, template: Template) -> Base:
    return Base(api, template.secretariat)


def changed(before: Json, **more: Any) -> Json:
    """Return a content with other answers at paths such as `how__results`."""
    content: Json = orjson.loads(orjson.dumps(before))
    for path, value in more.items():
        section, field = path.split("__")
        content[section][field] = value
    return content


REQUIRED = {
    "language": "en",
    "what.priorities[0].priority": "rights",
    "what.priorities[0].assessed_by": "authority",
    "who.authorities[0].name": "Alba",
    "who.authorities[0].authority": "alba",
    "how.summary": "What Before is about.",
    "provenance.kind": "submitted",
}
"""Cells of a record that would do without the one that is here."""


@pytest.mark.each_database
@pytest.mark.parametrize("others", [{}, REQUIRED], ids=["alone", "beside what is required"])
@pytest.mark.parametrize("format", TABLES)
def test_a_column_that_is_not_there_leaves_its_answers_alone(base: Base, format: str, others: Row) -> None:
    base.add("one", whole())
    before = base.here("one")
    assert base.send(format, {"external_id": "one", "initiative.title": "After", **others}) == {"changed": 1}
    after = base.here("one")
    assert after["content"] == changed(before["content"], initiative__title="After")
    outdated = {language: {**fields} for language, fields in before["translations"].items()}
    for language, title in (("es", "Antes"), ("fr", "Avant")):
        outdated[language]["initiative.title"] = text(title, "outdated")
    assert (after["translations"], after["owner"], after["tier"]) == (outdated, "alba", "network")
    public = base.public("one")["content"]
    assert public["how"]["results"] == ["r0", "r1", "r2"]
    assert len(public["initiative"]["partners"]) == 3
    assert public["lessons"]["key_lessons"] == ["l0", "l1"]


def test_the_command_does_the_same(
    base: Base, api_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRAXIS_API_DATABASE_URL", api_settings.database_url)
    base.add("one", whole())
    before = base.here("one")
    path = tmp_path / "titles.csv"
    path.write_bytes(table("csv", [{"external_id": "one", "initiative.title": "After"}, {"external_id": "new"}]))
    for told in ("1 changed, 1 rejected", "1 unchanged, 1 rejected"):
        assert told in CliRunner().invoke(cli.app, ["import", str(path), "--publish"]).output
    assert base.here("one")["content"] == changed(before["content"], initiative__title="After")


@pytest.mark.parametrize("format", TABLES)
def test_an_emptied_cell_erases(base: Base, format: str) -> None:
    base.add("one", whole())
    before = base.here("one")
    row = {"external_id": "one", "how.goal": "", "how.needs[0]": "", "what.sdgs": "", "how.results[2]": ""}
    assert base.send(format, row, {"external_id": "one more", "how.goal": "x"}) == {"changed": 1, "rejected": 1}
    after = base.here("one")
    wanted = changed(before["content"], how__results=["r0", "r1"])
    del wanted["how"]["goal"], wanted["how"]["needs"], wanted["what"]["sdgs"]
    assert after["content"] == wanted
    es = {"initiative.title": text("Antes")}
    assert after["translations"] == before["translations"] | {"es": es}, "what was translated is gone"


@pytest.mark.parametrize(
    ("row", "partners"),
    [
        (
            {"initiative.partners[0].name": "Caritas Roma"},
            {0: {"name": "Caritas Roma", "kind": "civil-society", "country": "IT"}},
        ),
        ({"initiative.partners[0].country": ""}, {0: {"name": "Caritas", "kind": "civil-society"}}),
        ({"initiative.partners[1].role": ""}, {1: {"name": "Somebody", "kind": "other"}}),
        ({"initiative.partners[0].kind": ""}, {0: {"name": "Caritas", "kind": "other", "country": "IT"}}),
        ({"initiative.partners[2].name": ""}, {2: None}),
        ({"initiative.partners[2].name": "", "initiative.partners[2].kind": ""}, {2: None}),
        ({"initiative.partners[3].name": "Fourth"}, {3: {"name": "Fourth", "kind": "other"}}),
        ({"initiative.partners[3].name": ""}, {}),
        ({"initiative.partners[2].name": "Another", "initiative.partners[2].role": ""}, {}),
    ],
)
def test_items_of_a_list_keep_what_has_no_column(base: Base, row: Row, partners: dict[int, Json | None]) -> None:
    base.add("one", whole())
    wanted: list[Json | None] = [*base.here("one")["content"]["initiative"]["partners"], None]
    for number, partner in partners.items():
        wanted[number] = partner
    assert base.send("csv", {"external_id": "one", **row}) == {"changed" if partners else "unchanged": 1}
    assert base.here("one")["content"]["initiative"]["partners"] == [one for one in wanted if one]


@pytest.mark.parametrize(
    ("row", "period"),
    [
        ({"initiative.budget[0].period.start": ""}, (0, {"end": "2009"})),
        ({"initiative.budget[0].period.start": "", "initiative.budget[0].period.end": ""}, (0, None)),
        ({"initiative.budget[0].period": ""}, (0, {"start": "2008", "end": "2009"})),
        ({"initiative.budget[0].period": "{}", "initiative.budget[0].period.end": ""}, (0, {"start": "2008"})),
        ({"initiative.budget[0].period.end": "2010", "initiative.budget[0].period": "{}"},
         (0, {"start": "2008", "end": "2010"})),
        ({"initiative.budget[1].period.start": ""}, (1, {})),
        ({"initiative.budget[1].period": ""}, (1, None)),
        ({"initiative.budget[1].period.start": "2011"}, (1, {"start": "2011"})),
    ],
)  # fmt: skip
def test_a_group_within_an_item(base: Base, row: Row, period: tuple[int, Json | None]) -> None:
    base.add("one", whole())
    base.send("csv", {"external_id": "one", **row})
    number, wanted = period
    assert base.here("one")["content"]["initiative"]["budget"][number].get("period") == wanted


@pytest.mark.parametrize(
    ("row", "field", "said"),
    [
        ({"how.results[0]": ""}, "how.results[0]", "how.results[2] is filled"),
        ({"how.results[4]": "r4"}, "how.results[3]", "how.results[4] is filled"),
        ({"initiative.title": ""}, "initiative.title", "required"),
        ({"language": ""}, "language", "required"),
        ({"initiative.partners[0].name": ""}, "initiative.partners[0].name", "required"),
        ({"initiative.partners[3].role": "Helps"}, "initiative.partners[3].name", "required"),
        ({"translations.es.how.goal.text": "La meta"}, "translations.es.how.goal.status", "required"),
        ({"who.authorities[0].authority": "atlantis"}, "who.authorities[0].authority", "atlantis"),
        ({"owner": "boca"}, "owner", "belongs to alba"),
        ({"tier": "gold"}, "tier", "allowed"),
        ({"localized": "es"}, "localized", "copy"),
        (
            {"initiative.budget[0].period": "2008", "initiative.budget[0].period.start": "2008"},
            "initiative.budget[0].period",
            "only {} may stand here",
        ),
    ],
)
def test_what_does_not_fit_to_the_rest_is_refused(base: Base, row: Row, field: str, said: str) -> None:
    base.add("one", whole())
    before = base.here("one")
    (fault,) = base.faults("csv", {"external_id": "one", **row})
    assert (fault["field"], said in fault["message"]) == (field, True), fault
    assert base.here("one") == before


@pytest.mark.parametrize("format", TABLES)
def test_a_new_record_needs_all_its_required_answers(base: Base, format: str) -> None:
    first, *others = base.faults(format, {"external_id": "new", "initiative.title": "New"})
    assert (first["field"], first["value"]) == ("external_id", "new")
    assert "no record of this name" in first["message"]
    assert {one["field"] for one in others} == {
        "language", "what.priorities", "how.summary", "provenance.kind"
    }  # fmt: skip
    assert base.send(format, {"external_id": "new", "initiative.title": "New", **REQUIRED}) == {"added": 1}
    assert "partners" not in base.here("new")["content"]["initiative"]


def test_translations_that_have_no_column_stay(base: Base) -> None:
    base.add("one", whole())
    before = base.here("one")["translations"]
    spanish = "translations.es.initiative.title"
    assert base.send("csv", {"external_id": "one", f"{spanish}.text": "Luego"}) == {"changed": 1}
    assert base.here("one")["translations"] == before | {"es": {**before["es"], "initiative.title": text("Luego")}}
    assert base.send("csv", {"external_id": "one", f"{spanish}.text": ""}) == {"changed": 1}
    assert base.here("one")["translations"] == before | {"es": {"how.results[2]": text("r2 es", "machine")}}
    row = {"external_id": "one", f"{spanish}.text": "De nuevo", f"{spanish}.status": "machine", "how.results[2]": ""}
    assert base.send("csv", row) == {"changed": 1}
    assert base.here("one")["translations"] == before | {"es": {"initiative.title": text("De nuevo", "machine")}}


def test_owners_and_tiers_stay(base: Base) -> None:
    base.add("one", {**whole(), "tier": "peer-reviewed"})
    assert base.public("one")["tier"] == "peer-reviewed"
    assert base.send("csv", {"external_id": "one", "how.goal": "Another"}) == {"changed": 1}
    assert base.public("one")["tier"] == "peer-reviewed"
    quietly = {"external_id": "one", "how.goal": "A third"}
    assert base.send("csv", quietly, query="") == {"changed": 1}
    assert base.send("csv", quietly) == {"published": 1}
    assert (base.public("one")["tier"], base.public("one")["content"]["how"]["goal"]) == ("peer-reviewed", "A third")
    base.add("two", whole())
    assert base.send("csv", {"external_id": "two", "how.goal": ""}, query="publish=true&tier=peer-reviewed")
    assert base.public("two")["tier"] == "peer-reviewed"
    assert base.send("csv", {"external_id": "two", "owner": "", "tier": ""}) == {"unchanged": 1}
    assert base.here("two")["owner"] == "alba"
    assert base.send("csv", {"external_id": "one", "how.goal": "A fourth", "tier": "network"}) == {"changed": 1}
    assert base.public("one")["tier"] == "network"


def test_what_people_edited_is_kept(base: Base) -> None:
    base.add("one", whole())
    shown = base.public("one")
    body = {"content": {**shown["content"], "rights": "By hand"}, "translations": {}}
    base.api.put(f"/practices/{shown['id']}", base.key, version=2, json=body).raise_for_status()
    before = base.here("one")
    assert base.send("csv", {"external_id": "one", "initiative.title": "After"}) == {"kept": 1}
    assert base.send("csv", {"external_id": "one", "rights": "By hand"}) == {"unchanged": 1}
    assert base.here("one") == before


def test_a_row_of_nothing_but_a_name_is_unchanged(base: Base) -> None:
    base.add("one", whole())
    assert base.send("csv", {"external_id": " one "}) == {"unchanged": 1}
    faults = base.faults("csv", {"external_id": "", "initiative.title": "Nameless"})
    assert {"field": "external_id", "message": "Field required"}.items() <= faults[-1].items()


def test_all_or_nothing_holds_for_what_is_refused_beside_the_rest(base: Base) -> None:
    base.add("one", whole())
    before = base.here("one")
    rows = [{"external_id": "one", "how.goal": "Another"}, {"external_id": "new", "how.goal": "x"}]
    report = base.report(table("csv", rows), "csv", "publish=true&all_or_nothing=true")
    assert (report["written"], report["outcomes"]["rejected"]) == (False, 1)
    assert base.here("one") == before


def test_a_document_replaces_the_record(base: Base) -> None:
    base.add("one", whole())
    file = orjson.dumps({"external_id": "one", **practice_body("After")})
    assert base.report(file, "jsonl")["outcomes"]["changed"] == 1
    assert "results" not in base.here("one")["content"]["how"]


@pytest.mark.parametrize("end", ["", "\n"])
def test_a_last_row_that_was_cut_off_erases_nothing(base: Base, end: str) -> None:
    base.add("one", whole())
    before = base.here("one")
    report = base.report(f"external_id,how.goal,how.needs[0]\none,The go{end}".encode(), "csv")
    if end:
        assert report["outcomes"]["changed"] == 1, "whoever ends the row leaves the rest of it empty"
        assert "needs" not in base.here("one")["content"]["how"]
    else:
        assert "cut off" in report["rejected"][0]["faults"][0]["message"]
        assert base.here("one") == before
