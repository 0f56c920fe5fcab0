"""The rows of rights that each type of record has: of its records, and of what is on its way to become one."""

from collections.abc import Callable

from services.api.forms.workbook.writing import write
from services.api.records.endpoints import parameter
from tests.api.kinds import KINDS, Kind
from tests.api.rights import KNOWN, PUBLIC, REASONED, SECRETARIAT, Call, Row, World
from tests.harness.support import Json

UNREVIEWED = ("road-map", "programme", "own-account")
"""Types whose cases go to the secretariat and no reviewer."""
FILES = ("jsonl", "yaml", "csv", "xlsx")
#         nobody officer partner other reviewer secretariat admin ended
EDITED = {
    "practice": "401 ok  403 403 403 ok  ok  401",
    "pledge": "  401 ok  ok  403 403 ok  ok  401",
    **dict.fromkeys(UNREVIEWED, "401 ok  403 403 403 ok  ok  401"),
}
"""Of a public record: the officers of the authorities that have a part in it that reads, and the secretariat."""
DRAFTED = {
    "practice": "401 ok  404 404 404 ok  ok  401",
    "pledge": "  401 ok  ok  404 404 ok  ok  401",
    **dict.fromkeys(UNREVIEWED, "401 ok  404 404 404 ok  ok  401"),
}
"""Of one that is not public: for others it is not there. The same of what was not handed in yet."""
WRITTEN = {
    "practice": "401 ok  404 404 404 ok  ok  401",
    "pledge": "  401 ok  403 404 404 ok  ok  401",
    **dict.fromkeys(UNREVIEWED, "401 ok  404 404 404 ok  ok  401"),
}
"""The officers of the authority that owns it, and the secretariat, of what was not handed in yet."""
HANDED_IN = {
    "practice": "401 ok  404 404 ok  ok  ok  401",
    "pledge": "  401 ok  ok  404 ok  ok  ok  401",
    **dict.fromkeys(UNREVIEWED, "401 ok  404 404 404 ok  ok  401"),
}
"""Who sees what is being written, and reviewers once it is handed in."""
SETTLED = {
    "practice": "401 ok  404 404 403 ok  ok  401",
    "pledge": "  401 ok  403 404 403 ok  ok  401",
    **dict.fromkeys(UNREVIEWED, "401 ok  404 404 404 ok  ok  401"),
}
"""Of what was handed in: its owners and the secretariat; others that see it may not."""
TOLD = {
    "road-map": (
        "401 ok  403 403 403 ok  ok  401",
        {"kind": "done", "path": "plan.activities[key=1]", "date": "2021-07"},
    ),
    **dict.fromkeys(("programme", "own-account"), ("401 403 403 403 403 403 403 401", {"kind": "done"})),
    "practice": ("401 ok  403 403 403 ok  ok  401", {"kind": "still-true"}),
    "pledge": (
        "401 ok  ok  403 403 ok  ok  401",
        {"kind": "done", "path": "plan.actions[key=1]", "value": "late"},
    ),
}
"""Who tells what happened to a public record."""
OWNED = "401 ok  403 403 403 ok  ok  401"
"""The officers of the authority that owns it, and the secretariat."""
UNSEEN = {
    "practice": "401 409 404 404 403 403 403 401",
    "pledge": "  401 409 409 404 403 403 403 401",
    **dict.fromkeys(UNREVIEWED, "401 409 404 404 403 403 403 401"),
}
"""Of a claim to what is not public: for officers of others it is not there."""
REDACTED = {
    "practice": "when.start",
    "pledge": "promise.summary",
    "road-map": "about.start",
    "programme": "about.start",
    "own-account": "account.debate",
}
"""A field that a record need not have."""
STEPS = {
    "practice": {
        "submit": (WRITTEN["practice"],),
        "withdraw": (SETTLED["practice"], "submit"),
        "take-up": ("401 403 404 404 ok  ok  ok  401", "submit"),
        "request-changes": ("401 403 404 404 403 422 422 401", "submit", "take-up"),
        "approve": ("401 403 404 404 403 403 403 401", "submit", "take-up"),
        "publish": ("401 403 404 404 403 ok  ok  401", "submit", "take-up"),
        "reject": ("401 403 404 404 403 ok  ok  401", "submit"),
        "revise": (WRITTEN["practice"], "submit", "take-up", "publish"),
        "discard": (WRITTEN["practice"], "submit", "take-up", "publish", "revise"),
        "archive": ("401 409 404 404 404 ok  ok  401", "submit", "take-up", "publish"),
        "reopen": ("401 409 404 404 404 ok  ok  401", "submit", "take-up", "publish", "archive"),
    },
    **{
        key: {
            "submit": (WRITTEN["road-map"],),
            "withdraw": (SETTLED["road-map"], "submit"),
            "request-changes": ("401 403 404 404 404 422 422 401", "submit"),
            "publish": ("401 403 404 404 404 ok  ok  401", "submit"),
            "reject": ("401 403 404 404 404 ok  ok  401", "submit"),
            "revise": (WRITTEN["road-map"], "submit", "publish"),
            "discard": (WRITTEN["road-map"], "submit", "publish", "revise"),
            "archive": ("401 409 404 404 404 ok  ok  401", "submit", "publish"),
            "reopen": ("401 409 404 404 404 ok  ok  401", "submit", "publish", "archive"),
        }
        for key in UNREVIEWED
    },
    "pledge": {
        "submit": (WRITTEN["pledge"],),
        "withdraw": (SETTLED["pledge"], "submit"),
        "publish": ("401 403 403 404 403 ok  ok  401", "submit"),
        "reject": ("401 403 403 404 403 ok  ok  401", "submit"),
        "revise": (WRITTEN["pledge"], "submit", "publish"),
        "discard": (WRITTEN["pledge"], "submit", "publish", "revise"),
    },
}
"""Who may take each step, by type, and the steps before it; what each needs is the workflow's own table."""


