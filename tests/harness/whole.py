"""The whole site in this process, asked as a server asks it: in bytes, with nothing mended or hidden on the way."""

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
from anyio.from_thread import BlockingPortal, start_blocking_portal
from fastapi.routing import iter_route_contexts
from starlette.types import ASGIApp, Message

from services.portal.settings import Settings as PortalSettings
from services.search.settings import Settings as SearchSettings
from services.standalone import Standalone, create_standalone
from tests.harness.people import PASSWORD, make_person, session_of
from tests.harness.support import Template, practice_body, settings_for

Headers = Sequence[tuple[bytes, bytes]]
HOST = b"praxis.test"
SUBMISSION = {"content": {"language": "en", "initiative": {"title": "A case"}, "provenance": {"kind": "submitted"}}}


@dataclass(frozen=True)
class Answer:
    """What an app sent."""

    status: int
    headers: Headers
    body: bytes

    def header(self, name: bytes) -> bytes:
        """Return a header's value, nothing where there is none."""
        return dict(self.headers).get(name, b"")


class Whole:
    """All services joined, with two practices, a case, and an admin's session."""

    def __init__(self, site: Standalone, loop: BlockingPortal, template: Template) -> None:
        self.site = site
        self.loop = loop
        database = site.apps["/api"].state.database
        self.email, self.password = "admin@example.org", PASSWORD
        person = make_person(database, self.email, "admin", password=PASSWORD)
        self.session = session_of(database, self.email)
        key = template.secretariat
        self.slugs: list[str] = []
        for title in ("First practice", "Second practice"):
            made = self.call("POST", "/api/v1/practices", practice_body(title), key=key)
            practice = json.loads(made.body)
            published = self.call("POST", f"/api/v1/practices/{practice['id']}/publish", key=key, version=made)
            self.slugs.append(json.loads(published.body)["slug"])
        made = self.call("POST", "/api/v1/submissions", {**SUBMISSION, "owner": "alba"}, key=key)
        self.case: str = json.loads(made.body)["id"]
        self._ids = {"/contribute": self.case, "/desk/people": person, "/api/v1/accounts": person}
        self._values = {
            "submission": self.case,
            "case": self.case,
            "practice": self.slugs[0],
            "slug": self.slugs[0],
            "id": practice["id"],
            "authority": "alba",
            "number": "1",
            "service": "api",
            "action": "submit",
            "section": "initiative",
            "name": "country",
        }
        self._edited = f"/api/v1/practices/{practice['id']}"
        self._key = key
        seen = published.header(b"praxis-seq").decode()
        while self.ask("GET", f"/search/v1/records?min_seq={seen}").status == 503:
            pass  # each waits for the index, up to two seconds

    @property
    def signed_in(self) -> Headers:
        """What the admin's browser sends, and what the admin's program does."""
        return [
            (b"cookie", b"praxis_session=" + self.session.encode()),
            (b"authorization", b"Bearer " + self.session.encode()),
        ]

    def retitle(self, title: str) -> None:
        """Publish the second practice under another title."""
        present = self.ask("GET", f"{self._edited}/latest", self.signed_in)
        edited = self.call("PUT", self._edited, practice_body(title), key=self._key, version=present)
        self.call("POST", f"{self._edited}/publish", key=self._key, version=edited)

    def readable(self, prefix: str) -> Iterator[str]:
        """Yield an address for each route of an app that GET reads, filled in with what there is."""
        for route in iter_route_contexts(self.site.apps[prefix].routes):
            if "GET" in (route.methods or ()):
                yield self._filled(str(route.path))

    def _filled(self, path: str) -> str:
        own = [id for beginning, id in self._ids.items() if path.startswith(beginning)]
        values = self._values | {"id": [self._values["id"], *own][-1]}
        names = ((step, step[1:-1].partition(":")[0]) for step in path.split("/"))
        return "/".join(values.get(name, "x") if step.startswith("{") else step for step, name in names)

    def ask(
        self, method: str, address: str, headers: Headers = (), body: bytes = b"", app: ASGIApp | None = None
    ) -> Answer:
        """Send a request to the site, or to an app alone."""
        return self.loop.call(self.send, method, address, headers, body, app)

    async def send(
        self, method: str, address: str, headers: Headers = (), body: bytes = b"", app: ASGIApp | None = None
    ) -> Answer:
        """Send a request from within the event loop."""
        path, _, query = address.partition("?")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [*([] if b"host" in dict(headers) else [(b"host", HOST)]), *headers],
            "client": ("192.0.2.1", 123),
            "server": ("127.0.0.1", 80),
        }
        sent: list[Message] = []
        given = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> Message:
            if not given:
                await anyio.sleep_forever()  # nobody goes away
            return given.pop()

        async def gather(message: Message) -> None:
            sent.append(message)

        await (app or self.site)(scope, receive, gather)
        start, *parts = sent
        assert [one["type"] for one in parts] == ["http.response.body"] * len(parts)
        return Answer(start["status"], list(start["headers"]), b"".join(part.get("body", b"") for part in parts))

    def call(self, method: str, path: str, body: Any = None, *, key: str, version: Answer | None = None) -> Answer:
        """Send JSON to the api with a key, and the version of an answer; what is sent must be good."""
        headers = [(b"authorization", f"Bearer {key}".encode()), (b"content-type", b"application/json")]
        if version:
            headers.append((b"if-match", version.header(b"etag")))
        answer = self.ask(method, path, headers, b"" if body is None else json.dumps(body).encode())
        assert answer.status < 300, answer.body
        return answer


@contextmanager
def running_whole(template: Template, folder: Path, **more: Any) -> Iterator[Whole]:
    """Run the whole site on a copy of the template's database, with further settings of the api."""
    search = SearchSettings(_env_file=None, index_dir=folder / "index")
    api = settings_for(template.copy(folder).database_url, **more)
    site = create_standalone(api, search, PortalSettings(_env_file=None))
    with start_blocking_portal() as loop, ExitStack() as stack:
        for app in site.apps.values():
            stack.enter_context(loop.wrap_async_context_manager(app.router.lifespan_context(app)))
        yield Whole(site, loop, template)
