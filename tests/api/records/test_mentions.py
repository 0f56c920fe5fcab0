"""Links between public records: both ends show them, in one transaction, whatever happens to either."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.api.records import publishing, repository
from tests.api.records.support import Desk, linking, pledge_body, running_two
from tests.harness.depth import examples
from tests.harness.support import Json, Template, authority_body, check_problem, practice_body, running


def incoming(*sources: str, path: str = "links[0].to", relation: str = "inspired-by") -> list[Json]:
    rows = [{"from": f"practice/{id}", "path": path, "relation": relation, "to_path": None} for id in sources]
    return sorted(rows, key=lambda row: str(row["from"]))


def to(*ids: str) -> list[str]:
    return [f"practice/{id}" for id in ids]


def told(desk: Desk, after: int) -> dict[str, Json | None]:
    return {change["id"]: change["record"] for change in desk.feed(after)}


def computed(records: dict[str, Json]) -> dict[str, list[Json]]:
    """Return what each public record must show as naming it, from what all of them say."""
    found: dict[str, list[Json]] = {f"{one['type']}/{id}": [] for id, one in records.items()}
    for id, one in records.items():
        for link in one["links"]:
            if link["to"] in found:
                row = {"from": f"{one['type']}/{id}", "path": link["path"], "relation": link["relation"]}
                found[link["to"]].append(row | {"to_path": link["to_path"]})
    return {name: sorted(rows, key=lambda row: (row["from"], row["path"])) for name, rows in found.items()}


def check_all(desk: Desk) -> dict[str, Json]:
    """Check every public record against all of them, and that to render all anew changes nothing; return them."""
    records = {
        change["id"]: change["record"]
        for change in desk.feed()
        if change["type"] in ("practice", "pledge") and change["record"]
    }
    shown = {f"{one['type']}/{id}": one["incoming"] for id, one in records.items()}
    assert shown == computed(records)
    for one in records.values():
        for link in one["links"]:
            assert link["withdrawn"] == (link["to"] is not None and link["to"] not in shown)
            assert link["revision"] == (
                records[link["to"].partition("/")[2]]["revision"] if link["to"] in shown else None
            )
    head = desk.head()
    with desk.api.database.transaction() as session:
        publishing.changes.hold(session)
        publishing.show(session, repository.published(session, [UUID(id) for id in records]), unless_same=True)
    assert desk.head() == head, "every record reads as it would if it were rendered now"
    return records


@pytest.mark.each_database
def test_both_ends_show_a_link_and_one_page_tells_both(desk: Desk) -> None:
    target = desk.make(practice_body("Target"))
    head = desk.head()
    source = desk.make(linking("Source", f"practice/{target}#how.summary"))
    page = told(desk, head)
    assert {*page} == {source, target}
    (link,) = desk.read(source)["links"]
    assert (link["to"], link["to_path"], link["withdrawn"]) == (f"practice/{target}", "how.summary", False)
    shown = [row | {"to_path": "how.summary"} for row in incoming(source)]
    assert page[target] == desk.read(target)
    assert desk.read(target)["incoming"] == shown
    check_all(desk)


def test_a_link_that_goes_is_gone_at_both_ends(desk: Desk) -> None:
    first, second = desk.make(practice_body("First")), desk.make(practice_body("Second"))
    source = desk.make(linking("Source", *to(first)))
    head = desk.head()
    desk.update(source, linking("Source", *to(second)))
    assert {*told(desk, head)} == {first, second, source}
    assert (desk.read(first)["incoming"], desk.read(second)["incoming"]) == ([], incoming(source))
    head = desk.head()
    desk.update(source, linking("Source again", *to(second)))
    assert {*told(desk, head)} == {source}, "what it names reads as it did"


@pytest.mark.each_database
def test_what_is_unpublished_is_named_no_longer_and_told_of_as_withdrawn(desk: Desk) -> None:
    target = desk.make(practice_body("Target"))
    source = desk.make(linking("Source", *to(target)))
    other = desk.make(linking("Other", *to(source)))
    head = desk.head()
    desk.act(source, "unpublish")
    assert {*told(desk, head)} == {source, target, other}
    assert desk.read(target)["incoming"] == []
    assert [link["withdrawn"] for link in desk.read(other)["links"]] == [True]
    check_all(desk)
    desk.act(source, "publish")
    assert desk.read(target)["incoming"] == incoming(source)
    assert [link["withdrawn"] for link in desk.read(other)["links"]] == [False]
    assert desk.read(source)["incoming"] == incoming(other)
    desk.act(target, "unpublish")
    assert [link["withdrawn"] for link in desk.read(source)["links"]] == [True]
    check_all(desk)
    desk.act(target, "publish")
    assert desk.read(target)["incoming"] == incoming(source), "who named it names it still"
    check_all(desk)


def test_a_circle_ends(desk: Desk) -> None:
    first = desk.make(practice_body("First"))
    second = desk.make(linking("Second", *to(first)))
    desk.update(first, linking("First", *to(second, first)))
    assert desk.read(second)["incoming"] == incoming(first)
    assert desk.read(first)["incoming"] == sorted(
        incoming(second) + incoming(first, path="links[1].to"), key=lambda row: str(row["from"])
    )
    desk.act(first, "unpublish")
    desk.act(second, "unpublish")
    desk.act(first, "publish")
    assert [link["withdrawn"] for link in desk.read(first)["links"]] == [True, False]
    desk.act(second, "publish")
    check_all(desk)


def test_a_draft_is_nobodys_to_know_of(desk: Desk, template: Template) -> None:
    draft = desk.make(practice_body("Draft"), publish=False)
    for name in (f"practice/{draft}", "practice/nowhere", "poem/x"):
        answer = desk.api.post("/practices", desk.key, json=linking("Source", name))
        (fault,) = check_problem(answer, 422)["errors"]
        assert fault["field"] == "content.links[0].to"
        assert "in this base" in fault["message"]
    desk.act(draft, "publish")
    desk.act(draft, "unpublish")
    source = desk.make(linking("Source", *to(draft)))
    assert desk.read(source)["links"][0]["withdrawn"], "what was public once may be named"
    check_all(desk)


def test_types_name_each_other(desk: Desk) -> None:
    pledge = desk.make(pledge_body(), "pledges")
    slug = desk.read(pledge, "pledges")["slug"]
    source = desk.make(linking("Source", f"pledge/{slug}#plan.actions[key=b]"))
    (row,) = desk.read(pledge, "pledges")["incoming"]
    assert row == incoming(source)[0] | {"to_path": "plan.actions[key=b]"}
    assert desk.read(source)["links"][0]["to"] == f"pledge/{pledge}"
    desk.act(pledge, "unpublish", "pledges")
    assert desk.read(source)["links"][0]["withdrawn"]
    check_all(desk)


def test_an_authority_is_shown_anew_where_it_is_named_and_nowhere_else(desk: Desk) -> None:
    there = desk.make(practice_body("There", authority="boca"))
    here = desk.make(linking("Here", *to(there)))
    hidden = desk.make(practice_body("Hidden"))
    desk.act(hidden, "unpublish")
    head = desk.head()
    desk.api.put("/authorities/alba", desk.key, version=1, json=authority_body("Alba Nova")).raise_for_status()
    page = told(desk, head)
    (authority,) = {*page} - {here}
    assert here in page
    assert page[authority] == desk.api.get("/authorities/alba").json()
    assert [one["name"] for one in desk.read(here)["authorities"]] == ["Alba Nova"]
    check_all(desk)


def test_what_comes_together_may_name_each_other(desk: Desk) -> None:
    lines = []
    for name, others in (("one", ["two", "three"]), ("two", ["one"]), ("three", [])):
        body = linking(f"Record {name}", *(f"practice/x:{other}" for other in others))
        lines.append(orjson.dumps(body | {"external_id": f"x:{name}"}))
    head = desk.head()
    answer = desk.api.post(
        "/imports?format=jsonl&name=all.jsonl&publish=true",
        desk.key,
        content=b"\n".join(lines),
        headers={"Content-Type": "application/x-ndjson"},
    )
    assert answer.status_code == 200, answer.text
    records = check_all(desk)
    assert len(records) == 3, answer.text
    assert len(told(desk, head)) == 3
    by_title = {one["title"]["en"]: one for one in records.values()}
    assert len(by_title["Record one"]["incoming"]) == len(by_title["Record two"]["incoming"]) == 1


OPERATIONS = st.one_of(
    st.tuples(st.just("links"), st.integers(0, 3), st.lists(st.integers(0, 3), max_size=3)),
    st.tuples(st.just("links"), st.integers(0, 3), st.lists(st.integers(0, 3), max_size=3)),
    st.tuples(st.just("draft"), st.integers(0, 3), st.lists(st.integers(0, 3), max_size=3)),
    st.tuples(st.just("publish"), st.integers(0, 3)),
    st.tuples(st.just("unpublish"), st.integers(0, 3)),
    st.tuples(st.just("authority")),
    st.tuples(st.just("archive"), st.integers(0, 3)),
    st.tuples(st.just("step"), st.integers(0, 3)),
)


class Handful:
    """Four practices of one base; what an operation is not possible for is left alone."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.ids = [desk.make(practice_body(f"Record {number}"), publish=False) for number in range(4)]
        self.known: set[str] = set()
        self.public: set[str] = set()
        self.times = 1

    def do(self, operation: tuple[Any, ...]) -> None:
        name, *rest = operation
        if name == "authority":
            body = authority_body(f"Alba {self.times}")
            self.desk.api.put("/authorities/alba", self.desk.key, version=self.times, json=body).raise_for_status()
            self.times += 1
            return
        id = self.ids[rest[0]]
        if name in ("links", "draft"):
            targets = [self.ids[number] for number in rest[1] if self.ids[number] in self.known]
            self.desk.update(id, linking(f"Record {rest[0]}", *to(*targets)), publish=name == "links")
            if name == "links":
                self.appear(id)
        elif name == "publish":
            self.desk.act(id, "publish")
            self.appear(id)
        elif id in self.public:
            self.change(id, name)

    def change(self, id: str, name: str) -> None:
        if name == "unpublish":
            self.desk.act(id, "unpublish")
            self.public.discard(id)
        elif name == "step":
            body = {"kind": "still-true"}
            self.desk.api.post(f"/practices/{id}/steps", self.desk.key, json=body).raise_for_status()
        elif self.desk.read(id)["state"] == "published":
            body = {"reason": "Over"}
            address = f"/practices/{id}/archive"
            done = self.desk.api.post(address, self.desk.key, version=self.desk.versions[id], json=body)
            self.desk.versions[id] = done.json()["version"]

    def appear(self, id: str) -> None:
        self.known.add(id)
        self.public.add(id)


