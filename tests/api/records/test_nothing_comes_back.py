"""Whatever was done before: nothing that was taken out is in any public byte, and all else that was public is."""

import copy
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.api import backup
from services.api.cli import MIGRATIONS
from tests.api.records.taking_out import Case, draft, everything_public
from tests.harness.depth import examples
from tests.harness.support import Json, Template, check_problem, practice_body, running

RESULTS = [f"how.results[{number}]" for number in range(3)]
ACTIONS = ("publish", "update", "unpublish", "withdraw", "redact", "bring back", "back up", "restore", "read")


@dataclass
class Revision:
    """The words of a revision by the lasting path of where they stand, and what became of it."""

    words: dict[str, set[str]]
    public: bool = False
    withdrawn: bool = False
    redacted: set[str] = field(default_factory=set)

    @property
    def left(self) -> dict[str, set[str]]:
        return {
            path: words
            for path, words in self.words.items()
            if not any(f"{path}.".startswith((f"{gone}.", f"{gone}[")) for gone in self.redacted)
        }

    def redactable(self) -> Iterator[tuple[str, str]]:
        """Yield what can be redacted: its lasting path, and that where it stands now."""
        results = [path for path in self.words if path in RESULTS and path in self.left]
        yield from ((path, RESULTS[number]) for number, path in enumerate(results))
        for path in self.left.keys() - set(RESULTS) - {"who.target_groups[0].who"}:
            yield path, path
        if results:
            yield "how.results", "how.results"
        if "who.target_groups[0].who" in self.left:
            yield "who.target_groups[0]", "who.target_groups[0]"

    def copied(self) -> "Revision":
        """Return what a revision is that is brought back from this one."""
        left = self.left
        results = [words for path, words in left.items() if path in RESULTS]
        others = {path: words for path, words in left.items() if path not in RESULTS}
        return Revision(dict(zip(RESULTS, results, strict=False)) | others, public=True)


@dataclass
class Model:
    """What should be there."""

    revisions: dict[int, Revision] = field(default_factory=dict)
    published: int | None = None

    def add(self, revision: Revision) -> int:
        number = len(self.revisions) + 1
        self.revisions[number] = revision
        return number

    def may_be_public(self) -> list[int]:
        return [number for number, one in self.revisions.items() if one.public and not one.withdrawn]

    def settle(self) -> None:
        """Let another revision be public where the one that was is withdrawn."""
        if self.published is not None and self.published not in self.may_be_public():
            self.published = max(self.may_be_public(), default=None)

    def withdrawn(self) -> list[int]:
        return [number for number, one in self.revisions.items() if one.withdrawn]

    def readable(self) -> set[str]:
        shown = self.may_be_public() if self.published is not None else []
        return {word for number in shown for words in self.revisions[number].left.values() for word in words}

    def after(self, known: "Model") -> "Model":
        """Return what this becomes when it is restored over a base that knows what was taken out."""
        for number, one in self.revisions.items():
            one.withdrawn |= known.revisions[number].withdrawn
            one.redacted |= known.revisions[number].redacted
        self.settle()
        return self


def written(number: int) -> tuple[Json, Revision]:
    """Return a body in which no word is that of another, and where its words stand."""
    alpha, beta, gamma, delta, epsilon, zeta, eta, theta = (f"{word}{number}x" for word in "abcdefgh")
    body = practice_body("A desk", results=[alpha, beta, gamma], description=delta)
    content = body["content"]
    content["who"]["target_groups"] = [{"who": epsilon, "note": zeta}]
    content["sources"] = [{"key": "report", "kind": "report", "title": "A report"}]
    content["references"] = [{"field": "how.results[1]", "source": "report", "place": "p. 1", "note": eta}]
    body["translations"] = {"es": {"how.results[1]": {"text": theta, "status": "human"}}}
    words = {RESULTS[0]: {alpha}, RESULTS[1]: {beta, eta, theta}, RESULTS[2]: {gamma}, "how.description": {delta}}
    words |= {"who.target_groups[0].who": {epsilon}, "who.target_groups[0].note": {zeta}}
    return body, Revision(words)