def records(kind: Kind) -> list[Row]:
    """Return the rows of a type's records."""
    type = kind.type
    many, one = f"/{type.plural}", f"/{type.plural}/{{{parameter(type)}}}"

    def of(tail: str, json: Json | None = None, version: int | None = None) -> Callable[[World], Call]:
        return lambda world: Call(f"{world.record(kind)}{tail}", json, version)

    def written(world: World) -> Call:
        return Call(world.record(kind), world.body(kind, "T"), 1)

    def public(tail: str, json: Json | None = None, version: int | None = None) -> Callable[[World], Call]:
        return lambda world: Call(f"{world.record(kind, published=True)}{tail}", json, version)

    def archived(world: World) -> Call:
        path = world.record(kind, published=True)
        archive = world.api.post(f"{path}/archive", world.secretariat, version=2, json={"reason": "Over"})
        archive.raise_for_status()
        return Call(f"{path}/reopen", {"reason": "It goes on"}, 3)

    def renamed(world: World) -> Call:
        return Call(f"{world.record(kind, published=True)}/rename", {"slug": f"slug-{world.number()}"}, 2)

    def edited(world: World) -> Call:
        path = world.record(kind, published=True)
        world.api.put(path, world.secretariat, version=2, json=world.body(kind, "B")).raise_for_status()
        world.api.post(f"{path}/publish", world.secretariat, version=3).raise_for_status()
        return Call(f"{path}/revisions/1/bring-back", None, 4)

    told, step = TOLD[type.name]
    again, why = f"{one}/revisions/{{number}}", {"reason": "Wrong."}
    redaction = why | {"path": REDACTED[type.name]}
    hidden = " ".join(["404"] * 7 + ["401"])
    return [
        Row(f"GET {many}", PUBLIC, lambda w: Call(many)),
        *(Row(f"GET {many}.{end}", PUBLIC, lambda w, end=end: Call(f"{many}.{end}")) for end in FILES),
        *(Row(f"GET {many}.{end}", SECRETARIAT, lambda w, end=end: Call(f"{many}.{end}?state=all")) for end in FILES),
        Row(f"GET {one}", PUBLIC, public("")),
        Row(f"GET {one}", hidden, of("")),
        Row(f"GET {one}/latest", EDITED[type.name], public("/latest")),
        Row(f"GET {one}/latest", DRAFTED[type.name], of("/latest")),
        Row(f"GET {one}/workbook.xlsx", PUBLIC, public("/workbook.xlsx")),
        Row(f"GET {one}/workbook.xlsx", hidden, of("/workbook.xlsx")),
        Row(f"GET {one}/latest/workbook.xlsx", EDITED[type.name], public("/latest/workbook.xlsx")),
        Row(f"GET {one}/latest/workbook.xlsx", DRAFTED[type.name], of("/latest/workbook.xlsx")),
        Row(f"GET {one}/revisions", PUBLIC, public("/revisions")),
        Row(f"GET {one}/revisions/{{number}}", PUBLIC, public("/revisions/1")),
        Row(f"GET {one}/diff", PUBLIC, public("/diff?before=1&after=1")),
        Row(f"POST {many}", SECRETARIAT, lambda w: Call(many, w.body(kind, "T"))),
        Row(f"PUT {one}", SECRETARIAT, written),
        Row(f"POST {one}/publish", SECRETARIAT, of("/publish", None, 1)),
        Row(f"POST {one}/unpublish", SECRETARIAT, public("/unpublish", None, 2)),
        Row(f"POST {one}/archive", SECRETARIAT, public("/archive", {"reason": "Over"}, 2)),
        Row(f"POST {one}/reopen", SECRETARIAT, archived),
        Row(f"POST {one}/rename", SECRETARIAT, renamed),
        Row(f"GET {one}/steps", PUBLIC, public("/steps")),
        Row(f"POST {one}/steps", told, public("/steps", step)),
        Row(f"POST {one}/claims", "401 409 ok  ok  403 403 403 401", public("/claims", {"statement": "Ours."})),
        Row(f"POST {one}/claims", UNSEEN[type.name], of("/claims", {"statement": "Ours."})),
        Row(f"POST {one}/owner", SECRETARIAT, public("/owner", {"authority": "boca", "reason": "Theirs."}, 2)),
        Row(f"POST {again}/withdraw", SECRETARIAT, public("/revisions/1/withdraw", why, 2)),
        Row(f"POST {again}/redact", SECRETARIAT, public("/revisions/1/redact", redaction, 2)),
        Row(f"POST {again}/bring-back", OWNED, edited),
    ]


