"""Cursors that no list made: each is refused in the house's words or starts a page, and none is the api's own fault."""

import base64
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.harness.support import Api, Template, check_problem, make_key, practice_body, running

LISTS = (
    "/accounts",
    "/authorities",
    "/authorities/alba/records",
    "/claims",
    "/keys",
    "/own-accounts",
    "/pledges",
    "/practices",
    "/programmes",
    "/reported-messages",
    "/road-maps",
    "/submissions",
    "/submissions?sort=age",
)
ID = "00000000-0000-4000-8000-000000000000"


@pytest.fixture(scope="module")
def asked(template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Api, str]]:
    """One api with something in every list, and a key that reads all of them."""
    with running(template.copy(tmp_path_factory.mktemp("cursors"))) as api:
        api.post("/practices", template.secretariat, json=practice_body()).raise_for_status()
        api.post("/submissions", template.secretariat, json={"content": {}}).raise_for_status()
        yield api, make_key(api.database, role="admin")


def written(text: str | bytes) -> str:
    """Return a text as a cursor has it."""
    plain = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    return base64.urlsafe_b64encode(plain).decode().rstrip("=")


OFFSETS = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(timezones=st.just(UTC) | OFFSETS) | st.builds(
    lambda edge, zone: edge.replace(tzinfo=zone),
    st.sampled_from([datetime.min, datetime.max, datetime(1, 1, 2), datetime(9999, 12, 30)]),
    OFFSETS,
)
TEXTS = st.text(st.characters(codec=None), max_size=30)
KEYS = (
    MOMENTS.map(datetime.isoformat)
    | st.builds("{} {}".format, MOMENTS.map(datetime.isoformat), TEXTS)
    | st.datetimes().map(datetime.isoformat)
    | st.integers().map(str)
    | st.sampled_from(["9" * 60, "1e999", "nan", "-0001-01-01", "10000-01-01T00:00:00+00:00", "a\0b", "\0", "\ud800"])
    | TEXTS
)
IDS = (
    st.uuids().map(str) | st.integers().map(str) | st.sampled_from([ID.replace("-", ""), f"{{{ID}}}", "", "\0"]) | TEXTS
)
CURSORS = (
    st.builds(lambda key, id: written(f"{key}\n{id}"), KEYS, st.just(ID) | IDS)
    | st.binary(max_size=60).map(written)
    | st.lists(TEXTS, max_size=4).map("\n".join).map(written)
    | st.text(max_size=40)
)


@pytest.mark.parametrize("path", LISTS)
@given(cursor=CURSORS)
@example(cursor=written(f"0001-01-01T00:00:00+14:00\n{ID}"))
@example(cursor=written(f"9999-12-31T23:59:59-14:00\n{ID}"))
@example(cursor=written(f"0001-01-01T00:00:00+14:00 a\n{ID}"))
@example(cursor=written(f"0001-01-01T00:00:00+00:00\n{ID}"))
@example(cursor=written(f"9999-12-31T23:59:59.999999+00:00\n{ID}"))
@example(cursor=written(f"2026-01-01T00:00:00+00:00 a\0b\n{ID}"))
@example(cursor=written(f"a\0b\n{ID}"))
@example(cursor=written(f"\ud800\n{ID}"))
def test_a_forged_cursor_is_refused_or_starts_a_page(asked: tuple[Api, str], path: str, cursor: str) -> None:
    api, key = asked
    answer = api.get(path.partition("?")[0], key, params={"cursor": cursor, **_query(path)})
    if answer.status_code == 200:
        assert {*answer.json()} == {"items", "next"}
    else:
        (fault,) = check_problem(answer, 422)["errors"]
        assert (fault["location"], fault["field"]) == ("query", "cursor")
        assert "not a cursor; take the `next` of the page before" in fault["message"] or "300" in fault["message"]


def _query(path: str) -> dict[str, str]:
    return dict(pair.split("=") for pair in path.partition("?")[2].split("&") if pair)


def test_every_list_is_asked(asked: tuple[Api, str]) -> None:
    paths = asked[0].app.openapi()["paths"]
    paged = {
        path.removeprefix("/api/v1").replace("{authority}", "alba")
        for path, methods in paths.items()
        if "cursor" in {one["name"] for one in methods.get("get", {}).get("parameters", [])}
    }
    assert paged == {path.partition("?")[0] for path in LISTS}, "a new list needs its place in LISTS"
