"""The thesaurus at the desk: found, added, changed, deleted, taken in from SKOS; what is typed is shown as text."""

from collections.abc import Iterator

import httpx
import pytest

from tests.portal.site import Device, Site, Visits, check_accessible, counter, no_sideways_scroll
from tests.portal.test_desk import client, somebody

TURTLE = "@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n@prefix : <https://else.example/voc/> .\n"
HOSTILE = "<script>window.pwned=1</script>\"'><img src=x onerror=alert(1)>"


@pytest.fixture
def desk(site: Site) -> Iterator[httpx.Client]:
    with client(site, somebody(site, "secretariat")) as visitor:
        yield visitor


def new(desk: httpx.Client, **fields: str | list[str]) -> str:
    """Add a concept and return its code."""
    code = f"concept-{next(counter)}"
    answer = desk.post("/desk/thesaurus/new", data={"code": code, "label-en": f"word {code}", **fields})
    assert answer.status_code == 303, answer.text
    assert answer.headers["location"] == f"/desk/thesaurus/concepts/{code}?said=added"
    return code


def concept(site: Site, code: str) -> dict[str, object]:
    terms = site.http.get("/api/v1/vocabularies/thesaurus").json()["terms"]
    return {term["code"]: term for term in terms}.get(code, {})


@pytest.mark.parametrize("scripts", [True, False])
def test_a_concept_is_added_changed_and_deleted(visits: Visits, site: Site, device: Device, scripts: bool) -> None:
    person = somebody(site, "secretariat")
    with client(site, person) as visitor:
        above = new(visitor)
    code = f"seasonal-{next(counter)}"
    with visits.open("/desk/thesaurus", device, person=person, scripts=scripts) as page:
        page.get_by_role("link", name="Add a concept").click()
        page.get_by_label("Code", exact=True).fill(code)
        spanish = page.get_by_role("group", name="Spanish")
        spanish.get_by_label("Preferred word").fill("trabajadores de temporada")
        spanish.get_by_label("Other words, one a line").fill(f"temporeros\njornaléros {code}\n")
        other = page.get_by_role("group", name="Another language")
        other.get_by_label("Language tag").fill("uk")
        other.get_by_label("Preferred word").fill("сезонні працівники")
        page.get_by_role("group", name="Broader concepts").get_by_label("Code 1").fill("nobody-is-called-so")
        page.get_by_role("button", name="Save").click()
        page.get_by_role("link", name="Choose codes of concepts that are here").wait_for()
        assert spanish.get_by_label("Preferred word").input_value() == "trabajadores de temporada"
        page.get_by_role("group", name="Broader concepts").get_by_label("Code 1").fill(above)
        page.get_by_role("button", name="Save").click()
        page.get_by_text("The concept is added.").wait_for()
        if scripts:
            check_accessible(page)
            no_sideways_scroll(page)
        page.get_by_role("group", name="French").get_by_label("Preferred word").fill("saisonniers")
        page.get_by_role("button", name="Save").click()
        page.get_by_text("The concept is saved.").wait_for()
        assert concept(site, code) == {
            "code": code,
            "labels": {"es": "trabajadores de temporada", "fr": "saisonniers", "uk": "сезонні працівники"},
            "alternatives": {"es": [f"jornaléros {code}", "temporeros"]},
            "broader": [above],
            "narrower": [],
            "related": [],
        }
        page.goto("/desk/thesaurus")
        page.get_by_label("Word or code").fill(f"JORNALEROS {code}")
        page.locator("#language").select_option("es")
        page.get_by_role("button", name="Show").click()
        page.get_by_role("link", name="trabajadores de temporada").click()
        page.get_by_text("Delete this concept …").click()
        page.get_by_role("button", name="Yes, delete").click()
        page.get_by_text("The concept is deleted.").wait_for()
        assert concept(site, code) == {}


def test_lists_are_narrowed_and_counted(desk: httpx.Client) -> None:
    mark = f"mark{next(counter)}"
    for number in range(52):
        new(desk, **{"label-ro": f"{mark} {number}"})
    first = desk.get("/desk/thesaurus", params={"q": mark.upper(), "language": "ro"})
    assert "52 concepts" in first.text
    assert first.text.count('class="case-title"') == 50
    second = desk.get("/desk/thesaurus", params={"q": mark, "language": "ro", "page": 2})
    assert second.text.count('class="case-title"') == 2
    assert "0 concepts" in desk.get("/desk/thesaurus", params={"q": mark, "language": "sq"}).text


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"code": "Wrong Code"}, "Write lower-case letters from a to z"),
        ({"code": ""}, "Write lower-case letters from a to z"),
        ({"label-en": ""}, "Write the preferred word in one language at least."),
        ({"label-en": "w" * 101}, "Write a word on one line, of at most 100 characters."),
        ({"others-en": "twice\nTwice"}, "Write at most 30 words"),
        ({"others-en": "\n".join(f"w{n}" for n in range(31))}, "Write at most 30 words"),
        ({"label-": "слово", "language": "ukrainian"}, "Write a language as its tag"),
        ({"label-": "слово", "language": ""}, "Write a language as its tag"),
        ({"related": "no-such-concept"}, "Choose codes of other concepts that are here."),
    ],
)
def test_what_cannot_be_saved_is_said(desk: httpx.Client, fields: dict[str, str], told: str) -> None:
    typed = {"code": f"refused-{next(counter)}", "label-en": "word", "label-it": "parola"} | fields
    if fields == {"label-en": ""}:
        del typed["label-it"]
    answer = desk.post("/desk/thesaurus/new", data=typed)
    assert (answer.status_code, told in answer.text) == (422, True), answer.text
    assert fields == {"label-en": ""} or "parola" in answer.text


