"""Every route by which a record or a case could be read, and which of its words are shown there to whom."""

from collections.abc import Callable
from dataclasses import dataclass

from services.api.kit.workflow import State
from services.api.records.endpoints import parameter
from tests.api.kinds import KINDS
from tests.api.visibility import INSIDE, PUBLIC, REASONED, STATUS, STEPS, Record, state_of

NO_WORDS = {
    "GET /me": "the caller alone",
    "GET /me/notices": "the caller's own",
    "GET /letters/stop/{token}": "kinds of letters",
    "GET /sessions": "the caller's own",
    "GET /accounts": "people",
    "GET /accounts/{id}": "people",
    "GET /keys": "machines",
    "GET /sign-in": "how to sign in",
    "GET /sign-in/oidc": "leads to the issuer",
    "GET /sign-in/oidc/callback": "comes from the issuer",
    "GET /authorities": "public, and of authorities alone",
    "GET /authorities.geojson": "public, and of authorities alone",
    "GET /authorities/{authority}": "public, and of authorities alone",
    "GET /claims": "who asks for what, with its public title: tests/api/claims",
    "GET /claims/{claim}": "the same",
    "GET /vocabularies": "closed lists and the thesaurus",
    "GET /vocabularies/{name}": "closed lists and the thesaurus",
    "GET /vocabularies/thesaurus/concepts/{code}": "words of the field",
    "GET /vocabularies/thesaurus.ttl": "words of the field",
    "GET /vocabularies/thesaurus.jsonld": "words of the field",
    "GET /labels": "closed lists",
    "GET /forms": "the empty forms",
    "GET /forms/{name}": "the empty form",
    "GET /questionnaire": "the empty form",
    "GET /questionnaire.xlsx": "the empty form",
    "GET /workflow": "the table of steps",
    "GET /submissions/summary": "counts, for the secretariat alone",
    "GET /addressees/{type}/{id}": "the title of what is public, to anybody; tests/api/readers",
    "GET /offers": "what is offered to readers",
    "GET /reported-messages": "what readers wrote, for the secretariat alone",
    "GET /changes/digest": "a count and a digest of what is public",
    "GET /api/healthz": "operation",
    "GET /api/readyz": "operation",
    "GET /api/metrics": "operation",
    "GET /api/openapi.json": "description",
    "GET /api/docs": "description",
    "GET /api/docs/oauth2-redirect": "description",
}
"""Reading routes that show no record and no case, and what they show."""

Shown = set[str] | int


@dataclass(frozen=True)
class One:
    """A route that shows one record: where it is, and the words shown, or the status of a refusal.

    `shows` is asked for what the record's `seen_by` says of a caller who sees it at all.
    """

    route: str
    tail: str
    shows: Callable[[Record, str], Shown]
    whole: bool = False
    """Whether those inside see what is private, too."""
    of: Callable[[Record], bool] = lambda record: True
    """Which records have such an address."""
    only: tuple[str, ...] = ()
    """States that it is tried in, where an answer takes long; all when there are none."""
    keyed: bool = False
    """Whether nobody reads it without a token."""


def _latest(record: Record, seen: str) -> Shown:
    return {record.words[-1]} if seen == "inside" else 403


def _public(record: Record, seen: str) -> Shown:
    return {record.words[0]} if record.state in PUBLIC else 404


def _all(record: Record, seen: str) -> Shown:
    return {*record.words} if seen == "inside" else {record.words[0]}


def _first(record: Record, seen: str) -> Shown:
    return {record.words[0]}


def _second(record: Record, seen: str) -> Shown:
    return {record.words[1]} if seen == "inside" else 404


def _both(record: Record, seen: str) -> Shown:
    return {*record.words} if seen == "inside" else 404


def _has_two(record: Record) -> bool:
    return len(record.words) == 2


FILES = ("draft", "edited", "unpublished")


def record_routes(type: str) -> list[One]:
    """Return the routes that show one record of a type."""
    declared = KINDS[type].type
    one = f"GET /{declared.plural}/{{{parameter(declared)}}}"
    return [
        One(one, "", _public),
        One(f"{one}/latest", "/latest", _latest, whole=True, keyed=True),
        One(f"{one}/revisions", "/revisions", _all),
        One(f"{one}/revisions/{{number}}", "/revisions/1", _first, whole=True),
        One(f"{one}/revisions/{{number}}", "/revisions/2", _second, whole=True, of=_has_two),
        One(f"{one}/diff", "/diff?before=1&after=2", _both, whole=True, of=_has_two),
        One(f"{one}/steps", "/steps", lambda record, seen: set()),
        One(f"{one}/workbook.xlsx", "/workbook.xlsx", _public, only=FILES),
        One(f"{one}/latest/workbook.xlsx", "/latest/workbook.xlsx", _latest, whole=True, only=FILES, keyed=True),
    ]


def _now(record: Record, seen: str) -> Shown:
    return {record.words[-1] if seen == "inside" else record.words[1]}


