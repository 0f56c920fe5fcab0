"""The table of visibility: what each caller sees of each record and case; `visible_routes.py` has every route to them.

It speaks of every type. The records are made once. Each revision has a word of its own, in its title, and another in
every private field; a word that is not expected must not be in an answer. A new type, role, state or reading route
fails the tests until it stands here.
"""

from dataclasses import dataclass, field

from services.api.access.service import Role
from services.api.kit.workflow import State
from services.api.records.schemas import Status
from tests.api.kinds import KINDS
from tests.harness.support import Api, Json, practice_body

CALLERS: dict[str, tuple[Role, str | None] | None] = {
    "nobody": None,
    "officer": ("officer", "alba"),
    "other": ("officer", "boca"),
    "partner": ("officer", "capo"),
    "fellow": ("reviewer", "alba"),
    "peer": ("reviewer", "boca"),
    "ally": ("reviewer", "capo"),
    "outsider": ("reviewer", None),
    "judge": ("reviewer", None),
    "secretariat": ("secretariat", None),
    "admin": ("admin", None),
}
"""Role and authority. `alba` owns what anybody owns; `capo` is the partner, where a type has one; `judge` has taken up
every case that could be, `outsider` belongs to no authority either."""

OWNERS = ("alba", None)
UNREVIEWED = ("road-map", "programme", "own-account")
"""Types whose cases no reviewer sees."""
INSIDE = {
    ("practice", "alba"): {"officer", "secretariat", "admin"},
    ("practice", None): {"secretariat", "admin"},
    ("pledge", "alba"): {"officer", "partner", "secretariat", "admin"},
    ("pledge", None): {"partner", "secretariat", "admin"},
    **{(type, "alba"): {"officer", "secretariat", "admin"} for type in UNREVIEWED},
    **{(type, None): {"secretariat", "admin"} for type in UNREVIEWED},
}
"""Who sees what is being written, and what is private, by type and owner."""
PEERS = {
    ("practice", "alba"): {"peer", "ally", "outsider", "judge"},
    ("practice", None): {"fellow", "peer", "ally", "outsider", "judge"},
    ("pledge", "alba"): {"peer", "outsider", "judge"},
    ("pledge", None): {"fellow", "peer", "outsider", "judge"},
    **{(type, owner): set() for type in UNREVIEWED for owner in OWNERS},
}
"""Who sees what was handed in while it is before peers, by type and owner."""

STATUS: dict[str, Status] = {
    "draft": "draft",
    "published": "published",
    "edited": "published",
    "withdrawn": "published",
    "archived": "archived",
    "unpublished": "unpublished",
}
"""States of records. All but the first two have a revision that was never public: `edited` is public beside it, and
`withdrawn` in an earlier one, after that was taken out of view."""
PUBLIC = ("published", "edited", "withdrawn", "archived")

STEPS: dict[str, dict[str, tuple[str, ...]]] = {
    "practice": {
        "draft": (),
        "submitted": ("submit",),
        "in-review": ("submit", "take-up"),
        "approved": ("submit", "take-up", "approve"),
        "changes-requested": ("submit", "take-up", "request-changes"),
        "rejected": ("submit", "take-up", "reject"),
        "published": ("submit", "take-up", "publish"),
        "archived": ("submit", "take-up", "publish", "archive"),
        "revised": ("submit", "take-up", "publish", "revise"),
    },
    **{
        key: {
            "draft": (),
            "submitted": ("submit",),
            "changes-requested": ("submit", "request-changes"),
            "rejected": ("submit", "reject"),
            "published": ("submit", "publish"),
            "archived": ("submit", "publish", "archive"),
            "revised": ("submit", "publish", "revise"),
        }
        for key in UNREVIEWED
    },
    "pledge": {
        "draft": (),
        "submitted": ("submit",),
        "published": ("submit", "publish"),
        "revised": ("submit", "publish", "revise"),
    },
}
"""How a case comes to a state; `revised` is a draft that is public in an earlier revision. Those that can be written in
the end are written once more: peers see what was handed in."""
WRITTEN_AGAIN = ("changes-requested", "revised")
REASONED = ("archive", "reject", "request-changes")
BEFORE = {
    "draft": (),
    "submitted": ("fellow", "peer", "ally", "outsider", "judge"),
    "in-review": ("fellow", "peer", "ally", "outsider", "judge"),
    "approved": ("fellow", "peer", "ally", "outsider", "judge"),
    "changes-requested": ("judge",),
    "rejected": ("judge",),
    "published": ("judge",),
    "archived": ("judge",),
    "revised": (),
}
"""Which reviewers see a case in a state, if they may judge it at all."""
TAKEN_UP = ("practice",)
"""Types whose cases somebody takes up: those see them later, too."""


def state_of(state: str) -> State:
    """Return the state of the workflow that a state of the table is."""
    return State.DRAFT if state == "revised" else State(state)


@dataclass(frozen=True)
class Said:
    """The words of comments and reasons on a case."""

    early: str
    """Before it was handed in."""
    late: str
    office: str
    """For the office alone; `review` for the reviewers alone."""
    review: str
    reason: str

    @property
    def all(self) -> set[str]:
        return {self.early, self.late, self.office, self.review, self.reason}


