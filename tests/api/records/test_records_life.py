"""The life of records of each type over HTTP, against a plain model of who sees and may do what."""

import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)

from services.api.access.service import OPERATOR
from services.api.forms.paths import value_at
from services.api.records import service
from services.api.types import TYPES
from tests.api.records.model import (
    MATCH,
    ORIGINALS,
    SLUGS,
    SUBJECTS,
    TRANSLATIONS,
    WHO,
    WRITERS,
    Known,
    Revision,
    carried,
)
from tests.api.records.reading import Reading
from tests.harness.depth import life
from tests.harness.support import Json, Template, check_problem, running

PARTNERS = st.sampled_from([None, "boca"])
MEANWHILE = {"title": "Meanwhile", "summary": "Now.", "items": []}


class RecordsLife(Reading):
    """Callers create, edit, publish, rename and read; the model knows what each must be answered."""

    records = Reading.records

    @initialize()
    def start(self) -> None:
        self.stack = ExitStack()
        folder = self.stack.enter_context(tempfile.TemporaryDirectory())
        self.api = self.stack.enter_context(running(self.template.copy(Path(folder))))
        self.keys = {"anybody": None, "alba": self.template.alba, "boca": self.template.boca}
        self.keys |= {"secretariat": self.template.secretariat, "colleague": self.template.colleague}
        self.path = f"/{self.subject.type.plural}"
        self.model: dict[str, Known] = {}
        self.slugs: dict[str, str] = {}
        self.seq = self.head()
        self.asked = 0

    def teardown(self) -> None:
        if hasattr(self, "stack"):
            self.stack.close()

    def refusal(self, who: str, match: str = "right") -> int | None:
        """Return the status that refuses a write before its own rules are looked at, none when it may go on."""
        if who not in WRITERS:
            return 401 if who == "anybody" else 403
        return {"missing": 428, "malformed": 422}.get(match)

    # Helpers

    def head(self) -> int:
        head: int = self.api.get("/changes?limit=1").json()["head"]
        return head

    def write(self, method: str, path: str, who: str, record: Known | None, match: str, **more: Any) -> Any:
        self.changed = True
        version = record.version if record else 1
        tag = {"right": f'"{version}"', "stale": f'"{version - 1}"', "malformed": f"W/{version}"}.get(match)
        headers = {"If-Match": tag} if tag else {}
        return self.api.request(method, path, self.keys[who], headers=headers, **more)

    def check_written(self, answer: httpx.Response, record: Known, *, public: bool) -> Json:
        assert answer.status_code in (200, 201), answer.text
        assert answer.headers["etag"] == f'"{record.version}"'
        assert answer.headers["cache-control"] == "no-store"
        body: Json = answer.json()
        assert body["version"] == record.version
        assert body["revision"] == len(record.revisions)
        assert body["published_revision"] == record.published
        assert body["slug"] == record.slug
        assert body["owner"] == record.owner
        assert (body["status"], body["tier"]) == (record.status, record.tier)
        assert (body["archived"] or {"reason": None})["reason"] == record.archived
        newest = record.revisions[-1]
        assert value_at(body["content"], self.subject.title) == newest.title
        assert body["translations"] == newest.translations
        if public:
            self.takes_numbers(record)
            epoch = self.api.get("/changes?limit=1").json()["epoch"]
            assert answer.headers["praxis-seq"] == f"{epoch}.{self.seq}"
        else:
            assert "praxis-seq" not in answer.headers
        return body

    def takes_numbers(self, record: Known) -> None:
        """Count what a public write tells the feed: the record, and each row of it that begins or ends to be found."""
        rows = self.subject.rows(record.revisions[record.published - 1]) if record.published else set()
        self.seq += 1 + len(rows ^ record.rows)
        record.rows = rows

    # Rules

    @precondition(lambda self: len(self.model) < 4)
    @rule(
        target=records,
        who=WHO,
        owner=st.sampled_from([None, "alba", "alba", "boca", "nobody"]),
        originals=ORIGINALS,
        translations=st.none() | TRANSLATIONS,
        partner=PARTNERS,
    )
    def create(
        self, who: str, owner: str | None, originals: Json, translations: Json | None, partner: str | None
    ) -> Any:
        revision, body = self.handed_in(None, originals, translations, partner)
        body |= {} if owner is None else {"owner": owner}
        answer = self.api.post(self.path, self.keys[who], json=body)
        if status := self.refusal(who):
            check_problem(answer, status)
            return multiple()
        if owner == "nobody":
            assert check_problem(answer, 422)["errors"][0]["field"] == "owner"
            return multiple()
        record = Known(answer.json()["id"], owner, [revision])
        revision.stored = self.check_written(answer, record, public=False)["content"]
        assert answer.headers["location"] == f"/api/v1{self.path}/{record.id}"
        self.model[record.id] = record
        return record.id

    def handed_in(
        self, before: Revision | None, originals: Json, translations: Json | None, partner: str | None
    ) -> tuple[Revision, Json]:
        """Return a new revision, and the body that makes it."""
        texts = self.subject.texts(originals)
        given = self.subject.placed(translations, texts)
        partner = partner if self.subject.has_partner else None
        revision = Revision(texts[self.subject.title], texts, carried(before, given, texts), partner)
        return revision, self.subject.body(originals, given, partner)

    @rule(
        who=WHO,
        id=records,
        match=MATCH,
        originals=ORIGINALS,
        translations=st.none() | TRANSLATIONS,
        partner=PARTNERS,
    )
    def edit(
        self, who: str, id: str, match: str, originals: Json, translations: Json | None, partner: str | None
    ) -> None:
        record = self.model[id]
        revision, body = self.handed_in(record.revisions[-1], originals, translations, partner)
        answer = self.write("PUT", f"{self.path}/{id}", who, record, match, json=body)
        status = self.refusal(who, match) or (412 if match == "stale" else None)
        if status:
            check_problem(answer, status)
            return
        record.revisions.append(revision)
        record.version += 1
        revision.stored = self.check_written(answer, record, public=False)["content"]

    @rule(who=st.sampled_from([*WRITERS, "alba", "anybody"]), id=records, match=MATCH)
    def publish(self, who: str, id: str, match: str) -> None:
        record = self.model[id]
        answer = self.write("POST", f"{self.path}/{id}/publish", who, record, match)
        status = self.refusal(who, match) or (412 if match == "stale" else None)
        if status:
            check_problem(answer, status)
            return
        self.published(record, answer.json()["slug"], "network")
        self.check_written(answer, record, public=True)

    @precondition(lambda self: "peer-reviewed" in self.subject.type.tiers)
    @rule(id=records)
    def publish_reviewed(self, id: str) -> None:
        """Publish as a room above does, for a case that peers have judged."""
        record, self.changed = self.model[id], True
        with self.api.database.transaction() as session:
            found = service.find(session, self.subject.type, id, OPERATOR)
            service.publish(session, OPERATOR, found, record.version, "peer-reviewed")
        self.published(record, str(found.slug), "peer-reviewed")
        self.takes_numbers(record)

    def published(self, record: Known, slug: str, tier: str) -> None:
        record.version += 1
        record.published, record.archived = len(record.revisions), None
        record.tiers[record.published] = max(tier, record.tiers.get(record.published, tier))
        if record.slug is None:
            record.slug = slug
            self.check_first_slug(record)
            self.slugs[slug] = record.id
            record.slugs.add(slug)

    def check_first_slug(self, record: Known) -> None:
        slug, plain = record.slug, SLUGS[self.title_of(record)]
        assert slug is not None
        assert slug not in self.slugs
        if plain is None:
            assert len(slug.replace("-", "")) != 32, "a slug that reads as an id leads nowhere"
            return
        number = 1
        while (plain if number == 1 else f"{plain}-{number}") in self.slugs:
            number += 1
        assert slug == (plain if number == 1 else f"{plain}-{number}")

    def title_of(self, record: Known) -> str:
        return next(title for title in SLUGS if title.strip() == record.revisions[-1].title)

    @rule(id=records, originals=ORIGINALS)
    def publish_and_edit(self, id: str, originals: Json) -> None:
        """Make sure of what takes several lucky steps: a public revision below a draft."""
        self.publish("secretariat", id, "right")
        self.edit("secretariat", id, "right", originals, None, self.model[id].revisions[-1].partner)

    @rule(who=st.sampled_from([*WRITERS, "boca"]), id=records, match=MATCH)
    def unpublish(self, who: str, id: str, match: str) -> None:
        record = self.model[id]
        answer = self.write("POST", f"{self.path}/{id}/unpublish", who, record, match)
        status = self.refusal(who, match)
        status = status or (409 if record.published is None else 412 if match == "stale" else None)
        if status:
            check_problem(answer, status)
            return
        record.version += 1
        record.published = record.archived = None
        self.check_written(answer, record, public=True)

    @rule(who=st.sampled_from([*WRITERS, "alba"]), id=records, match=MATCH, act=st.sampled_from(["archive", "reopen"]))
    def archive_or_reopen(self, who: str, id: str, match: str, act: str) -> None:
        record = self.model[id]
        reason = f"Because of {record.version}"
        answer = self.write("POST", f"{self.path}/{id}/{act}", who, record, match, json={"reason": reason})
        possible = record.status == ("published" if act == "archive" else "archived")
        status = self.refusal(who, match) or (412 if possible and match == "stale" else None if possible else 409)
        if status:
            check_problem(answer, status)
            return
        record.version += 1
        record.archived = reason if act == "archive" else None
        self.check_written(answer, record, public=True)

    @rule(
        who=st.sampled_from([*WRITERS, "alba"]),
        id=records,
        match=MATCH,
        slug=st.sampled_from([None, "olives", "olives-2", "record", "another-name", "third"]),
    )
    def rename(self, who: str, id: str, match: str, slug: str | None) -> None:
        record = self.model[id]
        slug = slug or min(record.slugs, default="first")  # one that it has or had
        answer = self.write("POST", f"{self.path}/{id}/rename", who, record, match, json={"slug": slug})
        status = self.refusal(who, match)
        taken = self.slugs.get(slug, id) != id
        status = status or (409 if record.slug is None or taken else 412 if match == "stale" else None)
        if status:
            check_problem(answer, status)
            return
        record.version += 1
        record.slug = slug
        record.slugs.add(slug)
        self.slugs[slug] = id
        self.check_written(answer, record, public=record.published is not None)

    @rule(
        who=WHO,
        limit=st.integers(1, 3),
        status=st.sampled_from([None, "published", "archived", "unpublished"]),
        owner=st.sampled_from([None, None, "alba", "boca", "nobody"]),
    )
    def read_list(self, who: str, limit: int, status: str | None, owner: str | None) -> None:
        narrowed = {"status": status, "owner": owner}
        asked = urlencode({"limit": limit, **{name: value for name, value in narrowed.items() if value}})
        if owner == "nobody":
            check_problem(self.api.get(f"{self.path}?{asked}", self.keys[who]), 404)
            return
        expected = [
            (record.id, record.revisions[self.shown(who, record) - 1].title, record.status, record.tier)
            for record in reversed(self.model.values())
            if self.sees(who, record)
            and status in (None, record.status.replace("draft", "unpublished"))
            and owner in (None, record.owner)
        ]
        address: str | None = f"{self.path}?{asked}"
        found: list[tuple[str, ...]] = []
        while address:
            answer = self.api.get(address, self.keys[who])
            page = answer.json()
            assert len(page["items"]) <= limit
            found += [(item["id"], item["title"], item["status"], item["tier"]) for item in page["items"]]
            link = answer.links.get("next", {}).get("url")
            assert (link is None) == (page["next"] is None)
            address = link
            if link and len(found) == limit:  # what is added meanwhile comes before the first page
                note("one more while reading")
                revision, body = self.handed_in(None, MEANWHILE, None, None)
                made = self.api.post(self.path, self.template.secretariat, json=body | {"owner": "alba"}).json()
                revision.stored = made["content"]
                self.model[made["id"]] = Known(made["id"], "alba", [revision])
        assert found == expected

    @invariant()
    def feed_shows_what_is_public(self) -> None:
        if not getattr(self, "changed", False):
            return
        self.changed = False
        feed = self.api.get("/changes?limit=1000").json()
        assert feed["head"] == self.seq, "only public writes take numbers"
        name, derived = self.subject.type.name, [one.type for one in self.subject.type.derived]
        public = [one["record"] for one in feed["changes"] if one["type"] == name and one["record"]]
        shown = {one["id"]: (one["revision"], one["slug"], one["state"], one["tier"]) for one in public}
        rows = {one["id"] for one in feed["changes"] if one["type"] in derived and one["record"]}
        assert rows == {f"{one.id}#{key}" for one in self.model.values() for key in one.rows}
        assert shown == {one.id: one.public for one in self.model.values() if one.published is not None}
        # A list that was asked for before is never older than one that nobody asked for yet.
        self.asked += 1
        fresh = self.api.get(f"{self.path}?limit={'0' * self.asked}100").json()
        assert self.api.get(f"{self.path}?limit=100").json() == fresh


@pytest.mark.each_database
@pytest.mark.parametrize("type_name", SUBJECTS)
def test_life_of_records(template: Template, type_name: str) -> None:
    proof = (25, 40) if template.url.startswith("sqlite") else (8, 40)  # they do the same, and SQLite does it faster
    life_of = type("Life", (RecordsLife,), {"template": template, "subject": SUBJECTS[type_name]})
    run_state_machine_as_test(life_of, settings=life((4, 20), proof))


def test_every_type_has_a_life() -> None:
    assert {*SUBJECTS} == {name for name, type in TYPES.items() if not type.own_words}
