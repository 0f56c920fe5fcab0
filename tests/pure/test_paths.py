"""Paths: read and written by one module, to places by name, by position and by key."""

import copy
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.api.forms.paths import (
    ANYWHERE,
    PLACE,
    Key,
    names,
    put,
    steps,
    take_out,
    text_at,
    unnumbered,
    value_at,
    without,
    written,
)
from tests.harness.types.pledge.type import Pledge

KEYS = st.text("abcXYZ019._-", min_size=1, max_size=40)
WAYS = st.lists(
    st.text("abc_", min_size=1, max_size=5) | st.integers(0, 10**9 - 1) | KEYS.map(Key), min_size=1, max_size=5
)
CONTENT: Any = {
    "plan": {"actions": [{"key": "3.1", "text": "Build"}, {"key": "b", "text": "Teach", "due": {"start": "2008"}}]},
    "how": {"results": ["one", "two"]},
    "title": "T",
}


@given(WAYS)
def test_what_is_written_is_read(way: list[Any]) -> None:
    read = steps(written(way))
    assert read == way
    assert [type(step) for step in read] == [type(step) for step in way]
    assert names(written(way)) == [step for step in way if type(step) is str]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("title", "T"),
        ("how.results[1]", "two"),
        ("how.results[2]", None),
        ("how.results[key=one]", None),
        ("plan.actions[key=3.1].text", "Build"),
        ("plan.actions[key=b].due.start", "2008"),
        ("plan.actions[key=c].text", None),
        ("plan.actions[1].key", "b"),
        ("title.text", None),
        ("nothing[0].at", None),
    ],
)
def test_values_are_found_by_position_and_key(path: str, value: Any) -> None:
    assert value_at(CONTENT, path) == text_at(CONTENT, path) == value


def test_a_key_leads_into_models_too() -> None:
    pledge = Pledge.model_validate({"language": "en", "promise": {"title": "T"}, "plan": {"actions": CONTENT_ROWS}})
    assert value_at(pledge, "plan.actions[key=3.1].text") == "Build"
    assert value_at(pledge, "plan.actions[key=x]") is None


CONTENT_ROWS = [{"key": "3.1", "text": "Build"}]


def test_what_is_no_text_has_none() -> None:
    assert text_at(CONTENT, "how.results") is None
    assert value_at({"a": []}, "a") is None


@given(st.lists(st.text("abc_", min_size=1, max_size=5), min_size=1, max_size=5), st.integers())
def test_what_is_put_is_found_and_can_be_taken_out(way: list[str], value: int) -> None:
    content: dict[str, Any] = {}
    put(content, written(way), value)
    assert value_at(content, written(way)) == value
    assert take_out(content, written(way)) == value
    assert value_at(content, written(way)) is None


def test_rows_are_changed_added_and_removed() -> None:
    content = copy.deepcopy(CONTENT)
    put(content, "plan.actions[key=b].text", "Learn")
    put(content, "plan.actions[2].text", "Rest")
    put(content, "why.features[0].statement", "S")
    assert [row["text"] for row in content["plan"]["actions"]] == ["Build", "Learn", "Rest"]
    assert content["why"] == {"features": [{"statement": "S"}]}
    assert take_out(content, "plan.actions[key=3.1]") == CONTENT["plan"]["actions"][0]
    assert [row["text"] for row in content["plan"]["actions"]] == ["Learn", "Rest"]
    assert take_out(content, "plan.actions[9]") is take_out(content, "no.where") is None


@pytest.mark.parametrize("path", ["plan.actions[key=x].text", "plan.actions[5]", "title.text", "how.results[0].x"])
def test_nothing_is_put_where_there_is_no_place(path: str) -> None:
    content = copy.deepcopy(CONTENT)
    with pytest.raises(KeyError):
        put(content, path, "x")
    assert content == CONTENT


@pytest.mark.parametrize("path", ["title", "how.results", "how.results[0]", "a.b[key=3.1]", "a.b[key=3.1].text.x"])
def test_places_that_references_and_comments_speak_of(path: str) -> None:
    assert re.search(PLACE, path)
    assert re.search(ANYWHERE, path)


@pytest.mark.parametrize(
    "path", ["", "a..b", "a.b[key=]", "a.b[key=a b]", "a.b[key=x", "A", f"a[key={'x' * 41}]", "a[0]b"]
)
def test_places_that_there_cannot_be(path: str) -> None:
    assert not re.search(PLACE, path)
    assert not re.search(ANYWHERE, path)


def test_paths_are_compared_without_rows() -> None:
    assert unnumbered("plan.actions[key=3.1].text") == unnumbered("plan.actions[17].text") == "plan.actions.text"


def test_what_is_left_out_is_left_out_of_each_row() -> None:
    given = copy.deepcopy(CONTENT)
    left = without(given, ["plan.actions.text", "plan.actions.due.start", "how.results", "title", "nothing.here"])
    assert left == {"plan": {"actions": [{"key": "3.1"}, {"key": "b"}]}}
    assert given == CONTENT
