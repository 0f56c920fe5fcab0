"""The life of practices over HTTP, against a plain model of who sees and may do what."""

import tempfile
from contextlib import ExitStack
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)
from tests.api.practices.model import (
    CALLERS,
    LANGUAGES,
    MATCH,
    ORIGINALS,
    SLUGS,
    TRANSLATIONS,
    WHO,
    WRITERS,
    Practice,
    Revision,
    body_of,
    carried,
    fitting,
    texts_of,
)

from services.api.access.service import OPERATOR
from services.api.records import service
from tests.harness.depth import life
from tests.harness.support import Json, Template, check_problem, practice_body, running


class PracticesLife(RuleBasedStateMachine):
    """Callers create, edit, publish, rename and read; the model knows what each must be answered."""

    template: Template
    practices = Bundle("practices")

    @initialize()
    def start(self) -> None:
        self.stack = ExitStack()
        folder = self.stack.enter_context(tempfile.TemporaryDirectory())
        self.api = self.stack.enter_context(running(self.template.copy(Path(folder))))
        self.keys = {"anybody": None, "alba": self.template.alba, "boca": self.template.boca}
        self.keys |= {"secretariat": self.template.secretariat, "colleague": self.template.colleague}
        self.model: dict[str, Practice] = {}
        self.slugs: dict[str, str] = {}
        self.seq = self.head()
        self.asked = 0

    def teardown(self) -> None:
        if hasattr(self, "stack"):
            self.stack.close()

    def sees_drafts(self, who: str, practice: Practice) -> bool:
        return who in WRITERS or who == practice.owner

    def sees(self, who: str, practice: Practice) -> bool:
        return practice.published is not None or self.sees_drafts(who, practice)

    def shown(self, who: str, practice: Practice) -> int:
        if self.sees_drafts(who, practice):
            return len(practice.revisions)
        assert practice.published is not None
        return practice.published

    def refusal(self, who: str, match: str = "right") -> int | None:
        """Return the status that refuses a write before its own rules are looked at, none when it may go on."""
        if who not in WRITERS:
            return 401 if who == "anybody" else 403
        return {"missing": 428, "malformed": 422}.get(match)

    # Helpers

    def head(self) -> int:
        head: int = self.api.get("/changes?limit=1").json()["head"]
        return head

    def write(self, method: str, path: str, who: str, practice: Practice | None, match: str, **more: Any) -> Any:
        self.changed = True
        version = practice.version if practice else 1
        tag = {"right": f'"{version}"', "stale": f'"{version - 1}"', "malformed": f"W/{version}"}.get(match)
        headers = {"If-Match": tag} if tag else {}
        return self.api.request(method, path, self.keys[who], headers=headers, **more)

    def check_written(self, answer: httpx.Response, practice: Practice, *, public: bool) -> Json:
        assert answer.status_code in (200, 201), answer.text
        assert answer.headers["etag"] == f'"{practice.version}"'
        assert answer.headers["cache-control"] == "no-store"
        body: Json = answer.json()
        assert body["version"] == practice.version
        assert body["revision"] == len(practice.revisions)
        assert body["published_revision"] == practice.published
        assert body["slug"] == practice.slug
        assert body["owner"] == practice.owner
        assert (body["status"], body["tier"]) == (practice.status, practice.tier)
        assert (body["archived"] or {"reason": None})["reason"] == practice.archived
        newest = practice.revisions[-1]
        assert body["content"]["initiative"]["title"] == newest.title
        assert body["translations"] == newest.translations
        if public:
            self.seq += 1
            epoch = self.api.get("/changes?limit=1").json()["epoch"]
            assert answer.headers["praxis-seq"] == f"{epoch}.{self.seq}"
        else:
            assert "praxis-seq" not in answer.headers
        return body

    # Rules

    @precondition(lambda self: len(self.model) < 4)
    @rule(
        target=practices,
        who=WHO,
        owner=st.sampled_from([None, "alba", "alba", "boca", "nobody"]),
        originals=ORIGINALS,
        translations=st.none() | TRANSLATIONS,
    )
    def create(self, who: str, owner: str | None, originals: Json, translations: Json | None) -> Any:
        texts = texts_of(originals)
        given = None if translations is None else fitting(translations, texts)
        body = body_of(originals, given) | ({} if owner is None else {"owner": owner})
        answer = self.api.post("/practices", self.keys[who], json=body)
        if status := self.refusal(who):
            check_problem(answer, status)
            return multiple()
        if owner == "nobody":
            assert check_problem(answer, 422)["errors"][0]["field"] == "owner"
            return multiple()
        revision = Revision(texts, carried(None, given, texts))
        practice = Practice(answer.json()["id"], owner, [revision])
        revision.stored = self.check_written(answer, practice, public=False)["content"]
        assert answer.headers["location"] == f"/api/v1/practices/{practice.id}"
        self.model[practice.id] = practice
        return practice.id

    @rule(who=WHO, id=practices, match=MATCH, originals=ORIGINALS, translations=st.none() | TRANSLATIONS)
    def edit(self, who: str, id: str, match: str, originals: Json, translations: Json | None) -> None:
        practice = self.model[id]
        texts = texts_of(originals)
        given = None if translations is None else fitting(translations, texts)
        answer = self.write("PUT", f"/practices/{id}", who, practice, match, json=body_of(originals, given))
        status = self.refusal(who, match) or (412 if match == "stale" else None)
        if status:
            check_problem(answer, status)
            return
        revision = Revision(texts, carried(practice.revisions[-1], given, texts))
        practice.revisions.append(revision)
        practice.version += 1
        revision.stored = self.check_written(answer, practice, public=False)["content"]

    @rule(who=st.sampled_from([*WRITERS, "alba", "anybody"]), id=practices, match=MATCH)
    def publish(self, who: str, id: str, match: str) -> None:
        practice = self.model[id]
        answer = self.write("POST", f"/practices/{id}/publish", who, practice, match)
        status = self.refusal(who, match) or (412 if match == "stale" else None)
        if status:
            check_problem(answer, status)
            return
        self.published(practice, answer.json()["slug"], "network")
        self.check_written(answer, practice, public=True)

    @rule(id=practices)
    def publish_reviewed(self, id: str) -> None:
        """Publish as a room above does, for a case that peers have judged."""
        practice, self.changed = self.model[id], True
        with self.api.database.transaction() as session:
            found = service.find(session, id, OPERATOR)
            service.publish(session, OPERATOR, found, practice.version, "peer-reviewed")
        self.seq += 1
        self.published(practice, str(found.slug), "peer-reviewed")

    def published(self, practice: Practice, slug: str, tier: str) -> None:
        practice.version += 1
        practice.published, practice.archived = len(practice.revisions), None
        practice.tiers[practice.published] = max(tier, practice.tiers.get(practice.published, tier))
        if practice.slug is None:
            practice.slug = slug
            self.check_first_slug(practice)
            self.slugs[slug] = practice.id
            practice.slugs.add(slug)

    def check_first_slug(self, practice: Practice) -> None:
        slug, plain = practice.slug, SLUGS[self.title_of(practice)]
        assert slug is not None
        assert slug not in self.slugs
        if plain is None:
            assert len(slug.replace("-", "")) != 32, "a slug that reads as an id leads nowhere"
            return
        number = 1
        while (plain if number == 1 else f"{plain}-{number}") in self.slugs:
            number += 1
        assert slug == (plain if number == 1 else f"{plain}-{number}")

    def title_of(self, practice: Practice) -> str:
        return next(title for title in SLUGS if title.strip() == practice.revisions[-1].title)

    @rule(id=practices, originals=ORIGINALS)
    def publish_and_edit(self, id: str, originals: Json) -> None:
        """Make sure of what takes several lucky steps: a public revision below a draft."""
        self.publish("secretariat", id, "right")
        self.edit("secretariat", id, "right", originals, None)

    @rule(who=st.sampled_from([*WRITERS, "boca"]), id=practices, match=MATCH)
    def unpublish(self, who: str, id: str, match: str) -> None:
        practice = self.model[id]
        answer = self.write("POST", f"/practices/{id}/unpublish", who, practice, match)
        status = self.refusal(who, match)
        status = status or (409 if practice.published is None else 412 if match == "stale" else None)
        if status:
            check_problem(answer, status)
            return
        practice.version += 1
        practice.published = practice.archived = None
        self.check_written(answer, practice, public=True)

    @rule(
        who=st.sampled_from([*WRITERS, "alba"]), id=practices, match=MATCH, act=st.sampled_from(["archive", "reopen"])
    )
    def archive_or_reopen(self, who: str, id: str, match: str, act: str) -> None:
        practice = self.model[id]
        reason = f"Because of {practice.version}"
        answer = self.write("POST", f"/practices/{id}/{act}", who, practice, match, json={"reason": reason})
        possible = practice.status == ("published" if act == "archive" else "archived")
        status = self.refusal(who, match) or (412 if possible and match == "stale" else None if possible else 409)
        if status:
            check_problem(answer, status)
            return
        practice.version += 1
        practice.archived = reason if act == "archive" else None
        self.check_written(answer, practice, public=True)

    @rule(
        who=st.sampled_from([*WRITERS, "alba"]),
        id=practices,
        match=MATCH,
        slug=st.sampled_from([None, "olives", "olives-2", "record", "another-name", "third"]),
    )
    def rename(self, who: str, id: str, match: str, slug: str | None) -> None:
        practice = self.model[id]
        slug = slug or min(practice.slugs, default="first")  # one that it has or had
        answer = self.write("POST", f"/practices/{id}/rename", who, practice, match, json={"slug": slug})
        status = self.refusal(who, match)
        taken = self.slugs.get(slug, id) != id
        status = status or (409 if practice.slug is None or taken else 412 if match == "stale" else None)
        if status:
            check_problem(answer, status)
            return
        practice.version += 1
        practice.slug = slug
        practice.slugs.add(slug)
        self.slugs[slug] = id
        self.check_written(answer, practice, public=practice.published is not None)

    @rule(id=practices, language=LANGUAGES, before=st.integers(1, 3), after=st.integers(1, 3))
    def read(self, id: str, language: str | None, before: int, after: int) -> None:
        practice = self.model[id]
        for who in CALLERS:
            self.check_revisions(who, practice)
            self.check_difference(who, practice, before, after)
        query = f"?lang={language}" if language else ""
        for who, name in product(CALLERS, [id, *practice.slugs]):
            answer = self.api.get(f"/practices/{name}{query}", self.keys[who])
            if not self.sees(who, practice):
                check_problem(answer, 404)
            elif name in (id, practice.slug):
                self.check_read(answer, who, practice, language)
            else:
                assert answer.status_code == 308
                assert answer.headers["location"] == f"/api/v1/practices/{practice.slug}{query}"

    def check_read(self, answer: httpx.Response, who: str, practice: Practice, language: str | None) -> None:
        assert answer.status_code == 200, answer.text
        body = answer.json()
        number = self.shown(who, practice)
        revision = practice.revisions[number - 1]
        assert body["revision"] == number
        assert body["slug"] == practice.slug
        assert body["translations"] == revision.translations
        assert ("version" in body) == self.sees_drafts(who, practice)
        if self.sees_drafts(who, practice):
            assert answer.headers["etag"] == f'"{practice.version}"'
        elif who == "anybody":
            assert answer.headers["etag"].startswith('W/"')
        base = (language or "en").split("-")[0]
        translated = revision.translations.get(base, {})
        title = translated.get("initiative.title", {"text": revision.title})["text"]
        assert body["content"]["initiative"]["title"] == title
        assert body["content"]["language"] == "en"
        localized = {"language": base, "fields": sorted(translated)} if translated else None
        assert body.get("localized") == localized
        if not translated:
            assert body["content"] == revision.stored

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
            check_problem(self.api.get(f"/practices?{asked}", self.keys[who]), 404)
            return
        expected = [
            (practice.id, practice.revisions[self.shown(who, practice) - 1].title, practice.status, practice.tier)
            for practice in reversed(self.model.values())
            if self.sees(who, practice)
            and status in (None, practice.status.replace("draft", "unpublished"))
            and owner in (None, practice.owner)
        ]
        address: str | None = f"/practices?{asked}"
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
                body = practice_body("Meanwhile")
                made = self.api.post("/practices", self.template.secretariat, json=body | {"owner": "alba"})
                texts = {"initiative.title": "Meanwhile", "how.summary": body["content"]["how"]["summary"]}
                revision = Revision(texts, {}, made.json()["content"])
                self.model[made.json()["id"]] = Practice(made.json()["id"], "alba", [revision])
        assert found == expected

    def check_revisions(self, who: str, practice: Practice) -> None:
        id = practice.id
        answer = self.api.get(f"/practices/{id}/revisions", self.keys[who])
        if not self.sees(who, practice):
            check_problem(answer, 404)
            return
        every = range(1, len(practice.revisions) + 1)
        readable = set(every) if self.sees_drafts(who, practice) else practice.was_public
        assert [one["number"] for one in answer.json()] == sorted(readable, reverse=True)
        assert {one["number"] for one in answer.json() if one["published_at"]} == practice.was_public & readable
        assert {one["number"]: one["tier"] for one in answer.json() if one["tier"]} == practice.tiers
        for number in [*every, len(every) + 1]:
            one = self.api.get(f"/practices/{id}/revisions/{number}", self.keys[who])
            if number not in readable:
                check_problem(one, 404)
                continue
            assert one.json()["content"] == practice.revisions[number - 1].stored, "a revision never changes"
            assert one.json()["translations"] == practice.revisions[number - 1].translations

    def check_difference(self, who: str, practice: Practice, before: int, after: int) -> None:
        answer = self.api.get(f"/practices/{practice.id}/diff?before={before}&after={after}", self.keys[who])
        every = set(range(1, len(practice.revisions) + 1))
        readable = every if self.sees_drafts(who, practice) else practice.was_public
        if not self.sees(who, practice) or not {before, after} <= readable:
            check_problem(answer, 404)
            return
        old, new = practice.revisions[before - 1], practice.revisions[after - 1]
        differences = {one["path"]: one for one in answer.json()["differences"]}
        for path in ("initiative.title", "how.summary"):
            one = differences.get(f"content.{path}")
            assert (one is None) == (old.texts[path] == new.texts[path])
            assert one is None or (one["before"], one["after"]) == (old.texts[path], new.texts[path])
        assert bool(differences) == (old.stored != new.stored or old.translations != new.translations)

    @invariant()
    def feed_shows_what_is_public(self) -> None:
        if not getattr(self, "changed", False):
            return
        self.changed = False
        feed = self.api.get("/changes?limit=1000").json()
        assert feed["head"] == self.seq, "only public writes take numbers"
        public = [one["record"] for one in feed["changes"] if one["type"] == "practice" and one["record"]]
        shown = {one["id"]: (one["revision"], one["slug"], one["state"], one["tier"]) for one in public}
        assert shown == {one.id: one.public for one in self.model.values() if one.published is not None}
        # A list that was asked for before is never older than one that nobody asked for yet.
        self.asked += 1
        fresh = self.api.get(f"/practices?limit={'0' * self.asked}100").json()
        assert self.api.get("/practices?limit=100").json() == fresh


@pytest.mark.each_database
def test_life_of_practices(template: Template) -> None:
    proof = (25, 40) if template.url.startswith("sqlite") else (8, 40)  # they do the same, and SQLite does it faster
    run_state_machine_as_test(type("Life", (PracticesLife,), {"template": template}), settings=life((4, 20), proof))
