"""Headers and addresses of strangers: in any script, in no script at all; the portal never fails at them."""

from collections.abc import Iterator
from urllib.parse import quote

import pytest

from tests.harness.support import Template
from tests.harness.whole import Answer, Headers, Whole, running_whole

FORM: Headers = [(b"content-type", b"application/x-www-form-urlencoded"), (b"sec-fetch-site", b"same-origin")]
SCRIPT = [(b"hx-request", b"true")]
TYPED = "عربي🎉é"
TEXTS = {
    "utf-8": TYPED.encode(),
    "latin-1": "é ÿ".encode("latin-1"),
    "quoted": rb'"\303\251\012X-Injected: \001"',
    "controls": b"\x01\x02\x7f\x80\xff",
    "long": b"x" * 20_000,
}
NAMES = (b"user-agent", b"accept-language", b"referer", b"hx-current-url", b"if-none-match", b"x-request-id", b"host")
COOKIES = (b"praxis_session", b"praxis_language", b"praxis_theme", b"praxis_elsewhere")


@pytest.fixture(scope="module")
def whole(template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whole]:
    with running_whole(template, tmp_path_factory.mktemp("whole")) as whole:
        yield whole


def headers_of(text: bytes) -> Headers:
    """Return what a browser sends, each saying the same."""
    return [*((name, text) for name in NAMES), (b"cookie", b"; ".join(name + b"=" + text for name in COOKIES))]


def check(answer: Answer, asked: str) -> None:
    """Fail when a request was too much for the portal, or for the server that writes its answer."""
    assert answer.status < 500, (asked, answer.body[:300])
    for name, value in answer.headers:
        assert value.decode("latin-1").isprintable(), (asked, name, value)


@pytest.mark.parametrize("kind", TEXTS)
def test_every_page_stands_every_header(whole: Whole, kind: str) -> None:
    for number, address in enumerate(whole.readable("/")):
        check(whole.ask("GET", address, [*headers_of(TEXTS[kind]), *SCRIPT * (number % 2)]), address)


@pytest.mark.parametrize("script", [[], SCRIPT], ids=["page", "fragment"])
def test_every_page_stands_every_script(whole: Whole, script: Headers) -> None:
    told = "&".join(f"{name}={quote(TYPED)}" for name in ("q", "next", "said", "add", "practice", "owner", "lang"))
    for address in whole.readable("/"):
        agent = [(b"user-agent", TYPED.encode())]
        check(whole.ask("GET", f"{address}?{told}", [*whole.signed_in, *agent, *script]), address)


@pytest.mark.parametrize("kind", TEXTS)
@pytest.mark.parametrize("path", ["/", "/account"])
def test_a_cookie_that_is_no_session_is_none(whole: Whole, path: str, kind: str) -> None:
    """Pages that anybody reads are read, others lead to the form; no session is looked for, nor said to have ended."""
    answer = whole.ask("GET", path, [(b"cookie", b"praxis_session=" + TEXTS[kind])])
    if path == "/":
        assert (answer.status, b"/sign-in" in answer.body) == (200, True)
    else:
        assert (answer.status, answer.header(b"location")) == (303, b"/sign-in?next=%2Faccount")


@pytest.mark.parametrize("kind", TEXTS)
@pytest.mark.parametrize("script", [[], SCRIPT], ids=["page", "fragment"])
def test_the_form_to_sign_in_stands_every_browser(whole: Whole, script: Headers, kind: str) -> None:
    body = f"email={quote(TYPED)}&password={quote(TYPED)}&next=/{quote(TYPED)}".encode()
    answer = whole.ask("POST", "/sign-in", [*FORM, *headers_of(TEXTS[kind]), *script], body)
    assert answer.status == 422


def test_a_browser_is_told_of_as_it_names_itself(whole: Whole) -> None:
    agent = "Browsér 🎉".encode()
    body = b"present_password=wrong&password=wrong"
    answer = whole.ask("POST", "/account/password", [*FORM, *whole.signed_in, (b"user-agent", agent)], body)
    assert answer.status == 422


@pytest.mark.parametrize("path", ["/preferences", "/sign-in"])
def test_a_script_is_led_to_the_address_that_a_page_is_led_to(whole: Whole, path: str) -> None:
    body = f"theme=dark&next=/practices?q={quote(quote(TYPED))}%26{quote(TYPED)}".encode()
    if path == "/sign-in":
        body += f"&email={whole.email}&password={whole.password}".encode()
    page, script = (whole.ask("POST", path, [*FORM, *more], body) for more in ([], SCRIPT))
    assert (page.status, script.status) == (303, 204)
    assert page.header(b"location") == f"/practices?q={quote(TYPED)}&{quote(TYPED)}".encode()
    assert script.header(b"hx-redirect") == page.header(b"location")


@pytest.mark.parametrize("version", [TYPED, "1\r\nX-Injected: 1", " 1", "\udc80".encode("utf-8", "surrogatepass")])
def test_a_version_that_is_none_is_refused(whole: Whole, version: str | bytes) -> None:
    """It goes on to the api as a header."""
    body = b"note=&version=" + quote(version).encode()
    check(whole.ask("POST", f"/contribute/{whole.case}/step/submit", [*FORM, *whole.signed_in], body), str(version))


@pytest.mark.parametrize("origin", [b"http://[", b"http://[::1", b"\xc3\xa9", b"http://", b"null"])
def test_an_origin_that_is_none_is_foreign(whole: Whole, origin: bytes) -> None:
    answer = whole.ask("POST", "/sign-in", [FORM[0], (b"origin", origin)], b"email=a")
    assert answer.status == 403


def test_an_address_too_long_to_hand_on_is_refused(whole: Whole) -> None:
    for path in ("/practices", "/map", "/practices.atom", "/embed/search"):
        assert whole.ask("GET", f"{path}?q={'a' * 70_000}").status == 400


@pytest.mark.parametrize("charset", ["utf-7", "unicode_escape", "idna", "latin-1", "nonsense", '"utf-8", x'])
def test_a_form_in_other_letters_than_utf_8_is_refused(whole: Whole, charset: str) -> None:
    """Some of them write what no Unicode text may hold."""
    kind = f"multipart/form-data; boundary=b; charset={charset}".encode()
    body = b'--b\r\nContent-Disposition: form-data; name="next"\r\n\r\n/+2AA-\\ud800\r\n--b--\r\n'
    answer = whole.ask("POST", "/preferences", [(b"content-type", kind), FORM[1]], body)
    assert (answer.status, b"UTF-8" in answer.body) == (415, True)
    good = kind.replace(charset.encode(), b"UTF-8")
    part = b'--b\r\nContent-Disposition: form-data; name="theme"\r\n\r\ndark\r\n--b--\r\n'
    assert whole.ask("POST", "/preferences", [(b"content-type", good), FORM[1]], part).status == 303
