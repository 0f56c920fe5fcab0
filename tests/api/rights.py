"""The table of rights: for every route of the api, who may call it, and how a test calls it.

A new route needs a row; those of records and submissions have one for each type (`rights_of_types.py`). The columns
stand for callers, in this order:

    nobody    no token at all
    officer   of the authority `alba`, which owns what the row is about
    partner   an officer of the authority `boca`, which has a part in records of the types that know a partner
    other     an officer of the authority `capo`, which has none
    reviewer, secretariat, admin
    ended     a token that is good no more: of a session that has ended, or of a revoked key

and each says what the caller gets: `ok` (2xx or 3xx), or the status of the refusal. A row's function makes whatever
the request is about, anew for each caller, and returns the request: path, and perhaps body and version. `world` has
the api, keys of the secretariat and of an admin, and helpers. A row of `people` is for sessions alone: keys get 403
from it, where a person would get `ok`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from fastapi.routing import iter_route_contexts

from services.api.letters import stops
from services.api.letters.writers import Stop
from tests.api.kinds import Kind
from tests.harness.people import PASSWORD, account_body, make_person
from tests.harness.support import Api, Json, authority_body, make_key, practice_body

REASONED = ("archive", "reject", "reopen")
COLUMNS = ("nobody", "officer", "partner", "other", "reviewer", "secretariat", "admin", "ended")

PUBLIC = "ok  ok  ok  ok  ok  ok  ok  401"
"""Anybody reads, and a token that is good no more is refused all the same."""
OPEN = "ok  ok  ok  ok  ok  ok  ok  ok"
"""Anybody, and no token is looked at."""
KNOWN = "401 ok  ok  ok  ok  ok  ok  401"
"""Everybody who is known."""
SECRETARIAT = "401 403 403 403 403 ok  ok  401"
ADMIN = "401 403 403 403 403 403 ok  401"


@dataclass(frozen=True)
class Call:
    """One request."""

    path: str
    json: Json | None = None
    version: int | None = None
    workbook: bytes | None = None
    rdf: bytes | None = None


@dataclass
class World:
    """Where the requests are made."""

    api: Api
    secretariat: str
    """A key of the secretariat."""
    admin: str
    """A key of an admin."""
    _numbers: Any = field(default_factory=count)

    def number(self) -> int:
        """Return a number that no other call has got."""
        return int(next(self._numbers))

    def told_of(self, kind: Kind) -> str:
        """Return the id of a new public practice of `alba` for a type that tells of one, nothing for any other."""
        if not kind.type.own_words:
            return ""
        made = self.api.post("/practices", self.secretariat, json=practice_body(authority="alba")).json()
        self.api.post(f"/practices/{made['id']}/publish", self.secretariat, version=1).raise_for_status()
        return str(made["id"])

    def body(self, kind: Kind, title: str) -> Json:
        """Return the body of a new record or revision of `alba`."""
        return kind.body(title, of=self.told_of(kind))

    def record(self, kind: Kind, *, published: bool = False) -> str:
        """Make a record of `alba` and return its address."""
        path = f"/{kind.type.plural}"
        made = self.api.post(path, self.secretariat, json=kind.body("A title", owner="alba", of=self.told_of(kind)))
        path += f"/{made.json()['id']}"
        if published:
            self.api.post(f"{path}/publish", self.secretariat, version=1).raise_for_status()
        return path

    def submission(self, kind: Kind, *steps: str) -> tuple[str, int]:
        """Make a case of `alba` that is complete, take it through some steps, and return its id and version."""
        draft = kind.draft("A title", owner="alba", of=self.told_of(kind))
        made = self.api.post("/submissions", self.secretariat, json=draft).json()
        for action in steps:
            step = {"action": action} | ({"reason": "Because."} if action in REASONED else {})
            path = f"/submissions/{made['id']}/transitions"
            made = self.api.post(path, self.secretariat, version=made["version"], json=step).json()
        return made["id"], made["version"]

    def comment(self, kind: Kind) -> str:
        """Comment on a case of `alba` that was handed in and return the comment's address."""
        id, _ = self.submission(kind, "submit")
        made = self.api.post(f"/submissions/{id}/comments", self.secretariat, json={"text": "Which year?"})
        return f"/submissions/{id}/comments/{made.json()['id']}"

    def authority(self) -> str:
        """Make an authority and return its slug."""
        name = f"Town {self.number()}"
        made = self.api.post("/authorities", self.secretariat, json=authority_body(name))
        slug: str = made.json()["slug"]
        return slug

    def claim(self) -> str:
        """Let `alba` ask for a record that is nobody's and return the claim's id."""
        made = self.api.post("/practices", self.secretariat, json=practice_body()).json()
        path = f"/practices/{made['id']}"
        self.api.post(f"{path}/publish", self.secretariat, version=1).raise_for_status()
        officer = make_key(self.api.database, "alba")
        id: str = self.api.post(f"{path}/claims", officer, json={"statement": "Ours."}).json()["id"]
        return id

    def account(self, role: str = "reviewer") -> str:
        """Make an account and return its id."""
        made = self.api.post("/accounts", self.admin, json=self.account_body(role))
        id: str = made.json()["id"]
        return id

    def account_body(self, role: str = "reviewer") -> Json:
        """Return a body for a new account."""
        return account_body(f"p{self.number()}", role)

    def key(self) -> str:
        """Make a key and return its id."""
        made = self.api.post("/keys", self.admin, json={"name": "Portal", "role": "reviewer"})
        id: str = made.json()["id"]
        return id

    def stop(self) -> str:
        """Return a token that stops letters to a new person."""
        id = self.account()
        with self.api.database.transaction() as session:
            return stops.issue(session, Stop("notices", {"account": id, "kinds": ["decided"]}))

    def person(self) -> str:
        """Give a person an account with a password and return the e-mail."""
        email = f"p{self.number()}@example.org"
        make_person(self.api.database, email, "reviewer", None, PASSWORD)
        return email


