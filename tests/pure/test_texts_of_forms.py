"""Which strings of a record are searched: those that its form calls free text, whatever they are named."""

import copy
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.search.document import document, plan
from services.search.forms import Plan, trees
from services.search.types import TYPES
from tests.search.support import FORM, Json, practice

NAMES = st.sampled_from(["kind", "place", "country", "key", "source", "level", "novel"])
KINDS = st.sampled_from(["text", "long-text", "texts", "code", "codes", "date", "url", "rows"])
SECTIONS = st.sampled_from([section["name"] for section in FORM["sections"] if section["name"] != "record"])
WORD = "zebra-crossing of 1999"
"""What is neither a code nor plainly a text."""


def question(path: str, kind: str, free: bool, columns: list[Json] | None = None) -> Json:
    return {"path": path, "kind": kind, "free": free, "columns": columns or []}


def searched(form: Json | None, record: Json) -> str:
    plans = {name: plan(name, tree) for name, tree in trees(form).items()} if form else None
    return "\n".join(text.value for text in document(1, record, {}, plans).texts if text.part != "name")


@given(SECTIONS, NAMES, KINDS, st.booleans())
def test_a_new_field_is_searched_by_itself_when_it_is_free_text(section: str, name: str, kind: str, free: bool) -> None:
    form, record = copy.deepcopy(FORM), practice(1)
    held = next(one for one in form["sections"] if one["name"] == section)
    name = f"{name}_new"
    value: Any = WORD
    if kind == "rows":
        columns = [question("kind", "text", free), question("deep.place", "text", free)]
        held["questions"].append(question(f"{section}.{name}", "rows", False, columns))
        value = [{"kind": WORD, "deep": {"place": f"deep {WORD}", "code": "unknown"}, "code": "unknown"}]
    else:
        held["questions"].append(question(f"{section}.{name}", kind, free))
        value = [WORD] if kind in ("texts", "codes") else WORD
    record["content"].setdefault(section, None)
    record["content"][section] = (record["content"][section] or {}) | {name: value}
    found = searched(form, record)
    assert found.count(WORD) == (free and (2 if kind == "rows" else 1))
    assert "unknown" not in found
    assert WORD not in searched(FORM, record), "what no form asks for is no text"


def test_where_a_fact_stands_in_its_source_is_not_searched_though_it_is_text() -> None:
    record = practice(1)
    record["content"]["references"] = [
        {"field": "how.summary", "source": "x", "place": "Page of sources", "note": "N O"}
    ]
    record["content"]["why"] = {
        "features": [{"feature": "innovation", "statement": "So it is", "place": "Page of print"}]
    }
    found = searched(FORM, record)
    assert "So it is" in found
    assert "Page" not in found


def test_what_is_not_searched_of_a_row_is_searched_in_no_language() -> None:
    form, record = copy.deepcopy(FORM), practice(1)
    columns = [question("text", "text", True), question("note", "text", True)]
    form["sections"][0]["questions"].append(question("what.rows", "rows", False, columns))
    record["content"]["what"] = {"rows": [{"key": "a", "text": "Told", "note": "Looked up"}]}
    said = {
        f"what.rows[key=a].{name}": {"text": text, "status": "human"}
        for name, text in (("text", "Dicho"), ("note", "Mirado"))
    }
    record["translations"] = {"es": said}
    type = replace(TYPES["practice"], silent=frozenset({"what.rows.note"}))
    texts = document(1, record, {}, {"practice": Plan(trees(form)["practice"], type.parts, type.silent)}).texts
    told = [(text.language, text.value, text.place) for text in texts if text.place == "what.rows"]
    assert told == [("en", "Told", "what.rows"), ("es", "Dicho", "what.rows")]


def test_the_weights_of_a_type_are_of_places_in_its_form() -> None:
    tree = trees(FORM)["practice"]
    for place in TYPES["practice"].parts:
        held: Any = tree
        for name in place.split("."):
            held = held[name]
        assert held is True, place


@given(
    st.sampled_from(
        [
            "rights",
            "2001-05",
            "2001",
            "ES",
            "EUR",
            "015",
            "https://example.org/a?b",
            "temporary-workers",
            "practice/a-b#x",
        ]
    )
)
def test_without_a_form_codes_dates_and_addresses_are_no_text_and_the_title_always_is(code: str) -> None:
    record = practice(1, content={"how": {"description": f"Told of {code}"}})
    record["content"]["what"]["anything"] = [code, {"deep": code}]
    found = searched(None, record)
    assert f"Told of {code}" in found.split("\n")
    assert code not in found.split("\n")
    record["content"]["initiative"]["title"] = code
    assert code in searched(None, record).split("\n")
