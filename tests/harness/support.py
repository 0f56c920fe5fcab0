"""What every suite builds on: a migrated database to copy, the real api run in-process, keys, and valid bodies."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from fastapi import FastAPI
from fastapi.dependencies import models

from services.api import cli
from services.api.access import service as access
from services.api.access.service import OPERATOR
from services.api.app import create_app, open_database
from services.api.authorities import service as authorities
from services.api.authorities.schemas import AuthorityCreate
from services.api.kit.db import Database
from services.api.settings import Settings
from services.api.types import TYPES
from services.portal.types import TYPES as SHOWN
from tests.harness.databases import Databases
from tests.harness.types.pledge.portal import TYPE as SHOWN_PLEDGE
from tests.harness.types.pledge.type import TYPE as PLEDGE

Json = dict[str, Any]


@dataclass(frozen=True)
class Template:
    """A migrated database with two authorities and a key for each kind of caller, to be copied and never changed."""

    databases: Databases
    url: str
    secretariat: str
    colleague: str
    """Another key of the secretariat."""
    alba: str
    """Key of an officer of the authority `alba`."""
    boca: str
    """Key of an officer of the authority `boca`."""

    def copy(self, folder: Path) -> Settings:
        """Copy the database, if it is a file into a folder, and return settings for an api on it."""
        return settings_for(self.databases.copy(self.url, folder))


def settings_for(url: str, **more: Any) -> Settings:
    """Return settings for an api on a database; rates are out of the way unless set."""
    rates: Json = {"writes_per_minute": 10**6, "refusals_per_minute": 10**6, "asks_per_place": 10**6}
    return Settings(_env_file=None, database_url=url, **rates | more)


def migrate(url: str) -> None:
    """Run the real migrations on a database."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PRAXIS_API_DATABASE_URL", url)
        cli.migrate()


def build_template(databases: Databases, folder: Path) -> Template:
    """Build the database that tests copy."""
    url = databases.new(folder)
    migrate(url)
    database = open_database(settings_for(url))
    with database.transaction() as session:
        for slug, name in (("alba", "Alba Lunga"), ("boca", "Boca del Río")):
            body = AuthorityCreate.model_validate({"slug": slug, **authority_body(name)})
            authorities.create(session, OPERATOR, body)
    tokens = [make_key(database), make_key(database), make_key(database, "alba"), make_key(database, "boca")]
    database.close()
    with running(settings_for(url)):  # publishes the vocabularies
        pass
    return Template(databases, url, *tokens)


def in_a_request() -> bool:
    """Tell whether this runs for a request: what looks after letters writes beside them, on threads of its own."""
    return not threading.current_thread().name.startswith("asyncio_")


def make_key(database: Database, authority: str | None = None, days: float = 1, role: access.Role | None = None) -> str:
    """Make a key, of an authority's officer or of the secretariat unless a role is named, and return its token."""
    role = role or ("officer" if authority else "secretariat")
    with database.transaction() as session:
        id = authorities.find(session, authority).id if authority else None
        return access.create_key(session, f"{role} {authority or ''}".strip(), role, id, timedelta(days=days))[1]


class Api:
    """The real api behind an in-process transport, with its lifespan run; may be used by several threads at once."""

    def __init__(self, app: FastAPI, portal: BlockingPortal) -> None:
        self.app = app
        self.database: Database = app.state.database
        self.portal = portal
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        self.client = httpx.AsyncClient(transport=transport, base_url="http://test")

    def request(self, method: str, path: str, key: str | None = None, **more: Any) -> httpx.Response:
        """Send a request, with a key if one is given; paths are below /api/v1 unless they start with /api."""
        return self.portal.call(lambda: self.send(method, path, key, **more))

    async def send(self, method: str, path: str, key: str | None = None, **more: Any) -> httpx.Response:
        """Send a request from within the api's own event loop."""
        headers = dict(more.pop("headers", {}))
        if key is not None:
            headers["Authorization"] = f"Bearer {key}"
        if (version := more.pop("version", None)) is not None:
            headers["If-Match"] = f'"{version}"'
        address = path if path.startswith("/api") else f"/api/v1{path}"
        return await self.client.request(method, address, headers=headers, **more)

    def get(self, path: str, key: str | None = None, **more: Any) -> httpx.Response:
        return self.request("GET", path, key, **more)

    def post(self, path: str, key: str | None = None, **more: Any) -> httpx.Response:
        return self.request("POST", path, key, **more)

    def put(self, path: str, key: str | None = None, **more: Any) -> httpx.Response:
        return self.request("PUT", path, key, **more)

    def delete(self, path: str, key: str | None = None, **more: Any) -> httpx.Response:
        return self.request("DELETE", path, key, **more)