@dataclass(frozen=True)
class Row:
    """Who may call a route, and how."""

    route: str
    allowed: str
    call: Callable[[World], Call]
    people: bool = False

    def of(self, column: str) -> str:
        """Return what a caller gets."""
        return self.allowed.split()[COLUMNS.index(column)]


def routes(api: Api) -> set[str]:
    """Return every route of an app, as the table names it."""
    found = set()
    for route in iter_route_contexts(api.app.routes):
        methods = (route.methods or set()) - {"HEAD", "OPTIONS"}
        path = re.sub(r":[a-z]+\}", "}", str(route.path)).removeprefix("/api/v1")
        found |= {f"{method} {path}" for method in methods}
    return found


def at(path: str, json: Json | None = None, version: int | None = None) -> Callable[[World], Call]:
    """Return a call that needs nothing made before."""
    return lambda world: Call(path, json, version)


def _reset_token(world: World) -> Call:
    made = world.api.post(f"/accounts/{world.account()}/reset", world.admin)
    return Call("/password-resets/redeem", {"token": made.json()["token"], "password": PASSWORD})


def _deactivated(world: World) -> Call:
    id = world.account()
    world.api.post(f"/accounts/{id}/deactivate", world.admin, version=1).raise_for_status()
    return Call(f"/accounts/{id}/reactivate", version=2)


ACCESS = [
    Row("POST /sessions", OPEN, lambda w: Call("/sessions", {"email": w.person(), "password": PASSWORD})),
    Row("GET /sessions", KNOWN, at("/sessions"), people=True),
    Row("DELETE /sessions/current", KNOWN, at("/sessions/current"), people=True),
    Row("DELETE /sessions/{id}", KNOWN, at("/sessions/{own}"), people=True),
    Row("GET /me", KNOWN, at("/me")),
    Row(
        "PUT /me/password", KNOWN, at("/me/password", {"present_password": PASSWORD, "password": PASSWORD}), people=True
    ),
    Row("PUT /me/language", KNOWN, at("/me/language", {"language": "it"}), people=True),
    Row("GET /me/notices", KNOWN, at("/me/notices"), people=True),
    Row("PUT /me/notices", KNOWN, at("/me/notices", {"often": {"decided": "never"}}), people=True),
    Row("GET /letters/stop/{token}", OPEN, lambda w: Call(f"/letters/stop/{w.stop()}")),
    Row("POST /letters/stop/{token}", OPEN, lambda w: Call(f"/letters/stop/{w.stop()}")),
    Row("POST /password-resets", OPEN, at("/password-resets", {"email": "somebody@example.org"})),
    Row("POST /password-resets/redeem", OPEN, _reset_token),
    Row("GET /sign-in", OPEN, at("/sign-in")),
    Row("GET /sign-in/oidc", "404 " * 8, at("/sign-in/oidc")),  # there is no issuer here: test_oidc.py has one
    Row("GET /sign-in/oidc/callback", "404 " * 8, at("/sign-in/oidc/callback?state=x&code=y")),
]

