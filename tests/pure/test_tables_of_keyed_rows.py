"""Rows with keys are known by them in tables: whatever their positions, nothing else is changed, and twice is once."""

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.api.exchange.entries import Unreadable
from services.api.exchange.merging import merged
from services.api.exchange.table import Header, header_of, row
from services.api.forms.paths import KEY
from tests.harness.depth import examples
from tests.harness.types.pledge.type import FORM

Json = dict[str, Any]
A, B, C = (
    {"key": "a", "text": "Ask", "due": "2024"},
    {"key": "3.1", "text": "Build"},
    {"key": "c", "text": "Care", "doubts": "None"},
)


def pledge(*actions: Json) -> Json:
    plan = {"plan": {"actions": [*map(deepcopy, actions)]}} if actions else {"plan": {}}
    return {"content": {"language": "en", "promise": {"title": "One"}, **plan}, "translations": {}}


def read(cells: Json, here: Json | None) -> tuple[Json, list[Any]]:
    """Return the record that a row of a table makes, and its faults."""
    given = {"external_id": "one"} | {name.replace("@", "plan.actions"): cell for name, cell in cells.items()}
    entry = Header.read(FORM, [*given], "row 1").entry([*given.values()], "row 2", 2)
    assert not entry.faults
    return merged(entry.data, here)


def actions(cells: Json, here: Json | None) -> list[Json]:
    """Return the actions that a row makes; the same row must then change nothing."""
    made, faults = read(cells, here)
    assert not faults
    found: list[Json] = made["content"]["plan"].get("actions", [])
    again, faults = read(cells, pledge(*found))
    assert (again["content"]["plan"].get("actions", []), faults) == (found, [])
    return found


HERE = pledge(A, B, C)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"@[0].key": "3.1", "@[0].text": "Anew"}, [A, B | {"text": "Anew"}, C]),
        ({"@[key=3.1].text": "Anew"}, [A, B | {"text": "Anew"}, C]),
        ({"@[key=3.1].due": 2025, "@[key=c].text": "Cure"}, [A, B | {"due": "2025"}, C | {"text": "Cure"}]),
        (
            {"@[0].key": "c", "@[1].key": "a", "@[0].text": "1", "@[1].text": "2"},
            [A | {"text": "2"}, B, C | {"text": "1"}],
        ),
        ({"@[0].key": "new", "@[0].text": "New"}, [A, B, C, {"key": "new", "text": "New"}]),
        ({"@[key=new].text": "New"}, [A, B, C, {"key": "new", "text": "New"}]),
        ({"@[key=new].text": ""}, [A, B, C]),
        ({"@[0].key": "3.1", "@[0].text": "", "@[0].due": ""}, [A, C]),
        ({"@[key=a].text": "", "@[key=a].due": ""}, [B, C]),
        ({"@[0].key": "a", "@[0].text": "Ask", "@[0].due": ""}, [{"key": "a", "text": "Ask"}, B, C]),
        ({"@[0].key": "c", "@[1].key": "a", "@[2].key": "3.1"}, [C, A, B]),
        ({"@[0].key": "gone", "@[0].text": ""}, [A, B, C]),
        ({"@[0].key": "", "@[0].text": "First", "@[1].key": "", "@[1].text": "Build"}, [A | {"text": "First"}, B, C]),
        ({"@[0].text": "First"}, [A | {"text": "First"}, B, C]),
        ({"@[2].key": "", "@[2].text": "", "@[2].doubts": ""}, [A, B]),
        ({"promise.title": "Two"}, [A, B, C]),
    ],
)  # fmt: skip
def test_a_table_speaks_of_rows_by_their_keys(cells: Json, expected: list[Json]) -> None:
    assert actions(cells, HERE) == expected


def test_all_rows_named_come_in_the_order_of_the_table() -> None:
    cells = {"@[0].key": "c", "@[1].key": "x", "@[1].text": "Between", "@[2].key": "a", "@[3].key": "3.1"}
    assert actions(cells, HERE) == [C, {"key": "x", "text": "Between"}, A, B]


def test_a_new_record_has_the_rows_of_its_table() -> None:
    assert actions({"@[0].key": "b", "@[0].text": "1", "@[1].key": "a"}, None) == [
        {"key": "b", "text": "1"},
        {"key": "a"},
    ]
    made, faults = read({"@[0].text": "1", "@[1].text": "2"}, None)
    assert ([*made["content"]["plan"]["actions"]], faults) == ([{"text": "1"}, {"text": "2"}], [])


@pytest.mark.parametrize(
    ("cells", "field"),
    [
        ({"@[0].key": "a", "@[1].key": "", "@[1].text": "New"}, "plan.actions[1].key"),
        ({"@[0].text": "First", "@[key=c].text": "Cure"}, "plan.actions[0].key"),
        ({"@[0].key": "a", "@[1].key": "a"}, "plan.actions[1]"),
        ({"@[0].key": "new", "@[0].text": "1", "@[1].key": "new", "@[1].text": "2"}, "plan.actions[1]"),
        ({"@[0].key": "a", "@[key=a].text": "Twice"}, "plan.actions[key=a]"),
        ({"@[0].text": "", "@[0].due": "", "@[0].key": "", "@[1].text": "Build"}, "plan.actions[0]"),
    ],
)
def test_what_is_not_told_for_sure_is_a_fault(cells: Json, field: str) -> None:
    _, faults = read(cells, HERE)
    assert [fault.field for fault in faults] == [field]


@pytest.mark.parametrize("name", ["plan.actions[key=a].key", "plan.steps[key=a]", "plan.actions[key=]", "plan[key=a]"])
def test_keys_name_rows_that_have_them_alone(name: str) -> None:
    with pytest.raises(Unreadable, match="there is no column"):
        read({name: "x"}, HERE)


KEYS = st.lists(st.sampled_from(["a", "b", "3.1", "4"]), unique=True, max_size=4)


@settings(max_examples=examples(200))
@given(here=KEYS, there=KEYS, data=st.data())
def test_a_whole_table_gives_each_row_to_its_key(here: list[str], there: list[str], data: st.DataObject) -> None:
    """Rows of the table are as it says, whatever stood there; others stay, and no row is there twice."""
    kept = pledge(*({"key": key, "text": f"Here {key}", "due": "2024"} for key in here))
    told = pledge(*({"key": key, "text": f"There {key}"} for key in there))
    header = header_of(FORM, [{"external_id": "one", **told}])
    cells = dict(
        zip((column.name for column in header.columns), row(header, {"external_id": "one", **told}), strict=True)
    )
    shuffled = {name: cells[name] for name in data.draw(st.permutations([*cells])) if name != "external_id"}
    made = actions(shuffled, kept)
    keys = [one[KEY] for one in made]
    assert len(keys) == len({*keys})
    assert {*keys} == {*here, *there}
    for one in made:
        assert one["text"] == f"{'There' if one[KEY] in there else 'Here'} {one[KEY]}"
        assert ("due" in one) == (one[KEY] in here)
    if {*here} <= {*there}:
        assert keys == there
    else:
        assert keys == [*here, *(key for key in there if key not in here)]
