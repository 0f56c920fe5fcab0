"""Comparing: rows in the questionnaire's order, what differs, how practices are chosen, and the workbook of it."""

from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from services.portal import comparing
from services.portal.record import Answer
from tests.portal.links import Element, read
from tests.portal.site import CARTAYA, Site

ROI = "roi-bologna-to-craiova-voluntary-return-of-roma-families"
SLUG = CARTAYA.rsplit("/", 1)[1]
TWO = [("practice", SLUG), ("practice", ROI)]

QUESTIONS = [{"path": f"how.q{number}", "label": f"Question {number}", "kind": "text"} for number in range(6)]
QUESTIONNAIRE = {"sections": [{"name": "how", "title": "How", "questions": QUESTIONS}]}


def answered(texts: list[str | None]) -> comparing.Sections:
    given = [Answer(question, text, (text,)) for question, text in zip(QUESTIONS, texts, strict=True) if text]
    return [(QUESTIONNAIRE["sections"][0], given)] if given else []


@given(st.lists(st.lists(st.sampled_from([None, "a", "b"]), min_size=6, max_size=6), min_size=2, max_size=4))
def test_rows_tell_what_differs(practices: list[list[str | None]]) -> None:
    given_answers = [answered(texts) for texts in practices]
    rows = [row for _, found in comparing.compare(QUESTIONNAIRE, given_answers, False) for row in found]
    columns = list(zip(*practices, strict=True))
    assert [row.question for row in rows] == [q for q, texts in zip(QUESTIONS, columns, strict=True) if any(texts)]
    for row in rows:
        texts = columns[QUESTIONS.index(row.question)]
        assert [answer and answer.text for answer in row.answers] == list(texts)
        expected = "one" if sum(map(bool, texts)) == 1 else "same" if len(set(texts)) == 1 else "differs"
        assert row.outcome == expected
    only = [row for _, found in comparing.compare(QUESTIONNAIRE, given_answers, True) for row in found]
    assert only == [row for row in rows if row.outcome != "same"]


def paths(site: Site) -> list[str]:
    sections = site.http.get("/api/v1/questionnaire?lang=en&form=full").json()["sections"]
    return [q["label"] for section in sections if section["name"] != "record" for q in section["questions"]]


def rows_of(page: Element) -> list[Element]:
    return [
        row for body in page.all("tbody") for row in body.all("tr") if "section" not in row.attributes.get("class", "")
    ]


def test_two_are_set_side_by_side(site: Site) -> None:
    page = read(site.http.get("/compare", params=TWO))
    assert [cell.all("a")[0].attributes["href"] for cell in page.all("thead")[0].all("th")[1:]] == [
        CARTAYA,
        f"/practices/{ROI}",
    ]
    rows = rows_of(page)
    labels = [row.all("th")[0].text for row in rows]
    known = iter(paths(site))
    for label in labels:
        assert any(label.startswith(one) for one in known), f"{label} is out of order"
    for row in rows:
        first, second = (cell.text for cell in row.all("td"))
        outcome = row.attributes["class"]
        told = row.all("span", "outcome")[0].text
        assert outcome == ("one" if "no answer" in (first, second) else "same" if first == second else "differs")
        assert told[2:] == {"one": "only in one", "same": "same for all", "differs": "differs"}[outcome]
        assert ("only here" in first + second) == (outcome == "one")
    assert {row.attributes["class"] for row in rows} >= {"one", "differs"}
    differing = rows_of(read(site.http.get("/compare", params=[*TWO, ("only", "differences")])))
    assert [row.text for row in differing] == [row.text for row in rows if row.attributes["class"] != "same"]


def test_choosing_stays_in_the_address(site: Site) -> None:
    first = site.http.get("/compare", params={"add": SLUG})
    assert (first.status_code, first.headers["location"]) == (303, f"/compare?practice={SLUG}")
    page = read(site.http.get("/compare", params={"practice": SLUG, "q": "return of Roma families"}))
    adding = [link for link in page.all("a", "button") if link.text.startswith("Add")]
    assert f"/compare?practice={SLUG}&practice={ROI}" in [link.attributes["href"] for link in adding]
    assert not any(f"practice={SLUG}&practice={SLUG}" in link.attributes["href"] for link in adding)
    both = read(site.http.get(f"/compare?practice={SLUG}&practice={ROI}"))
    out = [link.attributes["href"] for link in both.all("a", "out")]
    assert out == [f"/compare?practice={ROI}", f"/compare?practice={SLUG}"]


def test_what_cannot_be_compared_is_told(site: Site) -> None:
    slugs = [hit["slug"] for hit in site.http.get("/search/v1/records?per_page=6&type=practice").json()["hits"]]
    many = read(site.http.get("/compare", params=[("practice", slug) for slug in slugs[:5]]))
    assert len(many.all("thead")[0].all("th")) == 5
    assert f"At most 4 practices are compared; left out: {slugs[4]}" in many.text
    again = read(site.http.get("/compare", params=[*TWO, ("practice", ROI)]))
    assert f"“{ROI}” is named more than once" in again.text
    assert len(again.all("thead")[0].all("th")) == 3
    for unknown in ("nowhere", "../../api", "<script>", "x" * 190):
        missing = site.http.get("/compare", params=[*TWO, ("practice", unknown)])
        assert "There is no practice “" in read(missing).text
        assert "<script>”" not in missing.text
    assert site.http.get("/compare", params={"practice": "nowhere"}).status_code == 404
    assert site.http.get("/compare").status_code == 200
    assert site.http.get("/compare.xlsx", params={"practice": SLUG}).status_code == 422
    assert site.http.get("/compare.xlsx", params=[*TWO, ("practice", "nowhere")]).status_code == 422


@pytest.mark.parametrize("only", ["", "differences"])
def test_the_workbook_says_the_same(site: Site, only: str) -> None:
    answer = site.http.get("/compare.xlsx", params=[*TWO, ("only", only)])
    assert answer.status_code == 200
    assert "attachment" in answer.headers["content-disposition"]
    sheet = load_workbook(BytesIO(answer.content)).active
    assert sheet is not None
    lines = list(sheet.iter_rows(values_only=True))
    assert lines[1][3:] == (f"{site.url}{CARTAYA}", f"{site.url}/practices/{ROI}")
    rows = rows_of(read(site.http.get("/compare", params=[*TWO, ("only", only)])))
    for line, row in zip(lines[2:], rows, strict=True):
        assert row.all("th")[0].text.startswith(str(line[1]))
        assert str(line[2]) in row.all("th")[0].text
        for value, cell in zip(line[3:], row.all("td"), strict=True):
            assert ("no answer" in cell.text) == (value is None)


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://x")', "\x01=1", "\t=1", "x" * 40_000]
)
def test_texts_are_never_formulas(text: str) -> None:
    content = comparing.workbook(
        (text, "b", "c"), [(text, text), (text, text)], [(text, [["q", "differs", text, text]])]
    )
    sheet = load_workbook(BytesIO(content)).active
    assert sheet is not None
    cells: list[Any] = [cell for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n"}  # an empty cell counts as a number
    assert all(cell.data_type == "s" for cell in cells if cell.value is not None)
    assert sheet["A1"].value == text.replace("\x01", "")[:32_767]
