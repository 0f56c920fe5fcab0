"""What tests of submissions share: keys for every kind of caller, complete answers, steps over HTTP."""

from dataclasses import dataclass
from typing import Any

import httpx

from tests.api.kinds import KINDS, Kind
from tests.harness.support import Api, Json, Template, make_key

PRACTICE = KINDS["practice"]
JUDGED = [{"feature": "adaptability", "statement": "Two towns have taken it over."}]
"""What a peer states who approves a practice."""


def complete(title: str = "A desk for returning nurses", **sections: Json) -> Json:
    """Return complete answers with another title; further arguments replace sections."""
    return PRACTICE.content(title, "") | sections


def stored(content: Json, kind: Kind = PRACTICE) -> Json:
    """Return valid answers as a record stores them: with what was left out."""
    return kind.type.form.validated(content).model_dump(mode="json")


@dataclass(frozen=True)
class Callers:
    """Tokens by who holds them."""

    alba: str
    boca: str
    secretariat: str
    peer: str
    """A reviewer of `boca`."""
    fellow: str
    """A reviewer of `alba`, who must not judge its cases."""
    other_peer: str
    """A reviewer of no authority of the base."""

    def of(self, who: str) -> str:
        """Return the token of a caller by name."""
        token: str = getattr(self, who)
        return token


def callers(api: Api, template: Template) -> Callers:
    """Make keys for every kind of caller."""
    return Callers(
        alba=template.alba,
        boca=template.boca,
        secretariat=template.secretariat,
        peer=make_key(api.database, "boca", role="reviewer"),
        fellow=make_key(api.database, "alba", role="reviewer"),
        other_peer=make_key(api.database, role="reviewer"),
    )


def key_id(token: str) -> str:
    """Return the public id in a key's token."""
    return token.split("_")[1]


def begin(api: Api, key: str, content: Json | None = None, **more: Any) -> Json:
    """Begin a draft, with complete answers unless told otherwise."""
    answer = api.post("/submissions", key, json={"content": complete() if content is None else content} | more)
    assert answer.status_code == 201, answer.text
    made: Json = answer.json()
    assert answer.headers["location"] == f"/api/v1/submissions/{made['id']}"
    return made


def save(api: Api, key: str, submission: Json, content: Json, **more: Any) -> httpx.Response:
    """Save answers on the version that was read."""
    body = {"content": content} | more
    return api.put(f"/submissions/{submission['id']}", key, version=submission["version"], json=body)


def step(api: Api, key: str, submission: Json, action: str, **more: Any) -> httpx.Response:
    """Take a step on the version that was read."""
    path = f"/submissions/{submission['id']}/transitions"
    return api.post(path, key, version=submission["version"], json={"action": action} | more)


def taken(api: Api, key: str, submission: Json, action: str, **more: Any) -> Json:
    """Take a step that is allowed, and return the submission after it."""
    answer = step(api, key, submission, action, **more)
    assert answer.status_code == 200, f"{action}: {answer.text}"
    after: Json = answer.json()
    return after


def remark(api: Api, key: str, submission: Json, text: str, **more: Any) -> Json:
    """Comment on a submission."""
    answer = api.post(f"/submissions/{submission['id']}/comments", key, json={"text": text} | more)
    assert answer.status_code == 201, answer.text
    made: Json = answer.json()
    return made
