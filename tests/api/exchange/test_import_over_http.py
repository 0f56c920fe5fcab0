"""Imports over HTTP: the command's work and report, for the secretariat, within bounds, one at a time."""

import json
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from threading import Event, Thread
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import httpx
import orjson
import pytest
import yaml
from sqlalchemy import text
from typer.testing import CliRunner

from services.api import cli
from services.api.changes import service as changes
from services.api.exchange import receiving
from services.api.exchange.formats import csv, jsonl, xlsx
from services.api.exchange.formats import yaml as documents
from services.api.exchange.receiving import Receiver
from services.api.forms.types import RecordType
from services.api.records import service as records_room
from services.api.records.workbooks import MEDIA_TYPE
from services.api.types import TYPES as TYPES_OF_RECORDS
from services.api.types.practice.type import TYPE
from tests.harness.paths import PRACTICES
from tests.harness.support import Api, Json, Template, check_problem, practice_body, running

Records = dict[str, Json]
FORMS = {"jsonl": jsonl, "csv": csv, "xlsx": xlsx, "yaml": documents}
TYPES = {"jsonl": "application/x-ndjson", "csv": "text/csv", "xlsx": MEDIA_TYPE, "yaml": "application/yaml"}


def rows(records: Records) -> list[Json]:
    return [{"external_id": name, **one} for name, one in records.items()]


def lines(records: Records | list[Json]) -> bytes:
    every = records if isinstance(records, list) else rows(records)
    return b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in every)


def send(api: Api, key: str, file: bytes, query: str = "", media_type: str = TYPES["jsonl"]) -> httpx.Response:
    return api.post(f"/imports?{query}", key, content=file, headers={"Content-Type": media_type})


def report(answer: httpx.Response) -> Json:
    assert answer.status_code == 200, answer.text[:500]
    body: Json = answer.json()
    return body


def outcomes(answer: httpx.Response) -> Json:
    """Return the outcomes that there are."""
    body = report(answer)
    assert body["records"] == sum(body["outcomes"].values())
    return {what: count for what, count in body["outcomes"].items() if count}


def here(api: Api, external_id: str) -> Any:
    with api.database.transaction(write=False) as session:
        return records_room.by_external_id(session, TYPE, external_id)


def feed(api: Api) -> Any:
    with api.database.transaction(write=False) as session:
        return changes.digest(session)


def query(api: Api, statement: str) -> list[Any]:
    with api.database.transaction(write=False) as session:
        return [tuple(row) for row in session.execute(text(statement))]


MIXED: list[Json] = [
    {"external_id": "good", **practice_body("Good")},
    {"external_id": "wrong", **practice_body("Wrong", summary="")},
    {"external_id": "lost", **practice_body("Lost", authority="atlantis")},
    {"external_id": "good", **practice_body("Twice")},
    practice_body("Nameless"),
    {"external_id": "last", **practice_body("Last")},
]


