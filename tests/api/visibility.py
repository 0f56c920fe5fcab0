"""The table of visibility: what each caller sees of each practice and case, and every route by which it could be read.

The records are made once. Each revision has a word of its own, in its title; a word that is not expected must not be in
an answer. A new role, state or reading route fails the tests until it stands here.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from services.api.access.service import Role
from services.api.records.schemas import Status
from services.api.submissions.policy import State
from tests.harness.support import Api, Json, practice_body

CALLERS: dict[str, tuple[Role, str | None] | None] = {
    "nobody": None,
    "officer": ("officer", "alba"),
    "other": ("officer", "boca"),
    "fellow": ("reviewer", "alba"),
    "peer": ("reviewer", "boca"),
    "outsider": ("reviewer", None),
    "judge": ("reviewer", None),
    "secretariat": ("secretariat", None),
    "admin": ("admin", None),
}
"""Role and authority; `judge` has taken up every case that came so far, `outsider` belongs to no authority either."""

PRACTICES = {
    #                      nobody  officer other   fellow  peer    outside judge   secret. admin
    ("alba", "draft"): "   -       latest  -       -       -       -       -       latest  latest",
    ("alba", "published"): "public latest  public  public  public  public  public  latest  latest",
    ("alba", "edited"): "  public  latest  public  public  public  public  public  latest  latest",
    ("alba", "archived"): "public  latest  public  public  public  public  public  latest  latest",
    ("alba", "unpublished"): "-    latest  -       -       -       -       -       latest  latest",
    (None, "draft"): "     -       -       -       -       -       -       -       latest  latest",
    (None, "published"): " public  public  public  public  public  public  public  latest  latest",
    (None, "edited"): "    public  public  public  public  public  public  public  latest  latest",
    (None, "archived"): "  public  public  public  public  public  public  public  latest  latest",
    (None, "unpublished"): "-      -       -       -       -       -       -       latest  latest",
}
"""What is shown of a practice, by owner and state: its latest revision, the public one, or nothing."""
STATUS: dict[str, Status] = {
    "draft": "draft",
    "published": "published",
    "edited": "published",
    "archived": "archived",
    "unpublished": "unpublished",
}
"""All but the first two have a revision that was never public: `edited` is public with a newer one."""

_OFFICE = "       -       seen    -       -       -       -       -       seen    seen"
_SECRETARIAT = "  -       -       -       -       -       -       -       seen    seen"
_PEERS = "        -       seen    -       -       seen    seen    seen    seen    seen"
_ALL_PEERS = "    -       -       -       seen    seen    seen    seen    seen    seen"
_JUDGE = "        -       seen    -       -       -       -       seen    seen    seen"
_JUDGE_ALONE = "  -       -       -       -       -       -       seen    seen    seen"
CASES = {
    ("alba", "draft"): _OFFICE,
    ("alba", "submitted"): _PEERS,
    ("alba", "in-review"): _PEERS,
    ("alba", "approved"): _PEERS,
    ("alba", "changes-requested"): _JUDGE,
    ("alba", "rejected"): _JUDGE,
    ("alba", "published"): _JUDGE,
    ("alba", "archived"): _JUDGE,
    ("alba", "revised"): _OFFICE,
    (None, "draft"): _SECRETARIAT,
    (None, "submitted"): _ALL_PEERS,
    (None, "in-review"): _ALL_PEERS,
    (None, "approved"): _ALL_PEERS,
    (None, "changes-requested"): _JUDGE_ALONE,
    (None, "rejected"): _JUDGE_ALONE,
    (None, "published"): _JUDGE_ALONE,
    (None, "archived"): _JUDGE_ALONE,
    (None, "revised"): _SECRETARIAT,
}
"""Whether a case is seen, by owner and state."""
STEPS: dict[str, tuple[str, ...]] = {
    "draft": (),
    "submitted": ("submit",),
    "in-review": ("submit", "take-up"),
    "approved": ("submit", "take-up", "approve"),
    "changes-requested": ("submit", "take-up", "request-changes"),
    "rejected": ("submit", "take-up", "reject"),
    "published": ("submit", "take-up", "publish"),
    "archived": ("submit", "take-up", "publish", "archive"),
    "revised": ("submit", "take-up", "publish", "revise"),
}
"""How a case comes to a state; `revised` is a draft that is public in an earlier revision."""
STATES: dict[str, State] = {name: State.DRAFT if name == "revised" else State(name) for name in STEPS}

NO_WORDS = {
    "GET /me": "the caller alone",
    "GET /sessions": "the caller's own",
    "GET /accounts": "people",
    "GET /accounts/{id}": "people",
    "GET /keys": "machines",
    "GET /sign-in": "how to sign in",
    "GET /sign-in/oidc": "leads to the issuer",
    "GET /sign-in/oidc/callback": "comes from the issuer",
    "GET /authorities": "public, and of authorities alone",
    "GET /authorities/{authority}": "public, and of authorities alone",
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
    "GET /changes/digest": "a count and a digest of what is public",
    "GET /api/healthz": "operation",
    "GET /api/readyz": "operation",
    "GET /api/metrics": "operation",
    "GET /api/openapi.json": "description",
    "GET /api/docs": "description",
    "GET /api/docs/oauth2-redirect": "description",
}
"""Reading routes that show no practice and no case, and what they show."""


@dataclass(frozen=True)
class Record:
    """A practice or a case, with the word in the title of each revision."""

    id: str
    owner: str | None
    state: str
    words: tuple[str, ...]
    slug: str | None = None
    said: str = ""
    """The word in comments on a case and in reasons given."""

    @property
    def newest(self) -> int:
        return len(self.words)


def seen_of(record: Record, table: dict[tuple[str | None, str], str], caller: str) -> str:
    """Return what a table says that a caller sees."""
    return table[record.owner, record.state].split()[[*CALLERS].index(caller)]


@dataclass
class World:
    """The api with all records, and tokens for each caller: keys, and sessions where there are two."""

    api: Api
    tokens: dict[str, list[str | None]]
    practices: list[Record] = field(default_factory=list)
    cases: list[Record] = field(default_factory=list)
    _words: int = 0

    def word(self) -> str:
        """Return a word that stands nowhere else; in capitals, so that no slug has it."""
        self._words += 1
        return f"ZQ{self._words:03}X"

    def call(self, method: str, path: str, body: Json | None = None, version: int | None = None, who: str = "") -> Json:
        answer = self.api.request(method, path, self.tokens[who or "secretariat"][0], json=body, version=version)
        assert answer.status_code < 300, answer.text
        made: Json = answer.json()
        return made

    def make_practice(self, owner: str | None, state: str) -> Record:
        words = [self.word()]
        made = self.call("POST", "/practices", practice_body(words[0]) | ({"owner": owner} if owner else {}))
        path = f"/practices/{made['id']}"
        if state != "draft":
            made = self.call("POST", f"{path}/publish", version=made["version"])
        if state == "archived":
            made = self.call("POST", f"{path}/archive", {"reason": self.word()}, made["version"])
        if state == "unpublished":
            made = self.call("POST", f"{path}/unpublish", version=made["version"])
        if state not in ("draft", "published"):
            words.append(self.word())
            made = self.call("PUT", path, practice_body(words[1]), made["version"])
        assert made["status"] == STATUS[state]
        return Record(made["id"], owner, state, tuple(words), made["slug"])

    def make_case(self, owner: str | None, state: str) -> Record:
        words, said = [self.word(), self.word()], self.word()
        made = self.call("POST", "/submissions", _answers(words[0]) | ({"owner": owner} if owner else {}))
        path = f"/submissions/{made['id']}"
        made = self.call("PUT", path, _answers(words[1]), made["version"])
        comment = self.call("POST", f"{path}/comments", {"text": said})
        for action in STEPS[state]:
            more: Json = {"reason": said} if action in ("archive", "reject", "request-changes") else {}
            if action == "request-changes":
                more["comments"] = [comment["id"]]
            who = "judge" if action in ("take-up", "approve") else ""
            made = self.call("POST", f"{path}/transitions", {"action": action} | more, made["version"], who)
        if state == "revised":
            words.append(self.word())
            made = self.call("PUT", path, _answers(words[2]), made["version"])
        assert made["state"] == STATES[state]
        return Record(made["id"], owner, state, tuple(words), made["practice"], said)


def _answers(title: str) -> Json:
    return {"content": practice_body(title)["content"]}


Words = set[str] | None


@dataclass(frozen=True)
class One:
    """A route that shows one record: where it is, and the words shown to who sees it so; none means 404."""

    route: str
    path: Callable[[Record], str | None]
    """None for a record that has no such address."""
    shows: Callable[[Record, str], Words]
    """Asked for what the table says of who sees the record at all."""
    only: tuple[str, ...] = ()
    """States that it is tried in, where an answer takes long; all when there are none."""


@dataclass(frozen=True)
class Many:
    """A route that shows many: a request, and which of those that the caller sees are in the answer."""

    route: str
    path: str
    holds: Callable[[Record], bool] = lambda record: True
    sure: bool = True
    """Whether all of those are there, or perhaps none of them."""


def _latest(record: Record, seen: str) -> Words:
    return {record.words[-1] if seen == "latest" else record.words[0]}


def _all(record: Record, seen: str) -> Words:
    return {*record.words} if seen == "latest" else {record.words[0]}


def _first(record: Record, seen: str) -> Words:
    return {record.words[0]}


def _second(record: Record, seen: str) -> Words:
    return {record.words[1]} if seen == "latest" else None


def _both(record: Record, seen: str) -> Words:
    return {*record.words} if seen == "latest" else None


def _slug(tail: str = "") -> Callable[[Record], str | None]:
    return lambda record: f"/practices/{record.slug}{tail}" if record.slug else None


def _id(tail: str = "") -> Callable[[Record], str | None]:
    return lambda record: f"/practices/{record.id}{tail}"


def _newer(tail: str) -> Callable[[Record], str | None]:
    return lambda record: f"/practices/{record.id}/{tail}" if record.newest == 2 else None


PRACTICE_ROUTES = [
    One("GET /practices/{practice}", _id(), _latest),
    One("GET /practices/{practice}", _slug(), _latest),
    One("GET /practices/{practice}/revisions", _id("/revisions"), _all),
    One("GET /practices/{practice}/revisions/{number}", _id("/revisions/1"), _first),
    One("GET /practices/{practice}/revisions/{number}", _newer("revisions/2"), _second),
    One("GET /practices/{practice}/steps", _id("/steps"), lambda r, s: set()),
    One("GET /practices/{practice}/diff", _newer("diff?before=1&after=2"), _both),
    One(
        "GET /practices/{practice}/workbook.xlsx",
        _id("/workbook.xlsx?tier=snapshot"),
        _latest,
        ("draft", "edited", "unpublished"),
    ),
]


PRACTICE_LISTS = [
    Many("GET /practices", "/practices?limit=100"),
    Many("GET /practices", "/practices?limit=100&owner=alba", lambda r: r.owner == "alba"),
    Many("GET /practices", "/practices?limit=100&status=published", lambda r: STATUS[r.state] == "published"),
    Many("GET /practices", "/practices?limit=100&status=archived", lambda r: STATUS[r.state] == "archived"),
    Many("GET /practices", "/practices?limit=100&status=unpublished", lambda r: r.state in ("draft", "unpublished")),
]


def _case(tail: str = "") -> Callable[[Record], str | None]:
    return lambda record: f"/submissions/{record.id}{tail}"


CASE_ROUTES = [
    One("GET /submissions/{submission}", _case(), lambda r, s: {r.words[-1]}),
    One("GET /submissions/{submission}/revisions", _case("/revisions"), lambda r, s: set()),
    One("GET /submissions/{submission}/revisions/{number}", _case("/revisions/1"), _first),
    One("GET /submissions/{submission}/diff", _case("/diff?since=1"), lambda r, s: {r.words[0], r.words[-1]}),
    One("GET /submissions/{submission}/events", _case("/events"), lambda r, s: {r.said} if _reasoned(r) else set()),
    One("GET /submissions/{submission}/comments", _case("/comments"), lambda r, s: {r.said}),
    One(
        "GET /submissions/{submission}/workbook.xlsx",
        _case("/workbook.xlsx?tier=snapshot"),
        lambda r, s: {r.words[-1]},
        ("draft", "in-review", "rejected"),
    ),
]


def _reasoned(record: Record) -> bool:
    return record.state in ("archived", "rejected", "changes-requested")


CASE_LISTS = [
    Many("GET /submissions", "/submissions?limit=100"),
    Many("GET /submissions", "/submissions?limit=100&sort=age"),
    Many("GET /submissions", "/submissions?limit=100&q=zq"),
    Many("GET /submissions", "/submissions?limit=100&owner=alba", lambda r: r.owner == "alba"),
    Many("GET /submissions", "/submissions?limit=100&mine=true", sure=False),
    Many("GET /submissions", "/submissions?limit=100&waiting=me", sure=False),
    Many("GET /submissions", "/submissions?limit=100&waiting=others", sure=False),
    Many("GET /inbox", "/inbox", sure=False),
    *(
        Many("GET /submissions", f"/submissions?limit=100&state={state}", lambda r, s=state: STATES[r.state] == s)  # type: ignore[misc]
        for state in State
    ),
]