def submissions(kind: Kind) -> list[Row]:
    """Return the rows of what is to become a record of a type."""
    type, one = kind.type.name, "/submissions/{submission}"

    def about(tail: str, *steps: str, json: Json | None = None, versioned: bool = False) -> Callable[[World], Call]:
        def call(world: World) -> Call:
            id, version = world.submission(kind, *steps)
            return Call(f"/submissions/{id}{tail}", json, version if versioned else None)

        return call

    def step(action: str, allowed: str, *before: str) -> Row:
        body = {"action": action} | ({"reason": "Because."} if action in REASONED else {})
        return Row(f"POST {one}/transitions", allowed, about("/transitions", *before, json=body, versioned=True))

    def comment(act: str) -> Row:
        path = f"POST {one}/comments/{{comment}}/{act}"
        return Row(path, SETTLED[type], lambda w: Call(f"{w.comment(kind)}/{act}"))

    workbook = write(kind.type.form, kind.content("A title", "boca"), "en")
    begins = "401 ok  ok  ok  403 ok  ok  401"
    return [
        Row("GET /workflow", KNOWN, lambda w: Call(f"/workflow?type={type}")),
        Row("GET /submissions", KNOWN, lambda w: Call(f"/submissions?type={type}")),
        Row("POST /submissions", begins, lambda w: Call("/submissions", {"type": type, "content": {}})),
        Row("POST /submissions", OWNED, lambda w: Call("/submissions", {"type": type, "owner": "alba"})),
        Row("POST /submissions/import", begins, lambda w: Call(f"/submissions/import?type={type}", workbook=workbook)),
        Row(f"GET {one}", DRAFTED[type], about("")),
        Row(f"GET {one}", HANDED_IN[type], about("", "submit")),
        Row(f"PUT {one}", WRITTEN[type], about("", json={"content": {}}, versioned=True)),
        Row(f"GET {one}/preview", DRAFTED[type], about("/preview")),
        Row(f"GET {one}/preview", HANDED_IN[type], about("/preview", "submit")),
        Row(f"GET {one}/workbook.xlsx", DRAFTED[type], about("/workbook.xlsx")),
        Row(f"GET {one}/workbook.xlsx", HANDED_IN[type], about("/workbook.xlsx", "submit")),
        Row(f"GET {one}/revisions", HANDED_IN[type], about("/revisions", "submit")),
        Row(f"GET {one}/revisions/{{number}}", HANDED_IN[type], about("/revisions/1", "submit")),
        Row(f"GET {one}/diff", HANDED_IN[type], about("/diff?since=1", "submit")),
        Row(f"GET {one}/events", HANDED_IN[type], about("/events", "submit")),
        Row(f"GET {one}/comments", HANDED_IN[type], about("/comments", "submit")),
        Row(f"POST {one}/comments", HANDED_IN[type], about("/comments", "submit", json={"text": "Good."})),
        comment("resolve"),
        comment("reopen"),
        *(step(action, *how) for action, how in STEPS[type].items()),
    ]


ROWS = [row for kind in KINDS.values() for row in (*records(kind), *submissions(kind))]