_rooms: dict[tuple[str, ...], list[Any]] = {}
"""The rooms' routes as the first app of this process with the same record types included them."""


def _share_rooms(app: FastAPI) -> None:
    """Let an app use the routes of the rooms as the first one had them: FastAPI would analyse them for each app anew.

    That takes as long as a dozen requests, at the first one. Whatever belongs to an app is found through its requests.
    """
    included = [place for place, route in enumerate(app.router.routes) if hasattr(route, "effective_candidates")]
    rooms = _rooms.setdefault((*TYPES,), [app.router.routes[place] for place in included])
    for place, route in zip(included, rooms, strict=True):
        app.router.routes[place] = route


@contextmanager
def pledges() -> Iterator[None]:
    """Let every app that is made meanwhile have a second type of record, which no base in service knows."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(TYPES, PLEDGE.name, PLEDGE)
        patch.setitem(SHOWN, SHOWN_PLEDGE.name, SHOWN_PLEDGE)
        yield


@contextmanager
def running(settings: Settings) -> Iterator[Api]:
    """Run the api on a migrated database."""
    app = create_app(settings)
    _share_rooms(app)
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(app.router.lifespan_context(app)),
    ):
        api = Api(app, portal)
        yield api
        portal.call(api.client.aclose)
    for kept in vars(models).values():
        if hasattr(kept, "cache_clear"):
            kept.cache_clear()  # what FastAPI knows of callables keeps thousands of apps alive, whole


def authority_body(name: str, **more: Any) -> Json:
    """Return a valid `AuthorityWrite`."""
    return {"name": name, "level": "municipality", "country": "IT"} | more


def pledge_body(title: str = "A pledge", *, translations: Any = None, partner: str | None = None, **plan: Any) -> Json:
    """Return a valid `PledgeWrite`; further arguments go to its section `plan`."""
    promise: Json = {"title": title, "summary": f"What {title} is about.", "partner": partner}
    plan = {"actions": [{"key": "1", "text": "Act"}]} | plan
    body: Json = {"content": {"language": "en", "promise": promise, "plan": plan}}
    return body if translations is None else body | {"translations": translations}


def practice_body(title: str = "A practice", *, authority: str = "alba", translations: Any = None, **how: Any) -> Json:
    """Return a valid `PracticeWrite`; further arguments go to its section `how`."""
    body: Json = {
        "content": {
            "language": "en",
            "initiative": {"title": title},
            "what": {"priorities": [{"priority": "rights", "assessed_by": "authority"}]},
            "who": {"authorities": [{"name": authority.title(), "authority": authority}]},
            "how": {"summary": f"What {title} is about.", **how},
            "provenance": {"kind": "submitted"},
        }
    }
    return body if translations is None else body | {"translations": translations}


def check_problem(answer: httpx.Response, status: int) -> Json:
    """Check that an answer is an error in the one shape, and return its body."""
    assert answer.status_code == status, (answer.status_code, answer.text[:500])
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    body: Json = answer.json()
    assert body["status"] == status
    assert set(body) >= {"type", "title", "status", "detail", "request_id", "errors"}
    assert set(body) <= {"type", "title", "status", "detail", "request_id", "errors"}
    assert body["title"]
    assert body["detail"]
    assert body["request_id"] == answer.headers["x-request-id"]
    for fault in body["errors"]:
        assert all(fault[part] for part in ("location", "field", "message")), fault
    return body
