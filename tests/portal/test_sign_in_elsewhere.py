"""Signing in at an issuer: the code that comes back is good for the browser that went there, and no other."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal

from services.portal.settings import Settings as PortalSettings
from services.search.settings import Settings as SearchSettings
from services.standalone import Standalone, create_standalone
from tests.harness.oidc import CLIENT_ID, CLIENT_SECRET, Issuer, serving_issuer
from tests.harness.people import ANA, make_person
from tests.harness.support import Template, settings_for

PUBLIC = "http://localhost:8000"


class Browser:
    """Follows what leads elsewhere, with its own cookies, against the whole site in this process."""

    def __init__(self, site: Standalone, loop: BlockingPortal) -> None:
        transport = httpx.ASGITransport(site, raise_app_exceptions=False)
        self.client = httpx.AsyncClient(transport=transport, base_url=PUBLIC)
        self.loop = loop

    def get(self, address: str) -> httpx.Response:
        return self.loop.call(self.client.get, address)

    def leave(self, next: str = "/account") -> str:
        """Set out, sign in at the issuer, and return the address that it leads back to."""
        answer = self.get(f"/sign-in/elsewhere?next={next}")
        assert answer.status_code == 303
        begun = self.get(answer.headers["location"])
        assert begun.status_code == 302, begun.text
        return httpx.get(begun.headers["location"], trust_env=False).headers["location"]

    def back(self, address: str) -> httpx.Response:
        """Come back to the api, and on to the page that it leads to."""
        answer = self.get(address)
        assert answer.status_code == 302, answer.text
        return self.get(answer.headers["location"])


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with serving_issuer() as issuer:
        yield issuer


@pytest.fixture
def browsers(template: Template, issuer: Issuer, tmp_path: Path) -> Iterator[tuple[Browser, Browser]]:
    """Two visitors of one site, on which `ANA` has an account."""
    settings = settings_for(
        template.copy(tmp_path).database_url,
        public_url=PUBLIC,
        oidc_issuer=issuer.url,
        oidc_client_id=CLIENT_ID,
        oidc_client_secret=CLIENT_SECRET,
        return_to=(f"{PUBLIC}/signed-in",),
    )
    search = SearchSettings(_env_file=None, index_dir=tmp_path / "index")
    site = create_standalone(settings, search, PortalSettings(_env_file=None))
    api = site.apps["/api"]
    with (
        start_blocking_portal() as loop,
        loop.wrap_async_context_manager(api.router.lifespan_context(api)),
        loop.wrap_async_context_manager(site.apps["/"].router.lifespan_context(site.apps["/"])),
    ):
        make_person(api.state.database, ANA, "reviewer")
        yield Browser(site, loop), Browser(site, loop)


def test_it_leads_on_to_where_one_was(browsers: tuple[Browser, Browser]) -> None:
    ana, _ = browsers
    assert "Sign in with your organisation" in ana.get("/sign-in").text
    answer = ana.back(ana.leave("/account"))
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    assert ana.get("/account").status_code == 200
    assert ANA in ana.get("/account").text
    assert "praxis_elsewhere" not in ana.client.cookies


def test_a_code_is_of_no_use_to_another_browser(browsers: tuple[Browser, Browser]) -> None:
    ana, other = browsers
    slipped = ana.get(ana.leave()).headers["location"]
    assert parse_qs(urlsplit(slipped).query)["code"]
    for prepared in (False, True):
        if prepared:
            other.get("/sign-in/elsewhere")
        answer = other.get(slipped)
        assert answer.headers["location"].endswith("said=again")
        assert "praxis_session" not in other.client.cookies
    assert "begin again" in other.get(answer.headers["location"]).text


@pytest.mark.parametrize("elsewhere", ["https://evil.example", "//evil.example"])
def test_nobody_is_led_elsewhere(browsers: tuple[Browser, Browser], elsewhere: str) -> None:
    ana, _ = browsers
    assert ana.back(ana.leave(elsewhere)).headers["location"] == "/"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("no_account", "no active account"),
        ("unverified_email", "does not vouch"),
        ("cancelled", "was cancelled"),
        ("refused", "begin again"),
        ("unavailable", "does not answer"),
    ],
)
def test_what_went_wrong_is_said(browsers: tuple[Browser, Browser], said: str, words: str) -> None:
    ana, _ = browsers
    answer = ana.get(f"/signed-in?error={said}")
    assert answer.status_code == 303
    assert words in ana.get(answer.headers["location"]).text


def test_who_has_no_account_is_told(browsers: tuple[Browser, Browser], issuer: Issuer) -> None:
    ana, _ = browsers
    issuer.person = {"sub": "s-2", "email": "nobody@example.org", "email_verified": True}
    answer = ana.back(ana.leave())
    assert answer.headers["location"] == "/sign-in?next=%2Faccount&said=no_account"