DIRECTORY = [
    Row("GET /accounts", SECRETARIAT, at("/accounts")),
    Row("POST /accounts", SECRETARIAT, lambda w: Call("/accounts", w.account_body())),
    Row("GET /accounts/{id}", SECRETARIAT, lambda w: Call(f"/accounts/{w.account()}")),
    Row("PUT /accounts/{id}", SECRETARIAT, lambda w: Call(f"/accounts/{w.account()}", w.account_body(), 1)),
    Row("POST /accounts/{id}/deactivate", SECRETARIAT, lambda w: Call(f"/accounts/{w.account()}/deactivate", None, 1)),
    Row("POST /accounts/{id}/reactivate", SECRETARIAT, _deactivated),
    Row("POST /accounts/{id}/reset", SECRETARIAT, lambda w: Call(f"/accounts/{w.account()}/reset")),
    Row("GET /keys", ADMIN, at("/keys")),
    Row("POST /keys", ADMIN, at("/keys", {"name": "Portal", "role": "reviewer"})),
    Row("DELETE /keys/{id}", ADMIN, lambda w: Call(f"/keys/{w.key()}")),
]
"""Of accounts that only an admin looks after: see `DIRECTORY_OF_ADMINS`."""

DIRECTORY_OF_ADMINS = [
    Row("POST /accounts", ADMIN, lambda w: Call("/accounts", w.account_body("secretariat"))),
    Row("POST /accounts", ADMIN, lambda w: Call("/accounts", w.account_body("admin"))),
    Row("PUT /accounts/{id}", ADMIN, lambda w: Call(f"/accounts/{w.account()}", w.account_body("secretariat"), 1)),
    Row("PUT /accounts/{id}", ADMIN, lambda w: Call(f"/accounts/{w.account('admin')}", w.account_body(), 1)),
    Row(
        "POST /accounts/{id}/deactivate",
        ADMIN,
        lambda w: Call(f"/accounts/{w.account('secretariat')}/deactivate", None, 1),
    ),
    Row("POST /accounts/{id}/reset", ADMIN, lambda w: Call(f"/accounts/{w.account('admin')}/reset")),
]

AUTHORITIES = [
    Row("GET /authorities", PUBLIC, at("/authorities")),
    Row("GET /authorities.geojson", PUBLIC, at("/authorities.geojson")),
    Row("GET /authorities/{authority}", PUBLIC, at("/authorities/alba")),
    Row("GET /authorities/{authority}/records", PUBLIC, at("/authorities/alba/records")),
    Row("POST /authorities", SECRETARIAT, lambda w: Call("/authorities", authority_body(f"Town {w.number()}"))),
    Row(
        "PUT /authorities/{authority}",
        SECRETARIAT,
        lambda w: Call(f"/authorities/{w.authority()}", authority_body("T"), 1),
    ),
    Row(
        "POST /authorities/{authority}/hand-over",
        SECRETARIAT,
        lambda w: Call(f"/authorities/{w.authority()}/hand-over", {"to": w.authority(), "reason": "It ended."}),
    ),
]


def _claim(act: str, json: Json | None = None) -> Callable[[World], Call]:
    """Return a call about a claim of `alba` to a record that is nobody's."""

    def call(world: World) -> Call:
        path = f"/claims/{world.claim()}"
        return Call(f"{path}/{act}", json, 1) if act else Call(path)

    return call