def test_the_report_is_the_commands(
    api: Api, template: Template, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = lines(MIXED) + b'{"cut'
    (tmp_path / "cases.jsonl").write_bytes(file)
    other = template.copy(tmp_path / "other")
    monkeypatch.setenv("PRAXIS_API_DATABASE_URL", other.database_url)
    said = CliRunner().invoke(cli.app, ["import", str(tmp_path / "cases.jsonl"), "--publish"]).output
    told = [json.loads(line) for line in (tmp_path / "cases.jsonl.rejected.jsonl").read_text().splitlines()]
    tried = report(send(api, template.secretariat, file, "publish=true&dry_run=true"))
    assert here(api, "good") is None
    done = send(api, template.secretariat, file, "publish=true")
    assert outcomes(done) == {"added": 2, "rejected": 5}
    assert "7 records: 2 added, 5 rejected" in said
    body = report(done)
    assert [{**one, "more_faults": 0} for one in told] == body["rejected"] == tried["rejected"]
    assert [one["place"] for one in told] == ["line 2", "line 3", "line 4", "line 5", "line 7"]
    assert (tried["written"], body["written"]) == (False, True)
    assert {**tried, "written": True} == body
    with running(other) as commanded:
        assert feed(commanded)[1:] == feed(api)[1:], "the same records in the same feed"
    mark = feed(api)[0]
    assert done.headers["praxis-seq"] == f"{mark.epoch}.{mark.seq}"
    assert outcomes(send(api, template.secretariat, file, "publish=true")) == {"unchanged": 2, "rejected": 5}


@pytest.mark.parametrize("told", ["media type", "format", "name"])
@pytest.mark.parametrize("format", FORMS)
def test_every_format_however_it_is_told(api: Api, template: Template, format: str, told: str) -> None:
    records = {f"case {number}": practice_body(f"Title {number}") for number in range(3)}
    file = BytesIO()
    FORMS[format].write(file, lambda: iter([{**one, "translations": {}} for one in rows(records)]), TYPE)
    asked = {"media type": "", "format": f"format={format}", "name": f"name=My%20cases.{format.upper()}"}[told]
    media_type = TYPES[format] if told == "media type" else "application/octet-stream"
    assert outcomes(send(api, template.secretariat, file.getvalue(), asked, media_type)) == {"added": 3}
    practice = here(api, "case 2")
    assert (practice.latest_revision, practice.published_revision) == (1, None)


def test_a_format_that_is_not_told_is_asked_for(api: Api, template: Template) -> None:
    for media_type, asked in (("application/json", ""), ("application/octet-stream", "name=cases.ods")):
        body = check_problem(send(api, template.secretariat, b"{}", asked, media_type), 422)
        (fault,) = body["errors"]
        assert (fault["field"], fault["value"]) == ("Content-Type", media_type)
        assert "text/csv" in fault["allowed"]
    check_problem(send(api, template.secretariat, b"{}", "format=ods"), 422)
    check_problem(send(api, template.secretariat, b"{}", "folder=x"), 422)


def test_the_type_is_told_or_the_first_of_all(api: Api, template: Template) -> None:
    file = lines({"one": practice_body("One")})
    assert outcomes(send(api, template.secretariat, file, "type=practice")) == {"added": 1}
    assert outcomes(send(api, template.secretariat, file)) == {"unchanged": 1}
    for name in ("practices", "", "Practice"):
        (fault,) = check_problem(send(api, template.secretariat, file, f"type={name}"), 422)["errors"]
        assert (fault["location"], fault["field"], fault["value"]) == ("query", "type", name)
        assert fault["allowed"] == [*TYPES_OF_RECORDS]


def test_the_trail_names_the_caller_and_the_next_import_goes_on(api: Api, template: Template) -> None:
    key = template.secretariat
    caller = key.split("_")[1]
    send(api, key, lines({"one": practice_body("One"), "two": practice_body("Two")}), "publish=true")
    changed = {"one": practice_body("One again"), "two": practice_body("Two again")}
    assert outcomes(send(api, template.colleague, lines(changed), "publish=true")) == {"changed": 2}
    two = here(api, "two")
    api.put(f"/practices/{two.id}", key, version=two.version, json=practice_body("By hand")).raise_for_status()
    third = lines({"one": practice_body("One at last"), "two": practice_body("Two at last")})
    assert outcomes(send(api, key, third, "publish=true")) == {"changed": 1, "kept": 1}
    trail = query(
        api,
        "SELECT caller, action FROM audit_event WHERE target_type = 'practice' "
        f"AND target_id = '{here(api, 'one').id}' ORDER BY at",
    )
    wanted = [(caller, "create"), (caller, "publish")]
    wanted += [(template.colleague.split("_")[1], "update"), (template.colleague.split("_")[1], "publish")]
    wanted += [(caller, "update"), (caller, "publish")]
    assert sorted(trail) == sorted((who, f"practice.{what}") for who, what in wanted)


def test_tiers_and_all_or_nothing(api: Api, template: Template) -> None:
    key, before = template.secretariat, feed(api)
    body = report(send(api, key, lines(MIXED), "publish=true&all_or_nothing=true"))
    assert (body["written"], body["outcomes"]["added"], body["outcomes"]["rejected"]) == (False, 0, 4)
    assert feed(api) == before
    good = lines([MIXED[0], MIXED[5]])
    tiered = report(send(api, key, good, "publish=true&all_or_nothing=true&tier=peer-reviewed"))
    assert (tiered["written"], tiered["outcomes"]["added"]) == (True, 2)
    assert api.get(f"/practices/{here(api, 'last').id}").json()["tier"] == "peer-reviewed"
    check_problem(send(api, key, good, "tier=gold"), 422)


def test_a_report_is_bounded(api: Api, template: Template) -> None:
    many = [{"external_id": f"bad {number}", "content": {"how": {"summary": 1}}} for number in range(150)]
    worst: Json = {"external_id": "worst", **practice_body("Worst")}
    worst["content"]["how"] |= {f"field_{number}": number for number in range(60)}
    body = report(send(api, template.secretariat, lines([worst, *many])))
    assert body["outcomes"]["rejected"] == 151
    assert (len(body["rejected"]), body["more_rejected"]) == (receiving.MOST_LISTED, 51)
    first = body["rejected"][0]
    assert (len(first["faults"]), first["more_faults"]) == (receiving.MOST_FAULTS, 40)
    assert [one["external_id"] for one in body["rejected"][1:3]] == ["bad 0", "bad 1"]


def test_too_many_records_are_refused_before_the_first(api: Api, template: Template) -> None:
    api.app.state.receiver = Receiver(2)
    three = {str(number): practice_body(str(number)) for number in range(3)}
    problem = check_problem(send(api, template.secretariat, lines(three)), 413)
    assert "2 records" in problem["detail"]
    assert "praxis import" in problem["detail"]
    assert here(api, "0") is None
    del three["2"]
    assert outcomes(send(api, template.secretariat, lines(three))) == {"added": 2}


def bomb() -> bytes:
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as packed:
        packed.writestr("[Content_Types].xml", "")
        for number in range(30):
            packed.writestr(f"{number}.xml", b" " * 3_900_000)
    return file.getvalue()


def far_row() -> bytes:
    file = BytesIO()
    xlsx.write(file, lambda: iter([{"external_id": "x", **practice_body("X")}]), TYPE)
    changed = BytesIO()
    with ZipFile(file) as packed, ZipFile(changed, "w", ZIP_DEFLATED) as other:
        for name in packed.namelist():
            part = packed.read(name)
            other.writestr(
                name, part.replace(b'<row r="2"', b'<row r="999999999999"').replace(b'2" t=', b'999999999999" t=')
            )
    return changed.getvalue()


@pytest.mark.parametrize(
    ("format", "file", "said"),
    [
        ("xlsx", lambda: b"PK no workbook", "not an Excel workbook"),
        ("xlsx", bomb, "unpacks to"),
        ("xlsx", far_row, "rows beyond 1048576"),
        ("csv", lambda: b"external_id,initiative.titel\n", "initiative.title"),
        ("csv", lambda: b"\n", "empty"),
        ("yaml", lambda: b"", "empty"),
        ("jsonl", lambda: "{}".encode("utf-16"), "UTF-16"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(
    api: Api, template: Template, format: str, file: Callable[[], bytes], said: str
) -> None:
    problem = check_problem(send(api, template.secretariat, file(), f"format={format}"), 422)
    (fault,) = problem["errors"]
    assert fault["location"] == "body"
    assert said in fault["message"]
    assert "praxis-import-" not in problem["detail"], "nobody need know where the file was kept"


def test_time_is_bounded_and_the_same_file_goes_on(
    api: Api, template: Template, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.api.exchange.receiving.AT_ONCE", 2)
    moments = iter([0.0] * (1 + 7 + 5) + [99.0] * 9)  # begun, read, and five records taken up
    file = lines({str(number): practice_body(str(number)) for number in range(7)})
    api.app.state.receiver = Receiver(100, clock=lambda: next(moments))
    first = report(send(api, template.secretariat, file))
    api.app.state.receiver = Receiver(100)
    assert (first["complete"], first["written"], first["outcomes"]["added"]) == (False, True, 4)
    rest = report(send(api, template.secretariat, file))
    assert (rest["complete"], rest["outcomes"]["added"], rest["outcomes"]["unchanged"]) == (True, 3, 4)


def test_one_at_a_time_while_the_api_goes_on(api: Api, template: Template, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on = Event(), Event()
    read = receiving.open_source

    def slowly(path: Path, type: RecordType | None) -> Any:
        begun.set()
        assert go_on.wait(30)
        return read(path, type)

    monkeypatch.setattr(receiving, "open_source", slowly)
    file, answers = lines({"one": practice_body("One")}), []
    importing = Thread(target=lambda: answers.append(send(api, template.secretariat, file)))
    importing.start()
    try:
        assert begun.wait(30)
        second = send(api, template.colleague, file)
        check_problem(second, 503)
        assert second.headers["retry-after"] == str(receiving.RETRY_AFTER)
        assert api.get("/practices").status_code == 200
    finally:
        go_on.set()
        importing.join()
    assert outcomes(answers[0]) == {"added": 1}
    assert outcomes(send(api, template.colleague, file)) == {"unchanged": 1}


def test_printed_cases_come_in_whole(api: Api, template: Template) -> None:
    seeds = PRACTICES
    found = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(seeds.glob("*.yaml"))[:5]]
    for one in found:
        for involved in one["content"]["who"].get("authorities", []):
            involved["authority"] = None
    records = {str(number): one for number, one in enumerate(found)}
    assert outcomes(send(api, template.secretariat, lines(records), "publish=true")) == {"added": 5}
    for name, one in records.items():
        shown = api.get(f"/practices/{here(api, name).id}").json()
        assert shown["content"]["initiative"]["title"] == one["content"]["initiative"]["title"]
