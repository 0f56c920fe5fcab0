"""Forms in Excel over HTTP: a draft or a list of faults, saved where it belongs, and back."""

from io import BytesIO

import openpyxl
import pytest
import yaml

from services.api.forms.workbook.reading import read
from services.api.forms.workbook.writing import write
from tests.api.submissions.support import PRACTICE, Callers, begin, callers, complete
from tests.harness.paths import PRACTICES
from tests.harness.support import Api, Json, Template, check_problem

SEEDS = PRACTICES
XLSX = {"Content-Type": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


@pytest.fixture
def who(api: Api, template: Template) -> Callers:
    return callers(api, template)


def test_a_filled_form_becomes_a_draft(api: Api, who: Callers) -> None:
    seed: Json = yaml.safe_load((SEEDS / "cartaya.yaml").read_text(encoding="utf-8"))
    form = write(PRACTICE.type.form, seed["content"], "es", translations=seed["translations"])
    made = api.post("/submissions/import", who.alba, headers=XLSX, content=form)
    assert made.status_code == 201, made.text
    body = made.json()
    assert made.headers["location"] == f"/api/v1/submissions/{body['id']}"
    assert body["owner"] == "alba"
    again = read(PRACTICE.type.form, api.get(f"/submissions/{body['id']}/workbook.xlsx?lang=fr", who.alba).content)
    assert (again.content, again.translations) == (body["content"], body["translations"])
    assert again.content["initiative"]["title"] == seed["content"]["initiative"]["title"]
    assert again.translations == seed["translations"]


def test_a_form_is_saved_in_the_draft_that_it_came_from(api: Api, who: Callers) -> None:
    made = begin(api, who.alba)
    form = api.get(f"/submissions/{made['id']}/workbook.xlsx", who.alba).content
    problem = check_problem(api.post("/submissions/import", who.alba, headers=XLSX, content=form), 409)
    assert made["id"] in problem["detail"]
    path = f"/submissions/import?submission={made['id']}"
    check_problem(api.post(path, who.alba, headers=XLSX, content=form), 428)
    check_problem(api.post(path, who.boca, version=1, headers=XLSX, content=form), 404)
    saved = api.post(path, who.alba, version=1, headers=XLSX, content=form)
    assert saved.status_code == 200, saved.text
    assert saved.json()["content"] == complete()
    stale = api.post(path, who.alba, version=1, headers=XLSX, content=form)
    check_problem(stale, 412)
    assert stale.headers["link"].endswith('rel="diff"')


def test_faults_are_listed_by_sheet_cell_and_question(api: Api, who: Callers) -> None:
    book = openpyxl.load_workbook(BytesIO(write(PRACTICE.type.form, complete(), "en")))
    place = next(cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value == "2.1")
    sheet = place.parent
    answer = next(c for row in sheet.iter_rows() for c in row if c.value == "Rights")
    answer.value = "No such priority"
    file = BytesIO()
    book.save(file)
    problem = check_problem(api.post("/submissions/import", who.alba, headers=XLSX, content=file.getvalue()), 422)
    assert [fault["field"] for fault in problem["errors"]] == [f"{sheet.title}!{answer.coordinate}"]
    assert "question 2.1" in problem["errors"][0]["message"]
    assert "Rights" in " ".join(problem["errors"][0]["allowed"])
    assert api.get("/submissions", who.alba).json()["items"] == []


@pytest.mark.parametrize(
    ("headers", "content", "status"),
    [
        (XLSX, b"", 422),
        (XLSX, b"PK\x03\x04 not a workbook", 422),
        (XLSX, b"a;b;c\n", 422),
        ({"Content-Type": "application/json"}, b"{}", 422),
        (XLSX, b"PK" + b"\0" * 10_000_001, 413),
    ],
    ids=["empty", "broken", "csv", "json", "too large"],
)
def test_what_is_no_workbook_is_refused(api: Api, who: Callers, headers: Json, content: bytes, status: int) -> None:
    check_problem(api.post("/submissions/import", who.alba, headers=headers, content=content), status)


def test_answers_that_no_cell_can_hold_are_named(api: Api, who: Callers) -> None:
    made = begin(api, who.alba, {"initiative": {"title": {"not": "a text"}}})
    problem = check_problem(api.get(f"/submissions/{made['id']}/workbook.xlsx", who.alba), 409)
    assert [fault["field"] for fault in problem["errors"]] == ["initiative.title"]
