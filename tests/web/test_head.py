"""HEAD, wherever GET answers: the same status and headers, and no body; on every route of every service."""

import re
from collections.abc import Iterator

import pytest

from services.portal.templating import static
from tests.harness.support import Template
from tests.harness.whole import Answer, Whole, running_whole

ID = [(b"x-request-id", b"the-same")]
PACKED = [(b"accept-encoding", b"gzip")]
RANDOM = re.compile(rb"[A-Za-z0-9_-]{43,}")
"""What binds a sign-in elsewhere to a browser: another one each time."""


@pytest.fixture(scope="module")
def whole(template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whole]:
    with running_whole(template, tmp_path_factory.mktemp("whole")) as whole:
        yield whole


def more(whole: Whole) -> list[str]:
    """Return addresses beside those of routes: files, moved and malformed ones, and those that wait."""
    return [
        static("praxis.css"),
        "/api/docs/static/swagger-ui.css",
        "/search/docs/static/swagger-ui.css",
        "/api/v1/changes?after=0&wait=20",
        "/api/v1/practices?nonsense=1",
        f"/compare?practice={whole.slugs[0]}&practice={whole.slugs[1]}",
        f"/compare.xlsx?practice={whole.slugs[0]}&practice={whole.slugs[1]}",
        "/practices?q=%D8%B9",
        "/nowhere",
        "/api/nowhere",
        "/sign-out",
        "/api/v1/imports",
    ]


def served_by(whole: Whole, address: str) -> str:
    prefix = "/" + address.split("/")[1]
    return prefix if prefix in whole.site.apps else "/"


def told(answer: Answer, address: str, exact: bool) -> list[tuple[bytes, bytes]]:
    """Return what an answer's headers say, but for what differs from one moment to the next."""
    passing = not exact or address.endswith("/metrics") or ".xlsx" in address
    return sorted(
        (name, b"" if name == b"content-length" and passing else RANDOM.sub(b"", value))
        for name, value in answer.headers
    )


@pytest.mark.parametrize("prefix", ["/api", "/search", "/"])
@pytest.mark.parametrize("somebody", [False, True], ids=["anybody", "signed-in"])
def test_head_is_get_without_a_body(whole: Whole, prefix: str, somebody: bool) -> None:
    """Anybody asks the service by itself, who is signed in asks the one process."""
    app = None if somebody else whole.site.apps[prefix]
    headers = [*ID, *(whole.signed_in if somebody else PACKED)]
    addresses = [*whole.readable(prefix), *(one for one in more(whole) if served_by(whole, one) == prefix)]
    assert len(addresses) > 10
    read = 0
    for address in addresses:
        before, got, after = (whole.ask(method, address, headers, app=app) for method in ("HEAD", "GET", "HEAD"))
        for head in (before, after):
            assert (head.status, head.body) == (got.status, b""), address
            assert told(head, address, not somebody) == told(got, address, not somebody), address
        if got.status == 200:
            read += 1
            empty = got.header(b"content-length") == b"0"
            assert got.body or empty, f"{address}: what HEAD left behind was taken for the answer"
    assert read > (len(addresses) // 2 if somebody else 5)


def test_a_known_state_is_told_as_get_tells_it(whole: Whole) -> None:
    for address in ("/api/v1/practices", "/search/v1/records", "/practices.atom", static("praxis.css")):
        tag = whole.ask("GET", address).header(b"etag")
        for method in ("GET", "HEAD"):
            answer = whole.ask(method, address, [(b"if-none-match", tag)])
            assert (answer.status, answer.body) == (304, b""), (method, address)


def test_documents_say_nothing_of_head(whole: Whole) -> None:
    for prefix in ("/api", "/search"):
        paths = whole.site.apps[prefix].openapi()["paths"]
        assert not [path for path, methods in paths.items() if "head" in methods]