def test_who_was_slower_is_told(desk: httpx.Client) -> None:
    code = new(desk)
    path = f"/desk/thesaurus/concepts/{code}"
    assert desk.post(path, data={"version": "1", "label-en": "first"}).status_code == 303
    for late in (desk.post(path, data={"version": "1", "label-en": "late"}), desk.post(f"{path}/delete")):
        assert late.status_code in (412, 428)
        assert "Somebody else changed this concept meanwhile" in late.text
    taken = desk.post("/desk/thesaurus/new", data={"code": code, "label-en": "again"})
    assert (taken.status_code, "There is a concept of this code already" in taken.text) == (412, True)
    below = new(desk, broader=code)
    held = desk.post(f"{path}/delete", data={"version": "2"})
    assert (held.status_code, "Other concepts fall under it" in held.text) == (409, True)
    assert f'href="/desk/thesaurus/concepts/{below}"' in held.text
    assert desk.get("/desk/thesaurus/concepts/no-such-concept").status_code == 404


def test_what_is_typed_is_shown_as_text(visits: Visits, site: Site) -> None:
    person = somebody(site, "secretariat")
    with client(site, person) as visitor:
        code = new(visitor, **{"label-fr": HOSTILE, "others-fr": f"x {HOSTILE}"})
        bad = visitor.post("/desk/thesaurus/new", data={"code": HOSTILE, "label-en": HOSTILE, "broader": HOSTILE})
        assert (bad.status_code, "<script>window" in bad.text) == (422, False)
        assert "<img" not in bad.text
    with visits.open("/desk/thesaurus?lang=fr", person=person) as page:
        for path in (f"/desk/thesaurus?q={code}", f"/desk/thesaurus/concepts/{code}"):
            page.goto(path)
            assert page.evaluate("window.pwned") is None
            assert page.get_by_text(HOSTILE).count() + page.locator("main img, main script").count() >= 1
            assert page.locator("main img, main script").count() == 0


def sent(desk: httpx.Client, name: str, file: str, act: str = "try") -> httpx.Response:
    return desk.post("/desk/thesaurus/import", files={"file": (name, file.encode())}, data={"act": act})


def test_a_file_is_tried_out_then_taken_in(desk: httpx.Client, site: Site) -> None:
    code = f"taken-{next(counter)}"
    file = (
        f'{TURTLE}:{code} a skos:Concept ; skos:prefLabel "taken in"@en ; skos:definition "x<b>"@en .\n'
        f':{code}-bad a skos:Concept ; skos:prefLabel "bad"@en ; skos:broader <http://e/%3Cscript%3E> .'
    )
    trial = sent(desk, "words.ttl", file)
    assert (trial.status_code, trial.headers["cache-control"]) == (200, "no-store")
    for told in ("This was a trial", "What would be done with words.ttl", f"{code}-bad", "skos:definition"):
        assert told in trial.text
    assert concept(site, code) == {}
    done = sent(desk, "words.ttl", file, "import")
    assert "The file is taken in." in done.text
    assert concept(site, code)["labels"] == {"en": "taken in"}
    assert f"<https://else.example/voc/{code}>" not in site.http.get("/api/v1/vocabularies/thesaurus.ttl").text


@pytest.mark.parametrize(
    ("name", "file", "status", "told"),
    [
        ("words.docx", "text", 422, "whose name ends in .ttl, .rdf or .xml"),
        ("words.ttl", "", 422, "Choose a file that is not empty"),
        ("words.ttl", "no turtle <b>", 422, "The file cannot be read"),
        ("words.rdf", '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r>&x;</r>', 422, "document type"),
        ("words.ttl", "#" * 10_100_000, 413, "The file is too large"),
    ],
    ids=["name", "empty", "text", "entity", "large"],
)
def test_what_is_not_taken_is_said(desk: httpx.Client, name: str, file: str, status: int, told: str) -> None:
    answer = sent(desk, name, file)
    assert (answer.status_code, told in answer.text, "<b>" in answer.text) == (status, True, False), answer.text[:3000]