def _began(record: Record, seen: str) -> Shown:
    return {record.words[0], record.words[-1]} if seen == "inside" else 404


def _since(record: Record, seen: str) -> Shown:
    return {*record.words[1:]} if seen == "inside" and len(record.words) == 3 else set()


def _third(record: Record, seen: str) -> Shown:
    return {record.words[2]} if seen == "inside" else 404


def _reasons(record: Record, seen: str) -> Shown:
    reasoned = record.said and {*STEPS[record.type][record.state]} & {*REASONED}
    return {record.said.reason} if record.said and reasoned else set()


CASE = "GET /submissions/{submission}"
CASE_ROUTES = [
    One(CASE, "", _now, whole=True, keyed=True),
    One(f"{CASE}/preview", "/preview", _now, keyed=True),
    One(f"{CASE}/revisions", "/revisions", lambda r, s: set(), keyed=True),
    One(
        f"{CASE}/revisions/{{number}}",
        "/revisions/1",
        lambda r, s: {r.words[0]} if s == "inside" else 404,
        whole=True,
        keyed=True,
    ),
    One(f"{CASE}/revisions/{{number}}", "/revisions/2", lambda r, s: {r.words[1]}, whole=True, keyed=True),
    One(
        f"{CASE}/revisions/{{number}}",
        "/revisions/3",
        _third,
        whole=True,
        of=lambda record: len(record.words) == 3,
        keyed=True,
    ),
    One(f"{CASE}/diff", "/diff?since=1", _began, whole=True, keyed=True),
    One(f"{CASE}/diff", "/diff?since=2", _since, whole=True, keyed=True),
    One(f"{CASE}/events", "/events", _reasons, keyed=True),
    One(
        f"{CASE}/workbook.xlsx",
        "/workbook.xlsx?form=short",
        _now,
        whole=True,
        only=("draft", "submitted", "changes-requested", "rejected"),
        keyed=True,
    ),
]
COMMENTS = One(f"{CASE}/comments", "/comments", lambda r, s: set(), keyed=True)
"""What is shown depends on the side that one is on: see `comments_read`."""


def comments_read(record: Record, caller: str) -> set[str]:
    """Return the words of the comments on a case that a caller reads who sees it."""
    assert record.said is not None
    said, inside = record.said, record.seen_by(caller) == "inside"
    found = {said.early} if inside else set()
    if record.was_handed_in:
        found |= {said.late}
        if caller in ("secretariat", "admin") or not inside:
            found |= {said.review}
        if inside and INSIDE[record.type, record.owner] & {"officer", "partner"}:
            found |= {said.office}
    return found


@dataclass(frozen=True)
class Many:
    """A route that shows many: a request, and which of those that the caller sees are in the answer."""

    route: str
    path: str
    holds: Callable[[Record], bool] = lambda record: True
    sure: bool = True
    """Whether all of those are there, or perhaps none of them."""


def record_files(type: str) -> list[str]:
    """Return the routes of the files of a type's records, which are the same for everybody."""
    return [f"GET /{KINDS[type].type.plural}.{end}" for end in ("jsonl", "yaml", "csv", "xlsx")]


def record_lists(type: str) -> list[Many]:
    """Return the requests for many records of a type."""
    plural = KINDS[type].type.plural
    path = f"/{plural}?limit=100"
    return [
        Many(f"GET /{plural}", path),
        Many(f"GET /{plural}", f"{path}&owner=alba", lambda r: r.owner == "alba"),
        Many(f"GET /{plural}", f"{path}&status=published", lambda r: STATUS[r.state] == "published"),
        Many(f"GET /{plural}", f"{path}&status=archived", lambda r: STATUS[r.state] == "archived"),
        Many(f"GET /{plural}", f"{path}&status=unpublished", lambda r: r.state in ("draft", "unpublished")),
    ]


CASE_LISTS = [
    Many("GET /submissions", "/submissions?limit=100"),
    Many("GET /submissions", "/submissions?limit=100&sort=age"),
    Many("GET /submissions", "/submissions?limit=100&q=zq", sure=False),
    Many("GET /submissions", "/submissions?limit=100&owner=alba", lambda r: r.owner == "alba"),
    # mypy cannot infer a lambda with a default, which holds the value of this turn.
    *(Many("GET /submissions", f"/submissions?limit=100&type={type}", lambda r, t=type: r.type == t) for type in KINDS),  # type: ignore[misc]
    Many("GET /submissions", "/submissions?limit=100&ready=true", sure=False),
    Many("GET /submissions", "/submissions?limit=100&mine=true", sure=False),
    Many("GET /submissions", "/submissions?limit=100&waiting=me", sure=False),
    Many("GET /submissions", "/submissions?limit=100&waiting=others", sure=False),
    Many("GET /inbox", "/inbox", sure=False),
    *(
        # As above.
        Many("GET /submissions", f"/submissions?limit=100&state={state}", lambda r, s=state: state_of(r.state) == s)  # type: ignore[misc]
        for state in State
    ),
]
