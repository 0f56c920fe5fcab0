"""Importing at the desk: tried out, reported, taken in for real; and what is said of files that are not taken."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.harness.support import Json
from tests.portal.site import Device, Site, Visits, check_accessible, no_sideways_scroll
from tests.portal.test_casework import content
from tests.portal.test_desk import client, counter, somebody


def lines(*records: Json) -> bytes:
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


def entry(external_id: str, **more: Json) -> Json:
    return {"external_id": external_id, "content": content(f"Taken in as {external_id}") | more}


@pytest.fixture
def desk(site: Site) -> Iterator[httpx.Client]:
    with client(site, somebody(site, "secretariat")) as visitor:
        yield visitor


def sent(desk: httpx.Client, name: str, file: bytes, **options: str) -> httpx.Response:
    return desk.post("/desk/import", files={"file": (name, file)}, data=options)


@pytest.mark.parametrize("scripts", [True, False])
def test_a_file_is_tried_out_then_taken_in(
    visits: Visits, site: Site, device: Device, scripts: bool, tmp_path: Path
) -> None:
    known = f"desk:{next(counter)}"
    wrong = {"priorities": [{"priority": "wealth", "assessed_by": "authority"}]}
    file = tmp_path / f"cases-{next(counter)}.jsonl"
    file.write_bytes(lines(entry(known), entry(f"{known}-bad", what=wrong)))
    with visits.open("/desk/import", device, person=somebody(site, "secretariat"), scripts=scripts) as page:
        page.get_by_label("File", exact=True).set_input_files(file)
        page.get_by_label("Make the records public").focus()
        page.keyboard.press("Space")
        page.get_by_role("button", name="Try it out").focus()
        page.keyboard.press("Enter")
        page.get_by_text("This was a trial: nothing is written.").wait_for()
        assert page.locator(":focus").inner_text() == f"What would be done with {file.name}"
        assert page.get_by_role("row", name="Added 1").count() == 1
        refused = page.locator(".rejected > li")
        assert refused.count() == 1
        for told in ("line 2", f"{known}-bad", "2.1", "what.priorities[0].priority", "wealth", "remittances"):
            assert told in refused.inner_text()
        if scripts:
            check_accessible(page)
            no_sideways_scroll(page)
        else:
            page.get_by_label("File", exact=True).set_input_files(file)
        assert page.get_by_label("Make the records public").is_checked()
        assert site.http.get("/api/v1/practices", params={"limit": 100}).text.count(f"Taken in as {known}") == 0
        page.get_by_role("button", name="Import for real").focus()
        page.keyboard.press("Enter")
        page.get_by_text("The file is taken in, and what is public in it can be found within seconds.").wait_for()
        assert page.get_by_role("row", name="Added 1").count() == 1
    listed = [one["title"] for one in site.http.get("/api/v1/practices", params={"limit": 100}).json()["items"]]
    assert listed.count(f"Taken in as {known}") == 1


def test_what_fails_on_the_way_is_said(visits: Visits, site: Site, tmp_path: Path) -> None:
    file = tmp_path / "cases.jsonl"
    file.write_bytes(b" " * 21_000_000)
    with visits.open("/desk/import", person=somebody(site, "secretariat")) as page:
        page.get_by_label("File", exact=True).set_input_files(file)
        valid = "document.querySelector('[type=file]').validationMessage"
        assert page.evaluate(valid) == "This file is too large: send it in parts."
        smaller = tmp_path / "fewer.jsonl"
        smaller.write_bytes(lines(entry(f"desk:{next(counter)}")))
        page.get_by_label("File", exact=True).set_input_files(smaller)
        assert page.evaluate(valid) == ""
        page.evaluate("console.error = () => {}")  # htmx tells it what failed
        page.route("**/desk/import", lambda route: route.abort())
        page.get_by_role("button", name="Try it out").click()
        page.get_by_text("No answer came. Wait a moment, then send the file again").wait_for()
        page.unroute("**/desk/import")
        page.get_by_role("button", name="Try it out").click()
        page.get_by_text("This was a trial").wait_for()
        assert page.get_by_text("No answer came").count() == 0


def test_what_an_import_did_is_told(desk: httpx.Client) -> None:
    known = f"desk:{next(counter)}"
    file = lines(entry(known), {"external_id": f"{known}-bad"})
    nothing = sent(desk, "a.jsonl", file, act="import", all_or_nothing="true")
    assert "Nothing was written" in nothing.text
    waiting = sent(desk, "a.jsonl", file, act="import")
    assert "To make its records public, send it again" in waiting.text
    assert waiting.headers["cache-control"] == "no-store"
    again = sent(desk, "a.jsonl", file, act="import", publish="true")
    assert "can be found within seconds" in again.text
    by_default = sent(desk, "a.jsonl", lines(entry(f"{known}-new")))
    assert "This was a trial" in by_default.text


@pytest.mark.parametrize(
    ("name", "file", "status", "told"),
    [
        ("", b"", 422, "Choose a file that is not empty."),
        ("empty.csv", b"", 422, "Choose a file that is not empty."),
        ("cases.docx", b"text", 422, "Its name must end in .jsonl, .csv, .xlsx or .yaml"),
        ("cases.xlsx", b"no workbook", 422, "The file cannot be read"),
        ("cases.csv", b"external_id,no such column\n1,2\n", 422, "no such column"),
        ("<b>.jsonl", b"\xff\xfe", 422, "The file cannot be read"),
        ("cases.jsonl", b"{}\n" * 2001, 413, "The file is too large"),
        ("cases.jsonl", b"{}\n" * 6_700_000, 413, "The file is too large"),
        ("cases.jsonl", b" " * 22_000_000, 413, "too large to be taken in at once"),
    ],
    ids=["none", "empty", "untold", "no workbook", "column", "encoding", "many", "larger", "largest"],
)
def test_what_is_not_taken_is_said_in_words(desk: httpx.Client, name: str, file: bytes, status: int, told: str) -> None:
    answer = sent(desk, name, file) if name else desk.post("/desk/import", data={"act": "try"})
    assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert told in answer.text
    assert "<b>" not in answer.text


def test_another_import_is_waited_for(desk: httpx.Client) -> None:
    many = lines(*(entry(f"many:{number}") for number in range(1500)))
    with ThreadPoolExecutor(2) as threads:
        answers = sorted(
            threads.map(lambda _: sent(desk, "many.jsonl", many), range(2)), key=lambda one: one.status_code
        )
    assert [answer.status_code for answer in answers] == [200, 503]
    assert "This was a trial" in answers[0].text
    assert "Another import is running, or the base is busy" in answers[1].text
    assert sent(desk, "one.jsonl", lines(entry("one:1"))).status_code == 200
