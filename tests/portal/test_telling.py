"""Telling what happened to a public record: who is asked to, what is asked, and where it is shown."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest

from tests.portal.pledges import HOSTILE, LANGUAGES, Base, pledging
from tests.portal.site import Device, Person, Visits, check_accessible, counter, no_sideways_scroll


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Base]:
    """One base for all these tests, which tell different things."""
    with pledging(tmp_path_factory.mktemp("telling")) as base:
        yield base


def address(base: Base) -> str:
    return f"/contribute/tell/pledges/{base.road['slug']}"


def page_of(base: Base) -> str:
    return f"/pledges/{base.road['slug']}"


def sent(base: Base, form: Mapping[str, str], person: Person | None = None) -> tuple[int, str]:
    """Send the form as a browser would; return status and page."""
    person = person or base.network
    headers = {"Cookie": f"praxis_session={person.token}", "Sec-Fetch-Site": "same-origin"}
    base.site.http.cookies.clear()
    answer = base.site.http.post(address(base), data=dict(form), headers=headers)
    return answer.status_code, answer.text


def told(base: Base) -> list[tuple[str | None, ...]]:
    shown = base.site.http.get(f"/api/v1{page_of(base)}").json()
    return [tuple(step[name] for name in ("kind", "value", "path", "date", "note")) for step in shown["progress"]]


def officer(base: Base, authority: str) -> Person:
    return base.site.person(f"of-{authority}-{next(counter)}", "officer", authority)


def test_it_is_offered_to_those_who_edit_a_record(base: Base) -> None:
    link = f'href="{address(base)}"'
    people = (None, officer(base, "cartaya"), base.network)
    assert [link in base.get(page_of(base), person).text for person in people] == [False, False, True]
    slug = base.site.http.get("/api/v1/practices?limit=1").json()["items"][0]["slug"]
    assert f'href="/contribute/tell/practices/{slug}"' in base.get(f"/practices/{slug}", base.network).text


def test_what_happened_is_told_with_its_date_without_scripts_too(base: Base, visits: Visits, device: Device) -> None:
    before = len(told(base))
    for scripts in (True, False):
        with replace(visits, site=base.site).open(page_of(base), device, person=base.network, scripts=scripts) as page:
            page.get_by_role("link", name="Tell what happened").click()
            page.get_by_label("What happened").select_option("Done · late")
            page.get_by_label("To what").select_option(label="Actions 1: Pave")
            page.get_by_label("When it happened").fill("2020-07")
            page.get_by_label("A word on it").fill("At last\nit is")
            if scripts:
                check_accessible(page)
                no_sideways_scroll(page)
            page.get_by_role("button", name="Tell it").click()
            page.wait_for_url(f"**{page_of(base)}#related")
            shown = page.locator("#related").inner_text()
            assert "July 2020" in shown
            assert "At last" in shown
    step = ("done", "late", "plan.actions[key=1]", "2020-07", "At last\nit is")
    assert told(base)[before:] == [step, step]


def test_a_form_that_is_sent_twice_tells_it_once(base: Base) -> None:
    key = re.search(r'name="key" value="([0-9a-f]{32})"', base.get(address(base), base.network).text)
    assert key
    before = told(base)
    for _ in range(2):
        assert sent(base, {"kind": "kept", "key": key[1]})[0] == 303
    assert told(base) == [*before, ("kept", None, None, None, None)]


@pytest.mark.parametrize(
    ("form", "fault"),
    [
        ({}, "Choose what happened."),
        ({"kind": "sung"}, "Choose what happened."),
        ({"kind": "done:late"}, "Choose what it happened to"),
        ({"kind": "kept", "path": "plan.actions[key=1]"}, "Choose what it happened to"),
        ({"kind": "kept", "date": "9000"}, "Write a date that has come"),
        ({"kind": "kept", "date": "last July"}, "Write a date that has come"),
        ({"kind": "kept", "note": "x" * 2001}, "Say it in at most 2,000 characters."),
    ],
)
def test_what_is_wrong_is_said_beside_the_field_and_what_was_typed_stays(
    base: Base, form: dict[str, str], fault: str
) -> None:
    before = told(base)
    status, text = sent(base, {"note": f"Typed {HOSTILE}", **form})
    assert status == 422
    assert text.count(fault) == 2, "above, with a link to it, and beside the field"
    assert HOSTILE not in text
    assert form.get("note", "Typed &#34;&gt;") in text
    assert f'value="{form["date"]}"' in text if "date" in form else True
    assert told(base) == before


def test_a_row_may_be_named_in_the_address(base: Base) -> None:
    text = base.get(f"{address(base)}?path=plan.actions%5Bkey%3D1%5D", base.network).text
    assert re.search(r'<option value="plan\.actions\[key=1\]" selected>', text)


def test_it_is_not_everybodys(base: Base) -> None:
    assert "/sign-in" in base.get(address(base)).headers["location"]
    stranger = officer(base, "cartaya")
    assert "is told by its own office" in base.get(address(base), stranger).text
    assert sent(base, {"kind": "kept"}, stranger)[0] == 403
    for path in ("/contribute/tell/poems/x", "/contribute/tell/pledges/nowhere"):
        assert base.get(path, base.network).status_code == 404


def test_who_takes_part_tells_what_is_hers_to_tell(base: Base) -> None:
    """The school is promised to Cartaya, which may say that something is done, but not that the promise is kept."""
    text = base.get(f"/contribute/tell/pledges/{base.school['slug']}", officer(base, "cartaya")).text
    assert re.findall(r'<option value="(done|kept)', text) == ["done", "done"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_it_is_asked_in_every_language(base: Base, lang: str) -> None:
    text = base.get(f"{address(base)}?lang={lang}", base.network).text
    said = {"en": "Tell it", "es": "Contarlo", "fr": "Le dire", "it": "Dirlo"}[lang]
    assert f"<button>{said}</button>" in text