@settings(max_examples=examples(60), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(OPERATIONS, min_size=4, max_size=14))
def test_after_any_history_both_ends_agree(
    template: Template, tmp_path_factory: pytest.TempPathFactory, operations: list[tuple[Any, ...]]
) -> None:
    with at_work(template, tmp_path_factory.mktemp("base")) as desk:
        handful = Handful(desk)
        for operation in operations:
            handful.do(operation)
            assert {*check_all(desk)} == handful.public


@contextmanager
def at_work(template: Template, folder: Path) -> Iterator[Desk]:
    with running(template.copy(folder)) as api:
        yield Desk(api, template.secretariat)


WRITERS = 3
ROUNDS = 5


@pytest.mark.each_database
def test_readers_miss_nothing_while_ends_of_links_are_published_at_once(template: Template, tmp_path: Path) -> None:
    """Every page moves a mirror to a state of the feed, and the last one shows both ends of every link."""
    with running_two(template.copy(tmp_path)) as api:
        desk = Desk(api, template.secretariat)
        hub = desk.make(practice_body("Hub"))
        spokes = [desk.make(linking(f"Spoke {number}", *to(hub))) for number in range(WRITERS)]
        desks = [Desk(api, template.secretariat) for _ in spokes]

        def write(number: int) -> None:
            own = desks[number]
            own.versions[spokes[number]] = desk.versions[spokes[number]]
            for turn in range(ROUNDS):
                own.act(spokes[number], "unpublish" if turn % 2 == 0 else "publish")

        mirror: dict[tuple[str, str], Json | None] = {}
        cursor = 0

        def read() -> bool:
            nonlocal cursor
            page = api.get(f"/changes?after={cursor}&limit=2").json()
            for change in page["changes"]:
                assert cursor < change["seq"] <= page["head"]
                cursor = change["seq"]
                mirror[change["type"], change["id"]] = change["record"]
            return bool(page["changes"])

        with ThreadPoolExecutor(WRITERS) as pool:
            working = [pool.submit(write, number) for number in range(WRITERS)]
            while not all(one.done() for one in working):
                read()
            for one in working:
                one.result()
        while read():
            pass
        assert mirror == {(one["type"], one["id"]): one["record"] for one in desk.feed()}
        assert not check_all(desk)[hub]["incoming"], "all were taken out last"
