"""What tests of claims share: records that are nobody's, offices that ask for them, and the secretariat."""

from typing import Any

import httpx

from tests.api.kinds import KINDS, Kind
from tests.harness.support import Api, Json, Template, check_problem

PRACTICE = KINDS["practice"]


class Claiming:
    """Claims and hand-overs on one api."""

    def __init__(self, api: Api, template: Template) -> None:
        self.api, self.keys = api, template
        self.desk, self.alba, self.boca = template.secretariat, template.alba, template.boca

    def record(self, kind: Kind = PRACTICE, *, owner: str | None = None, publish: bool = True) -> Json:
        """Make a record that came without a case, and return it as its editors see it."""
        body = kind.body("A title", owner=owner, partner="alba")
        made: Json = self.api.post(f"/{kind.type.plural}", self.desk, json=body).json()
        if publish:
            path = f"/{kind.type.plural}/{made['id']}/publish"
            made = self.api.post(path, self.desk, version=made["version"]).json()
        return made

    def latest(self, record: Json) -> Json:
        """Return a record as its editors see it now."""
        return self._ok(self.api.get(f"{self.path(record)}/latest", self.desk))

    def path(self, record: Json) -> str:
        return f"/{KINDS[record['type']].type.plural}/{record['id']}"

    def ask(self, record: Json, key: str, statement: str = "We run it.", **more: Any) -> httpx.Response:
        return self.api.post(f"{self.path(record)}/claims", key, json={"statement": statement}, **more)

    def asked(self, record: Json, key: str) -> Json:
        """Ask for a record, which is allowed."""
        return self._ok(self.ask(record, key))

    def decide(self, claim: Json, key: str, act: str, reason: str | None = None, **more: Any) -> httpx.Response:
        body = {} if reason is None else {"json": {"reason": reason}}
        return self.api.post(f"/claims/{claim['id']}/{act}", key, version=claim["version"], **body, **more)

    def decided(self, claim: Json, key: str, act: str, reason: str | None = None) -> Json:
        """Decide a claim, which is allowed."""
        return self._ok(self.decide(claim, key, act, reason))

    def claims(self, key: str, tail: str = "") -> list[Json]:
        found: list[Json] = self._ok(self.api.get(f"/claims{tail}", key))["items"]
        return found

    def hand_over(self, record: Json, to: str | None, reason: str = "They run it.", **more: Any) -> httpx.Response:
        body = {"authority": to, "reason": reason}
        version = more.pop("version", None) or self.latest(record)["version"]
        return self.api.post(f"{self.path(record)}/owner", self.desk, version=version, json=body, **more)

    def case(self, record: Json, key: str = "") -> Json:
        """Return the case of a record."""
        found = self.api.get(f"/submissions?type={record['type']}&record={record['id']}", key or self.desk)
        (case,) = self._ok(found)["items"]
        shown: Json = case
        return shown

    def events(self, case: Json, key: str = "") -> list[Json]:
        found = self.api.get(f"/submissions/{case['id']}/events", key or self.desk)
        assert found.status_code == 200, found.text
        shown: list[Json] = found.json()
        return shown

    @staticmethod
    def _ok(answer: httpx.Response) -> Json:
        assert answer.status_code < 300, answer.text
        shown: Json = answer.json()
        return shown


def refused(answer: httpx.Response, status: int, *words: str) -> None:
    """Check that an answer is a refusal that says some words."""
    check_problem(answer, status)
    assert all(word in answer.text for word in words), answer.text