class Run:
    """A case beside its model."""

    def __init__(self, template: Template, folder: Path, opened: ExitStack) -> None:
        self.folder, self.opened = folder, opened
        self.settings = template.copy(folder)
        self.api = opened.enter_context(running(self.settings))
        self.model = Model()
        self.told = 0
        self.kept: list[Model] = []
        self.case: Case = draft(self.api, template.secretariat, self.next()[0])
        self.publish()

    def next(self) -> tuple[Json, Revision]:
        self.told += 1
        body, revision = written(self.told)
        self.model.add(revision)
        return body, revision

    def take(self, action: str, pick: int) -> None:
        getattr(self, action.replace(" ", "_"))(pick)

    def publish(self, _: int = 0) -> None:
        number = len(self.model.revisions)
        latest = self.model.revisions[number]
        if latest.withdrawn:
            check_problem(self.case.post("publish"), 409)
            return
        self.case.do("publish")
        latest.public, self.model.published = True, number

    def update(self, pick: int) -> None:
        self.case.update(self.next()[0])
        if pick % 3:
            self.publish()

    def unpublish(self, _: int) -> None:
        self.case.post("unpublish").raise_for_status() if self.model.published else None
        self.model.published = None

    def withdraw(self, pick: int) -> None:
        if choices := self.model.may_be_public():
            number = choices[pick % len(choices)]
            self.case.withdraw(number)
            self.model.revisions[number].withdrawn = True
            self.model.settle()

    def redact(self, pick: int) -> None:
        choices = [
            (number, lasting, path)
            for number, one in self.model.revisions.items()
            if one.public
            for lasting, path in sorted(one.redactable())
        ]
        if choices:
            number, lasting, path = choices[pick % len(choices)]
            self.case.redact(number, path)
            self.model.revisions[number].redacted.add(lasting)

    def bring_back(self, pick: int) -> None:
        choices = [number for number in self.model.may_be_public() if number != self.model.published]
        if self.model.published and choices:
            number = choices[pick % len(choices)]
            self.case.do(f"revisions/{number}/bring-back")
            self.model.published = self.model.add(self.model.revisions[number].copied())

    def back_up(self, _: int) -> None:
        self.kept.append(copy.deepcopy(self.model))
        backup.back_up(self.settings, MIGRATIONS, self.folder / f"{len(self.kept)}.backup", overwrite=True)

    def restore(self, pick: int) -> None:
        """Restore one of the backups; those made after it are of a base that is no more."""
        if self.kept:
            del self.kept[1 + pick % len(self.kept) :]
            file = self.folder / f"{len(self.kept)}.backup"
            self.opened.close()
            backup.restore(self.settings, MIGRATIONS, file, replace=True)
            self.case.api = self.api = self.opened.enter_context(running(self.settings))
            self.model = copy.deepcopy(self.kept[-1]).after(self.model)
            self.case.reload()

    def read(self, _: int) -> None:
        """Read as everybody does: answers are kept ready."""
        for address in ("", "/revisions", *(f"/revisions/{number}" for number in self.model.revisions)):
            self.api.get(f"{self.case.path}{address}")

    def check(self) -> None:
        model, shown = self.model, self.case.public()
        everybody = everything_public(self.case, self.folder)
        words = {word for number in range(self.told + 1) for one in written(number)[1].words.values() for word in one}
        assert {word for word in words if word in everybody} == model.readable()
        assert (shown and shown["revision"]) == model.published
        assert shown is None or shown["withdrawn"] == model.withdrawn()
        marked = self.case.revisions(self.case.key)
        assert [number for number in sorted(marked) if marked[number]["withdrawn"]] == model.withdrawn()
        redacted = {number: {entry["path"] for entry in one["redacted"]} for number, one in marked.items()}
        assert redacted == {number: one.redacted for number, one in model.revisions.items()}


@pytest.mark.each_database
@settings(max_examples=examples(12), deadline=None)
@given(steps=st.lists(st.tuples(st.sampled_from(ACTIONS), st.integers(0, 50)), min_size=4, max_size=14))
def test_nothing_that_was_taken_out_is_public(template: Template, steps: list[tuple[str, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder, ExitStack() as opened:
        run = Run(template, Path(folder), opened)
        for action, pick in steps:
            run.take(action, pick)
        run.check()