OWN_CLAIM = "401 ok  404 404 404 ok  ok  401"
"""Of the office that asks, and the secretariat."""
CLAIMS = [
    Row("GET /claims", KNOWN, at("/claims")),
    Row("GET /claims/{claim}", OWN_CLAIM, _claim("")),
    Row("POST /claims/{claim}/grant", SECRETARIAT, _claim("grant")),
    Row("POST /claims/{claim}/refuse", SECRETARIAT, _claim("refuse", {"reason": "It is not."})),
    Row("POST /claims/{claim}/withdraw", "401 ok  404 404 404 403 403 401", _claim("withdraw")),
]

DESK = [
    Row("GET /inbox", KNOWN, at("/inbox")),
    Row("GET /submissions", KNOWN, at("/submissions")),
    Row("GET /submissions/summary", SECRETARIAT, at("/submissions/summary")),
]

FORMS = [
    Row("GET /forms", OPEN, at("/forms")),
    Row("GET /forms/{name}", OPEN, at("/forms/practice")),
    Row("GET /questionnaire", OPEN, at("/questionnaire")),
    Row(
        "POST /imports", SECRETARIAT, lambda w: Call(f"/imports?format=jsonl&name={w.number()}.jsonl", practice_body())
    ),
    Row("POST /questionnaire/check", KNOWN, at("/questionnaire/check", {"content": {}})),
    Row("GET /questionnaire.xlsx", OPEN, at("/questionnaire.xlsx")),
]


PUBLISHED = [
    Row("GET /titles", OPEN, at("/titles?of=practice/00000000-0000-4000-8000-000000000000")),
    Row("GET /changes", OPEN, at("/changes?limit=1")),
    Row("GET /changes/digest", OPEN, at("/changes/digest")),
    Row("GET /vocabularies", OPEN, at("/vocabularies")),
    Row("GET /vocabularies/{name}", OPEN, at("/vocabularies/priorities")),
    Row("GET /labels", OPEN, at("/labels?lang=es")),
]


def _concept(world: World) -> str:
    """Make a concept and return its address."""
    path = f"/vocabularies/thesaurus/concepts/concept-{world.number()}"
    new = {"If-None-Match": "*"}
    world.api.put(path, world.secretariat, json={"labels": {"en": "one"}}, headers=new).raise_for_status()
    return path


THESAURUS = [
    Row("GET /vocabularies/thesaurus/concepts/{code}", PUBLIC, lambda w: Call(_concept(w))),
    Row(
        "PUT /vocabularies/thesaurus/concepts/{code}",
        SECRETARIAT,
        lambda w: Call(_concept(w), {"labels": {"en": "two"}}, 1),
    ),
    Row("DELETE /vocabularies/thesaurus/concepts/{code}", SECRETARIAT, lambda w: Call(_concept(w), None, 1)),
    Row("GET /vocabularies/thesaurus.ttl", OPEN, at("/vocabularies/thesaurus.ttl")),
    Row("GET /vocabularies/thesaurus.jsonld", OPEN, at("/vocabularies/thesaurus.jsonld")),
    Row(
        "POST /vocabularies/thesaurus/import",
        SECRETARIAT,
        lambda w: Call("/vocabularies/thesaurus/import", rdf=b"@prefix a: <http://a.example/> ."),
    ),
]


OPERATIONS = [
    Row("GET /api/healthz", OPEN, at("/api/healthz")),
    Row("GET /api/readyz", OPEN, at("/api/readyz")),
    Row("GET /api/metrics", OPEN, at("/api/metrics")),
    Row("GET /api/openapi.json", OPEN, at("/api/openapi.json")),
    Row("GET /api/docs", OPEN, at("/api/docs")),
    Row("GET /api/docs/oauth2-redirect", OPEN, at("/api/docs/oauth2-redirect")),
]

ROWS = [
    *ACCESS,
    *DIRECTORY,
    *DIRECTORY_OF_ADMINS,
    *AUTHORITIES,
    *CLAIMS,
    *DESK,
    *FORMS,
    *PUBLISHED,
    *THESAURUS,
    *OPERATIONS,
]
