"""Visibility: every reading route is walked by every kind of caller, as the tables in `visibility.py` say."""

import io
import zipfile
from collections.abc import Iterator
from typing import get_args

import httpx
import pytest

from services.api.access.service import ROLES
from services.api.kit.workflow import State
from services.api.records.schemas import Status
from services.api.types import TYPES
from tests.api.kinds import DAY, KINDS
from tests.api.rights import routes
from tests.api.visibility import (
    BEFORE,
    CALLERS,
    INSIDE,
    OWNERS,
    PEERS,
    PUBLIC,
    STATUS,
    STEPS,
    TAKEN_UP,
    Record,
    World,
    secret_of,
    state_of,
)
from tests.api.visible_routes import (
    CASE_LISTS,
    CASE_ROUTES,
    COMMENTS,
    NO_WORDS,
    Many,
    One,
    Shown,
    comments_read,
    record_files,
    record_lists,
    record_routes,
)
from tests.harness.people import account_body, person, session_of
from tests.harness.support import Api, Template, authority_body, check_problem, make_key, running

BY_TYPE = [(type, row) for type in KINDS for row in record_routes(type)]
LISTS_BY_TYPE = [(type, row) for type in KINDS for row in record_lists(type)]


@pytest.fixture(scope="module")
def world(template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One api with a record of every type, owner and state; what reads changes none of them."""
    with running(template.copy(tmp_path_factory.mktemp("visibility"))) as api:
        api.post("/authorities", template.secretariat, json={"slug": "capo"} | authority_body("Capo"))
        tokens: dict[str, list[str | None]] = {"nobody": [None]}
        for name, home in CALLERS.items():
            if home is not None:
                role, authority = home
                tokens[name] = [make_key(api.database, authority, role=role)]
                if name != "judge":  # who took the cases up is one caller, not two
                    tokens[name].append(person(api, name, role, authority))
        made = World(api, tokens)
        made.records = [made.make_record(*which, state) for which in INSIDE for state in STATUS]
        made.cases = [made.make_case(*which, state) for which in INSIDE for state in STEPS[which[0]]]
        yield made


def text_of(answer: httpx.Response) -> str:
    """Return all that an answer says, a workbook's too."""
    if not answer.content.startswith(b"PK"):
        return answer.text
    with zipfile.ZipFile(io.BytesIO(answer.content)) as file:
        return "".join(file.read(name).decode() for name in file.namelist())


def check_one(world: World, row: One, record: Record, caller: str, shown: Shown) -> None:
    """Check what a caller is answered: the words shown and no others, or the refusal."""
    inside = record.seen_by(caller) == "inside"
    where = f"{caller}: {row.tail} of {record}"
    answer = world.api.get(f"{record.path}{row.tail}", world.tokens[caller][0])
    if isinstance(shown, int):
        assert answer.status_code == shown, where
        check_problem(answer, shown)
        shown = set()
    else:
        assert answer.status_code == 200, f"{where}: {answer.text[:200]}"
        if row.whole and inside and TYPES[record.type].form.private:
            shown = shown | {secret_of(word) for word in shown}
    text = text_of(answer)
    assert text
    assert {word for word in record.all_words if word in text} == shown, where
    assert inside or DAY not in text, where


def expected(row: One, record: Record, caller: str) -> Shown:
    if caller == "nobody" and row.keyed:
        return 401
    seen = record.seen_by(caller)
    return 404 if seen == "-" else row.shows(record, seen)


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize(("type", "row"), BY_TYPE, ids=[f"{row.route} {row.tail}" for _, row in BY_TYPE])
def test_one_record(world: World, type: str, row: One, caller: str) -> None:
    for record in world.records:
        if record.type == type and row.of(record) and (not row.only or record.state in row.only):
            check_one(world, row, record, caller, expected(row, record, caller))


@pytest.mark.parametrize("type", KINDS)
@pytest.mark.parametrize("row", record_routes("practice"), ids=lambda row: row.route + row.tail)
def test_a_slug_shows_no_more_than_an_id(world: World, type: str, row: One) -> None:
    for record in world.records:
        if record.type == type and record.slug and row.of(record) and not row.only:
            path = f"/{TYPES[type].plural}/{{}}{row.tail}"
            for caller, tokens in world.tokens.items():
                named, numbered = (world.api.get(path.format(one), tokens[0]) for one in (record.slug, record.id))
                assert named.status_code == numbered.status_code, (caller, record)
                assert named.status_code != 200 or named.content == numbered.content


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("row", CASE_ROUTES, ids=lambda row: f"{row.route} {row.tail}")
def test_one_case(world: World, row: One, caller: str) -> None:
    for record in world.cases:
        if row.of(record) and (not row.only or record.state in row.only):
            check_one(world, row, record, caller, expected(row, record, caller))


@pytest.mark.parametrize("caller", CALLERS)
def test_comments_on_a_case(world: World, caller: str) -> None:
    for record in world.cases:
        shown = expected(COMMENTS, record, caller)
        check_one(world, COMMENTS, record, caller, shown if isinstance(shown, int) else comments_read(record, caller))


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize(("type", "row"), LISTS_BY_TYPE, ids=[row.path for _, row in LISTS_BY_TYPE])
def test_many_records(world: World, type: str, row: Many, caller: str) -> None:
    for token in world.tokens[caller]:
        answer = world.api.get(row.path, token)
        assert answer.status_code == 200
        for record in world.records:
            seen = record.seen_by(caller) if record.type == type and row.holds(record) else "-"
            shown = {"inside": {record.words[-1]}, "outside": {record.words[0]}, "-": set()}[seen]
            listed = {word for word in record.all_words if word in answer.text}
            assert listed == shown, f"{caller}: {row.path} shows {listed} of {record}"
        for case in world.cases:  # the records that they became are no drafts
            listed = {word for word in case.all_words if word in answer.text}
            assert listed <= {case.words[1]}, f"{caller}: {row.path} shows {listed} of {case}"


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize(
    ("type", "path"), [(type, route.partition(" ")[2]) for type in KINDS for route in record_files(type)]
)
def test_files_of_records(world: World, type: str, path: str, caller: str) -> None:
    """Everybody has what is public, the secretariat all of it when it asks."""
    trusted = caller in ("secretariat", "admin")
    for token in world.tokens[caller]:
        public, whole = world.api.get(path, token), world.api.get(f"{path}?state=all", token)
        assert (public.status_code, whole.status_code) == (200, 200 if trusted else 403 if token else 401)
        shown_to_all, shown_whole = text_of(public), text_of(whole)
        assert DAY not in shown_to_all
        for record in world.records:
            mine = record.type == type
            listed = {word for word in record.all_words if word in shown_to_all}
            assert listed == ({record.words[0]} if mine and record.state in PUBLIC else set()), record
            listed = {word for word in record.all_words if word in shown_whole}
            private = TYPES[record.type].form.private
            shown = {record.words[-1]} | ({secret_of(record.words[-1])} if private else set())
            assert listed == (shown if mine and trusted else set()), record


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("row", CASE_LISTS, ids=lambda row: row.path)
def test_many_cases(world: World, row: Many, caller: str) -> None:
    for token in world.tokens[caller]:
        answer = world.api.get(row.path, token)
        assert answer.status_code == (200 if token else 401)
        for record in world.cases:
            seen = record.seen_by(caller) if row.holds(record) else "-"
            shown = {"inside": {record.words[-1]}, "outside": {record.words[1]}, "-": set()}[seen]
            listed = {word for word in record.all_words if word in answer.text}
            assert listed <= shown, f"{caller}: {row.path} shows {listed} of {record}"
            assert seen != "-" or record.id not in answer.text
            assert listed == shown or not row.sure, f"{caller}: {row.path} lacks {record}"


@pytest.mark.parametrize("caller", CALLERS)
def test_cases_of_a_record(world: World, caller: str) -> None:
    """Who asks for the case of a record learns of it no more than by asking for all."""
    for record in world.cases:
        if record.slug is not None and caller != "nobody":
            path = f"/submissions?type={record.type}&record={record.slug}"
            found = world.api.get(path, world.tokens[caller][0]).json()["items"]
            assert [one["id"] for one in found] == ([record.id] if record.seen_by(caller) != "-" else [])


@pytest.mark.parametrize("caller", CALLERS)
def test_a_later_draft_is_found_by_those_inside_alone(world: World, caller: str) -> None:
    """Nobody learns by searching for a title what nobody shows."""
    for record in world.cases:
        for word in record.words if caller != "nobody" else ():
            found = world.api.get(f"/submissions?q={word}", world.tokens[caller][0]).json()["items"]
            seen = record.seen_by(caller)
            sees = {"inside": record.words[-1], "outside": record.words[1], "-": ""}[seen]
            assert [one["id"] for one in found] in ([record.id] if word == sees else [], []), f"{word} by {caller}"
            assert found or seen != "inside" or word != sees


OF_AN_AUTHORITY = "GET /authorities/{authority}/records"


@pytest.mark.parametrize("caller", CALLERS)
def test_the_records_of_an_authority_are_those_that_are_public(world: World, caller: str) -> None:
    """Whoever asks: its own, and those that name it."""
    for token in world.tokens[caller]:
        found = world.api.get("/authorities/alba/records?limit=100", token)
        listed = {one["id"] for one in found.json()["items"]}
        assert found.json()["next"] is None
        for record in world.records:
            public = {record.words[0]} if record.state in PUBLIC else set()
            shown = {word for word in record.all_words if word in found.text}
            assert shown == (public if record.id in listed else set()), f"{caller}: {record}"
            assert record.id in listed or not public or record.owner != "alba", f"{caller}: {record}"
        for case in world.cases:
            listed_words = {word for word in case.all_words if word in found.text}
            assert listed_words <= {case.words[1]}, f"{caller}: {case}"
        assert DAY not in found.text


def test_the_feed_shows_what_nobody_in_particular_sees(world: World) -> None:
    text = world.api.get("/changes?limit=1000").text
    assert len(world.api.get("/changes?limit=1000").json()["changes"]) < 1000
    for record in world.records:
        public = {record.words[0]} if record.state in PUBLIC else set()
        assert {word for word in record.all_words if word in text} == public, record
    for case in world.cases:
        public = {case.words[1]} if case.state in ("published", "archived", "revised") else set()
        assert {word for word in case.all_words if word in text} == public, case
    assert DAY not in text


def test_titles_are_told_of_what_is_public_alone(world: World) -> None:
    """Whoever asks; and of a case no more than of the record that it became."""
    names = [f"{record.type}/{record.id}" for record in (*world.records, *world.cases)]
    for tokens in world.tokens.values():
        parts = [names[at : at + 50] for at in range(0, len(names), 50)]
        answers = [world.api.get("/titles?" + "&".join(f"of={one}" for one in part), tokens[0]) for part in parts]
        told = {one["id"]: one["title"] for answer in answers for one in answer.json()}
        text = "".join(answer.text for answer in answers)
        for record in world.records:
            public = record.state in PUBLIC
            assert (record.id in told) == public, record
            assert {word for word in record.all_words if word in text} == ({record.words[0]} if public else set())
        for case in world.cases:
            assert case.id not in told


def test_every_type_role_state_and_route_is_expected(world: World) -> None:
    assert {home[0] for home in CALLERS.values() if home} == {*ROLES}
    assert {*STATUS.values()} == {*get_args(Status)}
    assert {*KINDS} == {*TYPES} == {*STEPS}, "a new type needs its place in kinds.py and visibility.py"
    assert {*INSIDE} == {*PEERS} == {(type, owner) for type in TYPES for owner in OWNERS}
    for type in TYPES.values():
        assert {state_of(state) for state in STEPS[type.name]} == {*type.workflow.states}
        taken_up = any(row.action == "take-up" for row in type.workflow.transitions)
        assert taken_up == (type.name in TAKEN_UP)
    assert {state_of(state) for state in BEFORE} == {*State}
    by_type = {row.route for type in TYPES for row in (*record_routes(type), *record_lists(type))}
    by_type |= {route for type in TYPES for route in record_files(type)}
    walked = (
        by_type
        | {row.route for row in (*CASE_ROUTES, COMMENTS, *CASE_LISTS)}
        | {"GET /changes", "GET /titles", OF_AN_AUTHORITY}
    )
    reading = {route for route in routes(world.api) if route.startswith("GET ")}
    assert not reading - walked - {*NO_WORDS}, "a new reading route needs its place in visible_routes.py"
    assert not (walked | {*NO_WORDS}) - reading, "routes that are gone"
    assert not walked & {*NO_WORDS}


def test_who_joins_the_authority_reads_its_case_no_more(api: Api, template: Template) -> None:
    """A reviewer who took a case up, and belongs to the authority that owns it now, judges it no more."""
    judge, admin = person(api, "judge", "reviewer"), make_key(api.database, role="admin")
    body = {"content": KINDS["practice"].content("T", ""), "owner": "alba"}
    case = api.post("/submissions", template.secretariat, json=body).json()
    for action, key in (("submit", template.alba), ("take-up", judge)):
        path = f"/submissions/{case['id']}/transitions"
        case = api.post(path, key, version=case["version"], json={"action": action}).json()
    path = f"/submissions/{case['id']}"
    assert api.get(path, judge).status_code == 200
    moved = account_body("judge", "reviewer", authority="alba")
    api.put(f"/accounts/{case['reviewer']['id']}", admin, version=1, json=moved).raise_for_status()
    fellow = session_of(api.database, "judge@example.org")
    check_problem(api.get(path, fellow), 404)
    assert api.get("/submissions", fellow).json()["items"] == []
