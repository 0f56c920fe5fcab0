"""What stands around a public practice: related records, what happened since, and revisions that were withdrawn."""

import re

import httpx
import pytest

from services.api.changes import service as changes
from services.api.kit.moments import now
from services.api.records import publishing, repository
from services.api.records import service as records
from services.api.records.models import RecordStep, RecordWithdrawal
from services.api.types import default
from services.portal.shown import date
from tests.harness.support import Json
from tests.portal.answering import READY, begin, press, saved
from tests.portal.site import CARTAYA, Device, Person, Site, Visits, check_accessible, counter, no_sideways_scroll
from tests.portal.test_casework import client, content, cookie, desk

__all__ = ["client"]


def published(site: Site, network: Person, title: str, links: list[Json], spanish: str = "") -> Json:
    """Publish a practice over HTTP."""
    translated = {"es": {"initiative.title": {"text": spanish, "status": "human"}}} if spanish else {}
    with site.as_(network) as api:
        made = api.post("/practices", json={"content": content(title) | {"links": links}, "translations": translated})
        assert made.is_success, made.text
        return acted(site, network, made.json(), "publish")


def acted(site: Site, network: Person, practice: Json, act: str) -> Json:
    with site.as_(network) as api:
        headers = {"If-Match": f'"{practice["version"]}"'}
        answer = api.post(f"/practices/{practice['id']}/{act}", headers=headers)
        assert answer.is_success, answer.text
        found: Json = answer.json()
        return found


def link(relation: str, **to: str) -> Json:
    return {"relation": relation, "asserted_by": "authority", **to}


def related(page: httpx.Response) -> str:
    """Return what a page shows of what stands around its record."""
    assert page.status_code == 200
    text = page.text
    return text.split('<section id="related">')[1].split("</section>")[0] if 'id="related"' in text else ""


def test_records_that_name_each_other_are_shown_by_their_titles(site: Site, client: httpx.Client) -> None:
    network, number = desk(site), next(counter)
    first = published(site, network, f"The <first> one {number}", [], spanish=f"La primera {number}")
    rows = [
        link("inspired-by", to=f"practice/{first['slug']}", note="A visit in 2007."),
        link("part-of", name="Programme <X>", where="Andalusia"),
    ]
    second = published(site, network, f"The second one {number}", rows)
    english = related(client.get(f"/practices/{second['slug']}"))
    assert f'<a href="/practices/{first["slug"]}">The &lt;first&gt; one {number}</a>' in english
    assert "Inspired by:" in english
    assert "A visit in 2007." in english
    assert "Part of:" in english
    assert "Programme &lt;X&gt;" in english
    assert "Andalusia" in english
    spanish = related(client.get(f"/practices/{second['slug']}?lang=es"))
    assert f'<a href="/practices/{first["slug"]}">La primera {number}</a>' in spanish
    assert "Inspirado en:" in spanish
    named = related(client.get(f"/practices/{first['slug']}?lang=en"))
    assert "Named by" in named
    assert f'<a href="/practices/{second["slug"]}">The second one {number}</a>' in named
    assert "Related records" not in named
    acted(site, network, first, "unpublish")
    withdrawn = related(client.get(f"/practices/{second['slug']}?lang=en"))
    assert "a record that is no longer public" in withdrawn
    assert f"/practices/{first['slug']}" not in withdrawn


def test_a_practice_with_nothing_around_it_shows_no_empty_headings(site: Site, client: httpx.Client) -> None:
    alone = published(site, desk(site), f"A lonely one {next(counter)}", [])
    page = client.get(f"/practices/{alone['slug']}")
    assert related(page) == ""
    assert 'href="#related"' not in page.text


def test_what_happened_since_and_what_was_withdrawn_is_told(
    visits: Visits, site: Site, client: httpx.Client, device: Device
) -> None:
    network = desk(site)
    practice = published(site, network, f"One with a past {next(counter)}", [])
    for title in ("Its second state", "Its third state"):
        with site.as_(network) as api:
            headers = {"If-Match": f'"{practice["version"]}"'}
            body = {"content": content(title), "translations": {}}
            saved = api.put(f"/practices/{practice['id']}", json=body, headers=headers).json()
        practice = acted(site, network, saved, "publish")
    with site.database.transaction() as session:
        changes.hold(session)
        record = records.find(session, default(), practice["id"], None)
        about = {"record_id": record.id, "at": now(), "caller": "test"}
        session.add(RecordStep(number=1, kind="still-true", note="We <asked>.", **about))
        session.add(RecordStep(number=2, kind="still-true", date="2020-07", **about))
        session.add(RecordWithdrawal(number=2, reason="It named a child.", **about))
        session.add(RecordWithdrawal(number=1, path="how.summary", reason="It named an address.", **about))
        session.flush()
        publishing.show(session, repository.published(session, [record.id]))
    path = f"/practices/{practice['slug']}"
    told = related(client.get(path))
    assert "What happened since" in told
    assert "Still true" in told
    assert "We &lt;asked&gt;." in told
    today, earlier = re.findall(r'<li>\s*<span class="quiet">(.*?)</span>\s*Still true', told)
    assert earlier == "July 2020", "when it happened, not when it was told"
    assert today == date(now().isoformat(), "en")
    everybody = client.get(f"{path}/history").text
    assert "Revision 2 was withdrawn" in everybody
    assert 'href="?before=1&amp;after=3"' in everybody
    assert "Redacted: Brief description" in everybody
    assert "It named an address." in everybody
    editors = client.get(f"{path}/history", headers=cookie(network)).text
    assert "It named a child." in editors
    with visits.open(path, device) as page:
        check_accessible(page)
        no_sideways_scroll(page)
        page.goto(f"{path}/history")
        check_accessible(page)


@pytest.mark.parametrize("scripts", [True, False])
def test_related_records_are_named_in_the_form_and_previewed(
    visits: Visits, site: Site, client: httpx.Client, device: Device, scripts: bool
) -> None:
    case = begin(site, READY)
    with visits.open(f"{case.path}/record?form=full", device, person=case.ana, scripts=scripts) as page:
        row = page.locator("#q-links .item").first
        assert row.get_by_label("Relation").locator("option", has_text="Inspired by").count() == 1
        row.get_by_label("Relation").select_option("inspired-by")
        row.get_by_label("Said by").select_option("authority")
        row.get_by_label("Record of this base").fill("Cartaya, the strawberries")
        press(page, "Save")
        page.locator("#q-links .faults .fault").first.wait_for()
        row.get_by_label("Record of this base").fill(CARTAYA.replace("/practices/", "practice/"))
        press(page, "Save")
        if scripts:
            saved(page)
        page.locator("#q-links .faults .fault").first.wait_for(state="hidden")
    (link,) = case.content["links"]
    assert link["relation"] == "inspired-by"
    assert link["to"] == CARTAYA.replace("/practices/", "practice/")
    shown = related(client.get(f"/contribute/{case.id}/preview", headers=cookie(case.ana)))
    assert f'<a href="{CARTAYA}"' in shown
    assert "Inspired by:" in shown


def test_a_preview_leaves_out_whom_it_does_not_know(site: Site, client: httpx.Client) -> None:
    unknown = {"who": {"authorities": [{"name": "Atlantis", "authority": "atlantis"}]}}
    case = begin(site, {"initiative": {"title": "Half a case"}, **unknown})
    page = client.get(f"/contribute/{case.id}/preview", headers=cookie(case.ana))
    assert page.status_code == 200
    assert "Half a case" in page.text
    assert "atlantis" not in page.text
