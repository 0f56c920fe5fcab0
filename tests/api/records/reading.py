"""What the model of records says of reading one: by whom, as what is public or as what is being written."""

from itertools import product

import httpx
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, rule

from services.api.forms.paths import value_at
from tests.api.records.model import CALLERS, LANGUAGES, WRITERS, Known, Revision, Subject
from tests.harness.support import Api, Json, Template, check_problem


class Reading(RuleBasedStateMachine):
    """Callers read a record, its revisions and what differs between them."""

    template: Template
    subject: Subject
    api: Api
    path: str
    keys: dict[str, str | None]
    model: dict[str, Known]
    records = Bundle("records")

    def sees_drafts(self, who: str, record: Known) -> bool:
        return who in WRITERS or who in (record.owner, record.revisions[-1].partner)

    def sees(self, who: str, record: Known) -> bool:
        return record.published is not None or self.sees_drafts(who, record)

    def shown(self, who: str, record: Known) -> int:
        if self.sees_drafts(who, record):
            return len(record.revisions)
        assert record.published is not None
        return record.published

    @rule(id=records, language=LANGUAGES, before=st.integers(1, 3), after=st.integers(1, 3))
    def read(self, id: str, language: str | None, before: int, after: int) -> None:
        record = self.model[id]
        for who in CALLERS:
            self.check_revisions(who, record)
            self.check_difference(who, record, before, after)
        query = f"?lang={language}" if language else ""
        for who, name in product(CALLERS, [id, *record.slugs]):
            answer = self.api.get(f"{self.path}/{name}{query}", self.keys[who])
            if record.published is None:
                check_problem(answer, 404)
            elif name in (id, record.slug):
                self.check_read(answer, who, record, language)
            else:
                assert answer.status_code == 308
                assert answer.headers["location"] == f"/api/v1{self.path}/{record.slug}{query}"
            latest = self.api.get(f"{self.path}/{name}/latest{query}", self.keys[who])
            if self.sees_drafts(who, record):
                assert latest.headers["etag"] == f'"{record.version}"'
                self.check_shown(latest, record, record.revisions[-1], language)
            else:
                check_problem(latest, 401 if who == "anybody" else 404 if record.published is None else 403)

    def check_read(self, answer: httpx.Response, who: str, record: Known, language: str | None) -> None:
        """Check what everybody reads, whoever asks."""
        assert record.published is not None
        revision = record.revisions[record.published - 1]
        public = Revision(revision.title, revision.texts, self.subject.public_translations(revision.translations))
        public.stored = self.subject.public(revision.stored)
        self.check_shown(answer, record, public, language)
        assert "version" not in answer.json()
        if who == "anybody":
            assert answer.headers["etag"].startswith('W/"')

    def check_shown(self, answer: httpx.Response, record: Known, revision: Revision, language: str | None) -> None:
        assert answer.status_code == 200, answer.text
        body = answer.json()
        assert record.revisions[body["revision"] - 1].title == revision.title
        assert body["slug"] == record.slug
        assert body["translations"] == revision.translations
        base = (language or "en").split("-")[0]
        translated = revision.translations.get(base, {})
        title = translated.get(self.subject.title, {"text": revision.title})["text"]
        assert value_at(body["content"], self.subject.title) == title
        assert body["content"]["language"] == "en"
        localized = {"language": base, "fields": sorted(translated)} if translated else None
        assert body.get("localized") == localized
        if not translated:
            assert body["content"] == revision.stored

    def check_revisions(self, who: str, record: Known) -> None:
        id = record.id
        answer = self.api.get(f"{self.path}/{id}/revisions", self.keys[who])
        if not self.sees(who, record):
            check_problem(answer, 404)
            return
        every = range(1, len(record.revisions) + 1)
        readable = set(every) if self.sees_drafts(who, record) else record.was_public
        assert [one["number"] for one in answer.json()] == sorted(readable, reverse=True)
        assert {one["number"] for one in answer.json() if one["published_at"]} == record.was_public & readable
        assert {one["number"]: one["tier"] for one in answer.json() if one["tier"]} == record.tiers
        for number in [*every, len(every) + 1]:
            one = self.api.get(f"{self.path}/{id}/revisions/{number}", self.keys[who])
            if number not in readable:
                check_problem(one, 404)
                continue
            content, translations = self.answers(who, record, number)
            assert one.json()["content"] == content, "a revision never changes"
            assert one.json()["translations"] == translations

    def answers(self, who: str, record: Known, number: int) -> tuple[Json, Json]:
        """Return content and translations of a revision as a caller sees them."""
        revision = record.revisions[number - 1]
        if self.sees_drafts(who, record):
            return revision.stored, revision.translations
        return self.subject.public(revision.stored), self.subject.public_translations(revision.translations)

    def check_difference(self, who: str, record: Known, before: int, after: int) -> None:
        answer = self.api.get(f"{self.path}/{record.id}/diff?before={before}&after={after}", self.keys[who])
        every = set(range(1, len(record.revisions) + 1))
        readable = every if self.sees_drafts(who, record) else record.was_public
        if not self.sees(who, record) or not {before, after} <= readable:
            check_problem(answer, 404)
            return
        old, new = record.revisions[before - 1], record.revisions[after - 1]
        differences = {one["path"]: one for one in answer.json()["differences"]}
        for path in (self.subject.title, self.subject.summary):
            one = differences.get(f"content.{path}")
            assert (one is None) == (old.texts[path] == new.texts[path])
            assert one is None or (one["before"], one["after"]) == (old.texts[path], new.texts[path])
        assert bool(differences) == (self.answers(who, record, before) != self.answers(who, record, after))
