"""Pages for readers without an account, in a browser with and without scripts: accessible, as wide as their window."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from services.api.access import accounts
from services.api.access.service import OPERATOR
from services.api.app import open_database
from tests.api.readers.support import TEXT, token_in
from tests.harness.letters import SENDER
from tests.harness.server import serving_seeds
from tests.harness.smtp import Inbox, serving_mail
from tests.harness.support import settings_for
from tests.harness.waiting import until
from tests.portal.site import CARTAYA, Device, Site, Visits, check_accessible, counter, no_sideways_scroll

SLUG = CARTAYA.rsplit("/", 1)[1]


@pytest.fixture(scope="module")
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture(scope="module")
def writing(inbox: Inbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Praxis on the seed records, sending letters."""
    folder = tmp_path_factory.mktemp("writing")
    with serving_mail(inbox) as server:
        settings = {
            "PRAXIS_API_SMTP_URL": f"smtp://{server}",
            "PRAXIS_API_MAIL_FROM": SENDER,
            "PRAXIS_API_PUBLIC_URL": "https://praxis.example.org",
        }
        with serving_seeds(folder, settings=settings) as client:
            database = open_database(settings_for(f"sqlite:///{folder}/praxis.db"))
            yield Site(str(client.base_url).rstrip("/"), client, database)
            database.close()


@pytest.fixture
def visiting(visits: Visits, writing: Site) -> Visits:
    return Visits(visits.playwright, visits.browser, writing)


def held(page: Page) -> None:
    """Check what every page must stand."""
    check_accessible(page)
    no_sideways_scroll(page)


def link_of(inbox: Inbox) -> str:
    """Return the token of the letter that comes next."""
    until(lambda: len(inbox.letters) == 1)
    return token_in(inbox.letters.pop())


@pytest.mark.parametrize("scripts", [True, False])
def test_a_message_is_written_sent_reported_and_decided_on(
    visiting: Visits, inbox: Inbox, device: Device, scripts: bool
) -> None:
    look = held if scripts else no_sideways_scroll  # axe-core is a script
    secretary = visiting.site.person(f"secretary-of-readers-{next(counter)}", "secretariat")
    with visiting.open(CARTAYA, device, scripts=scripts) as page:
        page.get_by_role("link", name="Write to the office").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Write to the office")
        look(page)
        page.get_by_label("Your name").fill("Lea")
        page.get_by_label("Your e-mail").fill(f"lea{next(counter)}@example.org")
        page.get_by_label("Message").fill(TEXT)
        page.get_by_role("button", name="Go on").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Look into your mailbox")
        look(page)
        page.goto(f"/readers/confirm?token={link_of(inbox)}")
        expect(page.locator("blockquote")).to_contain_text("<b>now</b>")
        look(page)
        page.get_by_role("button", name="Send it").click()
        expect(page.get_by_role("status")).to_contain_text("on its way")
        look(page)
        page.goto(f"/readers/report?token={link_of(inbox)}")
        look(page)
        page.get_by_role("button", name="Report it").click()
        expect(page.get_by_role("status")).to_contain_text("secretariat")
        page.goto("/readers/confirm?token=nothing")
        look(page)
    with visiting.open("/desk/messages", device, person=secretary, scripts=scripts) as page:
        expect(page.locator("blockquote")).to_contain_text("<b>now</b>")
        look(page)
        page.get_by_text("Shut out the address").click()
        look(page)
        page.get_by_role("button", name="Yes, shut it out").click()
        expect(page.get_by_role("status")).to_contain_text("shut out")
        expect(page.get_by_text("No message is reported.")).to_be_visible()
        look(page)
    secretariat_leaves(visiting.site, secretary.email)


def secretariat_leaves(site: Site, email: str) -> None:
    """Let somebody get no more messages: the next test has a secretariat of its own."""
    with site.database.transaction() as session:
        account = accounts.find_by_email(session, email)
        accounts.deactivate(session, OPERATOR, account, account.version)


@pytest.mark.parametrize("scripts", [True, False])
def test_a_search_is_followed_and_stopped(visiting: Visits, inbox: Inbox, device: Device, scripts: bool) -> None:
    look = held if scripts else no_sideways_scroll  # axe-core is a script
    email = f"lea{next(counter)}@example.org"
    with visiting.open("/practices?q=seasonal+workers&priority=capacities&lang=it", device, scripts=scripts) as page:
        page.get_by_role("link", name="Seguire questa ricerca per e-mail").click()
        expect(page.get_by_text("“seasonal workers”, Priorità: Capacità")).to_be_visible()
        look(page)
        page.get_by_label("La sua e-mail").fill(email)
        page.get_by_label("ogni mese").check()
        page.get_by_role("button", name="Continuare").click()
        token = link_of(inbox)
        page.goto(f"/readers/confirm?token={token}")
        expect(page.get_by_text("ogni mese")).to_be_visible()
        look(page)
        page.get_by_role("button", name="Seguirla").click()
        page.get_by_role("link", name="Che cosa seguo").click()
        look(page)
        page.get_by_label("La sua e-mail").fill(email)
        page.get_by_role("button", name="Chiedere").or_(page.get_by_role("button", name="link")).first.click()
        page.goto(f"/readers/confirm?token={link_of(inbox)}")
        expect(page.get_by_role("heading", level=1)).to_have_text("Che cosa seguo")
        look(page)
        page.get_by_role("button", name="Fermare").click()
        expect(page.get_by_role("status")).to_contain_text("Non è più seguita")
        look(page)


@pytest.mark.parametrize("path", ["/follow?q=women", f"/write?type=practice&to={SLUG}", "/readers/follows"])
def test_where_no_letters_are_sent_the_pages_say_so(visits: Visits, device: Device, path: str) -> None:
    with visits.open(path, device) as page:
        held(page)
        assert page.locator("main form").count() == (1 if path == "/readers/follows" else 0)
    with visits.open("/practices?q=women", device) as page:
        expect(page.get_by_role("link", name="Follow this search by e-mail")).to_have_count(0)
