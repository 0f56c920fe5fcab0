"""A base that holds records of two types: practices, which link to others, and pledges, whose actions have keys."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from anyio.from_thread import start_blocking_portal

from services.api.app import create_app
from services.api.forms.types import Derived, PartyPart, RecordType, StepKind
from services.api.settings import Settings
from services.api.types import TYPES
from services.api.types.practice.workflow import WORKFLOW
from tests.harness.support import Api, Json, practice_body
from tests.harness.types.pledge.type import FORM

PLEDGE = RecordType(
    name="pledge",
    plural="pledges",
    form=FORM,
    title="promise.title",
    summary="promise.summary",
    workflow=WORKFLOW,
    rendering=2,
    parties=(PartyPart("partner", "promise.partner"),),
    steps=(
        StepKind("kept", frozenset(("office", "partner")), None, ("wholly", "partly")),
        StepKind("done", frozenset(("office", "secretariat")), "plan.actions"),
        StepKind("doubted", frozenset(("partner",)), "plan.actions", ("aloud", "quietly")),
        StepKind("rehearsed", frozenset(("office",)), "plan.steps"),
        StepKind("cited", frozenset(("office",)), "references"),
    ),
    derived=(Derived("action", "plan.actions"),),
)
ACTIONS = [{"key": "3.1", "text": "Build", "doubts": "never-to-be-seen"}, {"key": "b", "text": "Teach"}]


@contextmanager
def running_two(settings: Settings, *others: RecordType) -> Iterator[Api]:
    """Run the api on a migrated database, with pledges beside the practices, and further types."""
    with pytest.MonkeyPatch.context() as patch:
        for type in (PLEDGE, *others):
            patch.setitem(TYPES, type.name, type)
        app = create_app(settings)
        with (
            start_blocking_portal() as portal,
            portal.wrap_async_context_manager(app.router.lifespan_context(app)),
        ):
            api = Api(app, portal)
            yield api
            portal.call(api.client.aclose)


def pledge_body(title: str = "A pledge", **plan: Any) -> Json:
    """Return a valid body of a pledge of `alba`, promised to `boca`; further arguments go to its section `plan`."""
    promise = {"title": title, "summary": "What.", "authority": "alba", "partner": "boca"}
    return {"content": {"language": "en", "promise": promise, "plan": {"actions": ACTIONS, **plan}}}


def linking(title: str, *to: str, relation: str = "inspired-by") -> Json:
    """Return a valid body of a practice with links to other records."""
    body = practice_body(title)
    body["content"]["links"] = [{"relation": relation, "to": one, "asserted_by": "editor"} for one in to]
    return body


class Desk:
    """The secretariat at work on the records of one base."""

    def __init__(self, api: Api, key: str) -> None:
        self.api = api
        self.key = key
        self.versions: dict[str, int] = {}

    def make(self, body: Json, plural: str = "practices", *, publish: bool = True, owner: str | None = "alba") -> str:
        """Add a record, and publish it unless told otherwise; return its id."""
        made = self.api.post(f"/{plural}", self.key, json=body | {"owner": owner})
        assert made.status_code == 201, made.text
        id: str = made.json()["id"]
        self.versions[id] = 1
        if publish:
            self.act(id, "publish", plural)
        return id

    def act(self, id: str, action: str, plural: str = "practices") -> Json:
        """Publish, or take out of public view."""
        done = self.api.post(f"/{plural}/{id}/{action}", self.key, version=self.versions[id])
        assert done.status_code == 200, done.text
        self.versions[id] = done.json()["version"]
        shown: Json = done.json()
        return shown

    def update(self, id: str, body: Json, plural: str = "practices", *, publish: bool = True) -> None:
        """Add a revision, and publish it unless told otherwise."""
        done = self.api.put(f"/{plural}/{id}", self.key, version=self.versions[id], json=body)
        assert done.status_code == 200, done.text
        self.versions[id] = done.json()["version"]
        if publish:
            self.act(id, "publish", plural)

    def read(self, id: str, plural: str = "practices") -> Json:
        """Return a public record."""
        found = self.api.get(f"/{plural}/{id}")
        assert found.status_code == 200, found.text
        shown: Json = found.json()
        return shown

    def feed(self, after: int = 0) -> list[Json]:
        """Return what the feed tells after a number, in one page."""
        page: list[Json] = self.api.get(f"/changes?after={after}&limit=1000").json()["changes"]
        return page

    def head(self) -> int:
        """Return the feed's last number."""
        number: int = self.api.get("/changes/digest").json()["head"]
        return number