@dataclass(frozen=True)
class Record:
    """A record or a case, with the word in the title of each revision."""

    type: str
    id: str
    owner: str | None
    state: str
    words: tuple[str, ...]
    slug: str | None = None
    said: Said | None = None
    """None for a record."""
    was_handed_in: bool = False

    @property
    def path(self) -> str:
        return f"/submissions/{self.id}" if self.said else f"/{KINDS[self.type].type.plural}/{self.id}"

    @property
    def secrets(self) -> set[str]:
        return {secret_of(word) for word in self.words}

    @property
    def all_words(self) -> set[str]:
        return {*self.words} | self.secrets | (self.said.all if self.said else set())

    def seen_by(self, caller: str) -> str:
        """Return what a caller sees of it: `inside` all, `outside` what is public or was handed in, `-` nothing."""
        if caller in INSIDE[self.type, self.owner]:
            return "inside"
        if self.said is None:
            return "outside" if self.state in PUBLIC else "-"
        judged = self.type in TAKEN_UP or state_of(self.state) in KINDS[self.type].type.workflow.before_peers
        seen = judged and caller in BEFORE[self.state] and caller in PEERS[self.type, self.owner]
        return "outside" if seen else "-"


def secret_of(word: str) -> str:
    """Return what stands in the private fields of the revision whose title is a word."""
    return word.replace("ZQ", "ZS")


@dataclass
class World:
    """The api with all records, and tokens for each caller: keys, and sessions where there are two."""

    api: Api
    tokens: dict[str, list[str | None]]
    records: list[Record] = field(default_factory=list)
    cases: list[Record] = field(default_factory=list)
    _words: int = 0

    def word(self) -> str:
        """Return a word that stands nowhere else; in capitals, so that no slug has it."""
        self._words += 1
        return f"ZQ{self._words:04}X"

    def call(self, method: str, path: str, body: Json | None = None, version: int | None = None, who: str = "") -> Json:
        answer = self.api.request(method, path, self.tokens[who or "secretariat"][0], json=body, version=version)
        assert answer.status_code < 300, answer.text
        made: Json = answer.json()
        return made

    def make_record(self, type: str, owner: str | None, state: str) -> Record:
        kind, words = KINDS[type], [self.word()]
        of = self.told_of(type)
        body = kind.body(words[0], secret_of(words[0]), owner=owner, partner="capo", of=of)
        made = self.call("POST", f"/{kind.type.plural}", body)
        path = f"/{kind.type.plural}/{made['id']}"
        if state != "draft":
            made = self.call("POST", f"{path}/publish", version=made["version"])
        if state == "archived":
            made = self.call("POST", f"{path}/archive", {"reason": self.word()}, made["version"])
        if state == "unpublished":
            made = self.call("POST", f"{path}/unpublish", version=made["version"])
        if state not in ("draft", "published"):
            words.append(self.word())
            body = kind.body(words[1], secret_of(words[1]), partner="capo", of=of)
            made = self.call("PUT", path, body, made["version"])
        if state == "withdrawn":
            made = self.call("POST", f"{path}/publish", version=made["version"])
            why = {"reason": self.word()}
            made = self.call("POST", f"{path}/revisions/2/withdraw", why, made["version"])
        assert made["status"] == STATUS[state]
        return Record(type, made["id"], owner, state, tuple(words), made["slug"])

    def make_case(self, type: str, owner: str | None, state: str) -> Record:
        kind, words = KINDS[type], [self.word(), self.word()]
        said = Said(*(self.word() for _ in range(5)))
        of = self.told_of(type)
        draft = kind.draft(words[0], secret_of(words[0]), owner=owner, partner="capo", of=of)
        made = self.call("POST", "/submissions", draft)
        path = f"/submissions/{made['id']}"
        version = self.save(type, path, words[1], made["version"], of)
        early = self.call("POST", f"{path}/comments", {"text": said.early})
        for action in STEPS[type][state]:
            more: Json = {"reason": said.reason} if action in REASONED else {}
            if action == "request-changes":
                more["comments"] = [early["id"]]
            if action == "approve":
                more["statements"] = [{"feature": "adaptability", "statement": "It was."}]
            who = "judge" if action in ("take-up", "approve") else ""
            made = self.call("POST", f"{path}/transitions", {"action": action} | more, version, who)
            version = made["version"]
            if action == "submit":
                self.call("POST", f"{path}/comments", {"text": said.late})
                self.call("POST", f"{path}/comments", {"text": said.review, "internal": True})
                office = INSIDE[type, owner] & {"officer", "partner"}
                for who in sorted(office)[:1]:
                    self.call("POST", f"{path}/comments", {"text": said.office, "internal": True}, who=who)
        if state in WRITTEN_AGAIN:
            words.append(self.word())
            self.save(type, path, words[2], version, of)
        assert made["state"] == state_of(state)
        handed_in = "submit" in STEPS[type][state]
        return Record(type, made["id"], owner, state, tuple(words), made["record"], said, handed_in)

    def told_of(self, type: str) -> str:
        """Return the id of a new public practice for a type that tells of one, nothing for any other."""
        if not KINDS[type].type.own_words:
            return ""
        made = self.call("POST", "/practices", practice_body("Told of"))
        self.call("POST", f"/practices/{made['id']}/publish", version=made["version"])
        return str(made["id"])

    def save(self, type: str, path: str, word: str, version: int, of: str) -> int:
        body = KINDS[type].body(word, secret_of(word), partner="capo", of=of)
        made: int = self.call("PUT", path, body, version)["version"]
        return made
