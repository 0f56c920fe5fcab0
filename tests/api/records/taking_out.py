"""What tests of taking out share: a record that is changed, and all that everybody gets of it."""

from io import BytesIO
from itertools import product
from pathlib import Path
from typing import Any

import httpx
import openpyxl

from services.api.exchange import exporting
from services.api.exchange.exporting import Asked
from tests.harness.support import Api, Json, practice_body

REASON = {"reason": "The people named in it asked for it."}


class Case:
    """A practice of `alba` under its present version, changed by the secretariat unless another key is given."""

    def __init__(self, api: Api, key: str, id: str) -> None:
        self.api, self.key, self.id = api, key, id
        self.path = f"/practices/{id}"
        self.version = 1
        self.reload()

    def post(self, action: str, json: Json | None = None, key: str | None = None, **more: Any) -> httpx.Response:
        given: Json = {"version": self.version} | more
        answer = self.api.post(f"{self.path}/{action}", key or self.key, **given, **({"json": json} if json else {}))
        if answer.is_success:
            self.version = answer.json()["version"]
        return answer

    def do(self, action: str, json: Json | None = None, key: str | None = None) -> Json:
        answer = self.post(action, json, key)
        assert answer.status_code == 200, answer.text
        shown: Json = answer.json()
        return shown

    def update(self, body: Json) -> None:
        answer = self.api.put(self.path, self.key, version=self.version, json=body)
        assert answer.status_code == 200, answer.text
        self.version = answer.json()["version"]

    def publish(self, body: Json | None = None) -> None:
        if body is not None:
            self.update(body)
        self.do("publish")

    def withdraw(self, number: int) -> Json:
        return self.do(f"revisions/{number}/withdraw", REASON)

    def redact(self, number: int, path: str) -> Json:
        return self.do(f"revisions/{number}/redact", REASON | {"path": path})

    def revision(self, number: int) -> Json:
        shown: Json = self.api.get(f"{self.path}/revisions/{number}", self.key).json()
        return shown

    def revisions(self, key: str | None = None) -> dict[int, Json]:
        found = self.api.get(f"{self.path}/revisions", key)
        return {one["number"]: one for one in found.json()} if found.is_success else {}

    def public(self) -> Json | None:
        answer = self.api.get(self.path)
        shown: Json = answer.json()
        return shown if answer.is_success else None

    def reload(self) -> Json:
        """Take the version from the base, as after a restore; return the record as its editors see it."""
        latest: Json = self.api.get(f"{self.path}/latest", self.key).json()
        self.version = latest["version"]
        return latest


def draft(api: Api, key: str, body: Json) -> Case:
    """Make a practice that is not public."""
    return Case(api, key, api.post("/practices", key, json=body | {"owner": "alba"}).json()["id"])


def published(api: Api, key: str, *bodies: Json) -> Case:
    """Make a practice whose revisions were public, one after another."""
    first, *others = bodies
    case = draft(api, key, first)
    case.publish()
    for body in others:
        case.publish(body)
    return case


def told(word: str, **more: Any) -> Json:
    """Return a body whose summary and results hold a word."""
    return practice_body("A desk", results=[f"{word} came first", "Many came"], **more) | {
        "translations": {"es": {"how.results[0]": {"text": f"primero {word}", "status": "human"}}}
    }


def everything_public(case: Case, folder: Path) -> str:
    """Return all that anybody gets of a case and its base: feed, record, revisions, diffs, workbook, lists, export."""
    api, path = case.api, case.path
    numbers = range(1, max(case.revisions(case.key)) + 1)
    addresses = ["/changes?limit=500", "/practices?limit=100", path, f"{path}?lang=es", f"{path}/revisions"]
    addresses += [f"{path}/revisions/{number}" for number in numbers]
    addresses += [f"{path}/diff?before={one}&after={other}" for one, other in product(numbers, numbers)]
    shown = [api.get(address).text for address in addresses]
    file = api.get(f"{path}/workbook.xlsx?lang=es")
    if file.is_success:
        book = openpyxl.load_workbook(BytesIO(file.content))
        shown += [str(cell.value) for sheet in book for row in sheet for cell in row if cell.value is not None]
        shown += [str(cell.comment.text) for sheet in book for row in sheet for cell in row if cell.comment]
    with api.database.transaction(write=False) as session:
        exporting.export(session, folder / "public.jsonl", Asked(), overwrite=True)
    return "\n".join([*shown, (folder / "public.jsonl").read_text()])
