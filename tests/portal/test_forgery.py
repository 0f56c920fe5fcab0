"""Forms that another site makes a browser send: refused by every route that changes something, and nothing changes."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from sqlalchemy import MetaData, select

from services.portal.app import create_app
from services.portal.settings import Settings
from tests.portal.site import PASSWORD, Site

FOREIGN: dict[str, dict[str, str]] = {
    "cross-site": {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
    "same-site": {"Sec-Fetch-Site": "same-site"},
    "by hand": {"Sec-Fetch-Site": "none"},
    "same-site, own origin": {"Sec-Fetch-Site": "same-site", "Origin": "{here}"},
    "foreign origin": {"Origin": "https://evil.example"},
    "no origin to tell": {"Origin": "null"},
    "another port": {"Origin": "http://127.0.0.1:1"},
    "like ours": {"Origin": "{here}.evil.example"},
    "neither": {},
}


def writing(app: FastAPI) -> Iterator[tuple[str, str]]:
    """Yield method and path of every route of the portal that takes more than a question."""
    for route in iter_route_contexts(app.routes):
        for method in sorted((route.methods or set()) - {"GET", "HEAD"}):
            yield method, str(route.path)


ROUTES = list(writing(create_app(Settings(_env_file=None))))


BY_TOKEN = {"/letters/stop/{token}": 404}
"""Routes that mail programs post to: what is done stands in the address, and no cookie counts; so one is refused."""


def test_all_routes_are_known() -> None:
    paths = {path for _, path in ROUTES}
    assert {"/sign-in", "/sign-out", "/contribute", "/preferences", "/account/password"} <= paths
    assert len(paths) >= 13


def state(site: Site) -> dict[str, Any]:
    """Return all that is in the database."""
    tables = MetaData()
    with site.database.transaction(write=False) as session:
        tables.reflect(session.connection())
        return {
            name: sorted(map(str, session.connection().execute(select(table)).all()))
            for name, table in tables.tables.items()
        }


@pytest.mark.parametrize("way", FOREIGN)
def test_what_another_site_sends_is_refused_and_changes_nothing(site: Site, way: str) -> None:
    person = site.person(f"forged-{way.replace(' ', '-').replace(',', '')}", "admin")
    headers = {name: value.format(here=site.url) for name, value in FOREIGN[way].items()}
    form = {
        "email": person.email,
        "password": PASSWORD,
        "present_password": PASSWORD,
        "text": "x",
        "version": "1",
        "theme": "dark",
        "reason": "x",
    }
    with httpx.Client(base_url=site.url, headers={"Cookie": f"praxis_session={person.token}"}) as client:
        client.get("/account")
        before = state(site)
        for method, path in ROUTES:
            address = re.sub(r"\{[^}]*\}", str(uuid4()), path)
            answer = client.request(method, address, data=form, headers=headers)
            assert answer.status_code == BY_TOKEN.get(path, 403), (method, path)
            assert "set-cookie" not in answer.headers
        assert state(site) == before


def test_what_is_sent_from_here_is_taken(site: Site) -> None:
    for headers in ({"Sec-Fetch-Site": "same-origin"}, {"Origin": site.url}):
        answer = site.http.post("/preferences", data={"theme": "dark"}, headers=headers)
        assert answer.status_code == 303
