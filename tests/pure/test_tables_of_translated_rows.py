"""Texts of rows with keys are translated in tables by the number or the key of their row, and never of another one."""

from typing import Any

import pytest

from services.api.exchange.entries import Unreadable
from services.api.exchange.merging import merged
from services.api.exchange.table import Header, header_of, row
from tests.harness.types.pledge.type import FORM
from tests.pure.test_tables_of_keyed_rows import A, B, Json, pledge

FIRST, SECOND = "plan.actions[key=a].text", "plan.actions[key=3.1].text"


def said(text: str, status: str = "human") -> Json:
    return {"text": text, "status": status}


HERE = pledge(A, B) | {"translations": {"es": {FIRST: said("Pedir"), SECOND: said("Construir", "outdated")}}}


def read(cells: Json, here: Json | None) -> tuple[Json, list[str]]:
    """Return the translations that a row of a table makes, and the fields of its faults."""
    names = {name.replace("^", "translations.es.@").replace("@", "plan.actions"): one for name, one in cells.items()}
    given = {"external_id": "one"} | names
    entry = Header.read(FORM, [*given], "row 1").entry([*given.values()], "row 2", 2)
    assert not entry.faults
    made, faults = merged(entry.data, here)
    return made.get("translations", {}), [fault.field for fault in faults]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"^[0].text.text": "Rogar"}, {FIRST: said("Rogar"), SECOND: said("Construir", "outdated")}),
        ({"^[key=a].text.text": "Rogar"}, {FIRST: said("Rogar"), SECOND: said("Construir", "outdated")}),
        (
            {"@[0].key": "3.1", "^[0].text.text": "Hacer", "^[0].text.status": "machine"},
            {FIRST: said("Pedir"), SECOND: said("Hacer", "machine")},
        ),
        ({"@[0].key": "3.1", "@[1].key": "a", "^[1].text.text": ""}, {SECOND: said("Construir", "outdated")}),
        ({"@[key=a].text": "", "@[key=a].due": "", "^[5].text.text": ""}, {SECOND: said("Construir", "outdated")}),
        ({"language": "es", "^[1].text.text": ""}, {}),
    ],
)  # fmt: skip
def test_a_text_is_translated_in_its_row(cells: Json, expected: Json) -> None:
    found, faults = read(cells, HERE)
    assert (found, faults) == ({"es": expected} if expected else {}, [])


def test_what_a_table_does_not_speak_of_is_as_it_was() -> None:
    assert read({"promise.title": "Two"}, HERE) == ({}, [])


def test_columns_number_rows_and_read_back_the_same_in_any_order_of_rows() -> None:
    record = {"external_id": "one", **HERE}
    header = header_of(FORM, [record])
    cells = dict(zip((column.name for column in header.columns), row(header, record), strict=True))
    assert [name for name in cells if name.startswith("translations")] == [
        f"translations.es.plan.actions[{number}].text.{part}" for number in (0, 1) for part in ("text", "status")
    ]
    given = {name: cell for name, cell in cells.items() if name != "external_id"}
    for here in (None, HERE, pledge(B, A) | {"translations": HERE["translations"]}):
        assert read(given, here) == (HERE["translations"], [])


def test_rows_without_keys_are_given_some_that_their_translations_name() -> None:
    entry = Header.read(FORM, ["external_id", "plan.actions[0].text", "translations.es.plan.actions[0].text.text"], "")
    made, faults = merged(entry.entry(["one", "Ask", "Pedir"], "row 2", 2).data, None)
    (action,) = made["content"]["plan"]["actions"]
    assert (faults, made["translations"]) == (
        [],
        {"es": {f"plan.actions[key={action['key']}].text": {"text": "Pedir"}}},
    )


@pytest.mark.parametrize(
    ("cells", "field"),
    [
        ({"^[2].text.text": "Tercera"}, "[2].text.text"),
        ({"@[0].key": "a", "^[1].text.text": "De nadie"}, "[1].text.text"),
        ({"^[0].text.text": "Una", "^[key=a].text.text": "Otra"}, "[key=a].text.text"),
    ],
)
def test_a_text_of_no_row_and_one_that_is_told_twice_are_faults(cells: Json, field: str) -> None:
    assert read(cells, HERE)[1] == [f"translations.es.plan.actions{field}"]


@pytest.mark.parametrize(
    "path",
    [
        "plan.actions", "plan.actions[0]", "plan.actions[key=a]", "plan.actions[0].key", "plan.actions[0].state",
        "plan.actions[0].nothing", "plan.actions[0].planned.start", "plan.steps[0].text",
    ],
)  # fmt: skip
def test_texts_alone_have_columns(path: str) -> None:
    with pytest.raises(Unreadable, match="there is no column"):
        Header.read(FORM, ["external_id", f"translations.es.{path}.text"], "row 1")


def test_sorted_as_the_form_asks() -> None:
    texts: dict[str, Any] = {path: said("x") for path in (SECOND, "plan.comment", FIRST, "plan.actions[key=a].doubts")}
    record = {"external_id": "one", **pledge(A, B), "translations": {"es": texts}}
    names = [one.name for one in header_of(FORM, [record]).columns if one.name.endswith("text.text")]
    assert names == ["translations.es.plan.actions[0].text.text", "translations.es.plan.actions[1].text.text"]
    paths = [one.name[16:].rpartition(".")[0] for one in header_of(FORM, [record]).columns if one.way[0] != "content"]
    assert list(dict.fromkeys(path for path in paths if path)) == [
        "plan.actions[0].text", "plan.actions[0].doubts", "plan.actions[1].text", "plan.comment",
    ]  # fmt: skip
