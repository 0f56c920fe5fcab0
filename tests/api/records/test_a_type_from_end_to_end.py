"""A type's whole way: the Excel form, a draft, its workflow, the feed, a step, and out again; what is private stays."""

import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import structlog

from services.api.exchange import exporting
from services.api.exchange.exporting import Asked
from services.api.records.workbooks import MEDIA_TYPE
from services.api.settings import Settings
from services.api.types import TYPES
from services.web import observe
from tests.api.kinds import DAY
from tests.api.test_visibility import text_of
from tests.harness.support import Api, Json, Template

SENTINEL = "NEVER-TO-BE-SEEN"
ANSWERS = {
    "promise.title": "We teach together",
    "promise.summary": "A pledge of two towns.",
    "promise.authority": "alba",
    "promise.partner": "boca",
    "plan.steps": SENTINEL,
    "plan.reservations": SENTINEL,
}
ACTIONS = [
    {"Action *": "Teach", "Due": "2030", "Doubts": SENTINEL, "Planned – From": DAY},
    {"Action *": "Build", "Doubts": SENTINEL},
]


def filled_in(form: bytes) -> bytes:
    """Fill in an empty form as people do: each answer beside its question, each row below its columns."""
    book = openpyxl.load_workbook(io.BytesIO(form))
    for sheet in book:
        for row in [*sheet.iter_rows()]:
            path = row[0].value
            if path in ANSWERS:
                row[3].value = ANSWERS[path]
            if path == "plan.actions":
                heads = {cell.value: cell.column for cell in row if cell.value}
                for below, action in enumerate(ACTIONS, row[0].row + 1):
                    for head, text in action.items():
                        sheet.cell(below, heads[head], text)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def feed(api: Api) -> dict[tuple[str, str], Json]:
    """Return what is public of pledges and of their rows."""
    changes = api.get("/changes?limit=1000").json()["changes"]
    return {(one["type"], one["id"]): one["record"] for one in changes if one["type"] in ("pledge", "action")}


def ok(answer: Any) -> Json:
    assert answer.status_code < 300, answer.text
    body: Json = answer.json()
    return body


@pytest.fixture
def api_settings(template: Template, tmp_path: Path) -> Settings:
    """Settings for an api that logs every request."""
    return template.copy(tmp_path).model_copy(update={"log_sample": 1})


def test_from_an_empty_form_to_what_everybody_reads_and_out_again(
    api: Api, template: Template, monkeypatch: pytest.MonkeyPatch
) -> None:
    logged = io.StringIO()
    monkeypatch.setattr(observe, "log", structlog.wrap_logger(structlog.PrintLogger(logged)))
    workbook = filled_in(api.get("/questionnaire.xlsx?type=pledge").content)
    kind = {"Content-Type": MEDIA_TYPE}
    draft = ok(api.post("/submissions/import?type=pledge", template.alba, content=workbook, headers=kind))
    assert draft["type"] == "pledge"
    assert draft["ready"], draft["findings"]
    actions = draft["content"]["plan"]["actions"]
    keys = [row["key"] for row in actions]
    assert [row["text"] for row in actions] == ["Teach", "Build"]
    assert [row["doubts"] for row in actions] == [SENTINEL] * 2

    path = f"/submissions/{draft['id']}"
    assert SENTINEL in api.get(path, template.boca).text, "the partner reads the draft"
    for action, key in (("submit", template.alba), ("publish", template.secretariat)):
        draft = ok(api.post(f"{path}/transitions", key, version=draft["version"], json={"action": action}))
    assert draft["state"] == "published"

    record = ok(api.get(f"/pledges/{draft['record']}"))
    own = [("action", f"{record['id']}#{key}") for key in keys]
    assert record["title"] == {"en": "We teach together"}
    shown = feed(api)
    assert {*shown} == {("pledge", record["id"]), *own}
    assert [shown[one]["content"]["text"] for one in own] == ["Teach", "Build"]
    assert shown[own[0]]["derived_from"]["id"] == record["id"]

    step = {"kind": "done", "path": f"plan.actions[key={keys[0]}]", "value": "late"}
    ok(api.post(f"/pledges/{record['id']}/steps", template.boca, json=step))
    (told,) = ok(api.get(f"/pledges/{record['id']}"))["progress"]
    assert step.items() <= told.items()

    latest = ok(api.get(f"/pledges/{record['id']}/latest", template.alba))
    again = {"content": latest["content"] | {"promise": latest["content"]["promise"] | {"title": "We teach on"}}}
    again["content"]["plan"]["actions"] = again["content"]["plan"]["actions"][:1]
    saved = ok(api.put(f"/pledges/{record['id']}", template.secretariat, version=latest["version"], json=again))
    public = ok(api.post(f"/pledges/{record['id']}/publish", template.secretariat, version=saved["version"]))
    assert feed(api)[own[1]] is None, "a row that is there no longer is found no longer"
    tails = ("", "/revisions", "/revisions/1", "/revisions/2", "/diff?before=1&after=2", "/workbook.xlsx", "/steps")
    texts = {tail: text_of(api.get(f"/pledges/{record['id']}{tail}")) for tail in tails}
    assert all("We teach" in text for tail, text in texts.items() if tail != "/steps")
    texts["feed"] = api.get("/changes?limit=1000").text
    texts["list"] = api.get("/pledges").text
    with api.database.transaction(write=False) as session:
        for language in (None, "en"):
            texts[f"export {language}"] = str([*exporting.written(session, TYPES["pledge"], Asked(language=language))])
        assert SENTINEL in str([*exporting.written(session, TYPES["pledge"], Asked(published=False))])
    assert "We teach on" in texts["export None"]

    why = {"reason": "It was not decided."}
    first = f"/pledges/{record['id']}/revisions"
    gone = ok(api.post(f"{first}/2/withdraw", template.secretariat, version=public["version"], json=why))
    assert ok(api.get(f"/pledges/{record['id']}"))["title"] == {"en": "We teach together"}
    assert feed(api)[own[1]]["content"]["text"] == "Build"
    gone = ok(api.post(f"{first}/1/withdraw", template.secretariat, version=gone["version"], json=why))
    assert [*feed(api).values()] == [None] * 3, "its rows leave with it"
    texts["at the end"] = api.get("/changes?limit=1000").text
    assert gone["status"] == "unpublished"

    texts["log"] = logged.getvalue()
    assert '"route": "/api/v1/pledges' in texts["log"]
    told_of = [place for place, text in texts.items() if SENTINEL in text or DAY in text]
    assert not told_of, "what is private is in no public byte"
