"""Comments that only one's own side and the secretariat read."""

import httpx
import pytest

from tests.portal.site import Device, Person, Site, Visits, check_accessible, counter, no_sideways_scroll
from tests.portal.test_casework import begun, client, cookie, desk, officer, stepped

__all__ = ["client"]
MARK = '<span class="badge internal">internal</span>'


@pytest.mark.parametrize("scripts", [True, False])
def test_an_internal_comment_is_marked_and_read_by_one_side(
    visits: Visits, site: Site, client: httpx.Client, device: Device, scripts: bool
) -> None:
    office, network = officer(site), desk(site)
    case = begun(site, office, f"A case with an internal comment {next(counter)}")
    stepped(site, office, case, "submit")
    path = f"/contribute/{case['id']}"
    with visits.open(f"{path}/read", device, person=network, scripts=scripts) as page:
        spot = page.locator("#talk-f-how-summary")
        spot.locator("summary").first.click()
        spot.get_by_label("Your comment").fill("Between us.")
        spot.get_by_label("only for our side and the secretariat").check()
        spot.get_by_role("button", name="Send the comment").click()
        spot.locator(".thread .badge.internal").wait_for()
        if scripts:
            check_accessible(page)
            no_sideways_scroll(page)

    def read(person: Person, part: str) -> str:
        return client.get(f"{path}{part}", headers=cookie(person)).text

    for part in ("", "/read"):
        assert MARK in read(network, part)
        assert "Between us." not in read(office, part)
    own = {"text": "Ask the mayor.", "question": "how.summary", "path": "how.summary", "internal": "true"}
    assert client.post(f"{path}/comments", data=own, headers=cookie(office)).status_code == 303
    assert MARK in read(office, "/answers/how?form=full")
    with site.as_(office) as api:
        assert [one["internal"] for one in api.get(f"/submissions/{case['id']}/comments").json()] == [True]


def test_a_refused_comment_stays_internal(site: Site, client: httpx.Client) -> None:
    office = officer(site)
    case = begun(site, office, "A case to talk about among ourselves")
    form = {"text": "x" * 2_001, "question": "how.summary", "path": "how.summary", "internal": "true"}
    answer = client.post(f"/contribute/{case['id']}/comments", data=form, headers=cookie(office))
    assert answer.status_code == 422
    assert 'name="internal" value="true" checked' in answer.text
    plain = client.post(
        f"/contribute/{case['id']}/comments", data={**form, "text": "For all.", "internal": ""}, headers=cookie(office)
    )
    assert plain.status_code == 303
    assert MARK not in client.get(f"/contribute/{case['id']}/read", headers=cookie(office)).text
