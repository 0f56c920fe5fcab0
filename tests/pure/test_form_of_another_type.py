"""A form that is no practice's: keys of rows, private fields, sections without comments, and its own workbook."""

import json
from dataclasses import replace
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from pydantic import ValidationError

from services.api.forms.catalogue import EXTENTS, Extent
from services.api.forms.paths import value_at
from services.api.forms.workbook import read, sheets, write
from services.api.types.practice.type import FORM as PRACTICE
from services.api.vocabularies.terms import LANGUAGES
from tests.api.workbook.support import changed, contents, grids, shuffled
from tests.harness.depth import examples
from tests.harness.support import Json
from tests.harness.types.pledge.type import FORM

SENTINEL = "never-to-be-seen"
ACTIONS = [{"key": "3.1", "text": "Build"}, {"key": "b", "text": "Teach"}, {"key": "Z-9", "text": "Rest"}]


def pledge(**plan: Any) -> Json:
    return {"language": "en", "promise": {"title": "T", "authority": "alba"}, "plan": plan}


def with_texts(content: Json) -> Json:
    """Return a content whose actions have a text: one that has a key alone says nothing."""
    for row in value_at(content, "plan.actions") or ():
        row.setdefault("text", "A")
    return content


CONTENTS = contents(FORM).map(with_texts)


def keys(content: Json) -> list[str]:
    return [row.get("key") for row in content["plan"]["actions"]]


def row_of(book: Workbook, text: str) -> Any:
    return next(row for sheet in book.worksheets for row in sheet.iter_rows() if text in [cell.value for cell in row])


# Keys


def test_rows_without_a_key_are_given_one_that_nothing_has() -> None:
    content = pledge(actions=[ACTIONS[0], {"text": "New"}, {"key": " ", "text": "Newer"}, {"text": ""}, "no row", {}])
    made = FORM.keyed(content, pledge(actions=ACTIONS))
    first, second, third, *others = made["plan"]["actions"]
    assert first == ACTIONS[0]
    assert others == [{"text": ""}, "no row", {}], "blanks stay blanks"
    assert len({"3.1", "b", "Z-9", second["key"], third["key"]}) == 5
    assert content["plan"]["actions"][1] == {"text": "New"}, "what was given is left as it was"
    assert FORM.keyed(made) is made
    assert FORM.validated(pledge(actions=[first, second, third]))


def test_a_key_is_never_taken_from_before(monkeypatch: pytest.MonkeyPatch) -> None:
    signs = iter("aaaaaabbbbbbcccccc")
    monkeypatch.setattr("secrets.choice", lambda _: next(signs))
    before = pledge(actions=[{"key": "aaaaaa", "text": "Gone"}])
    content = pledge(actions=[{"key": "bbbbbb", "text": "Here"}, {"text": "New"}])
    assert keys(FORM.keyed(content, before)) == ["bbbbbb", "cccccc"]


def test_a_form_without_keyed_lists_gives_none() -> None:
    content = {"sources": [{"title": "S"}]}
    assert PRACTICE.keyed_lists == ()
    assert PRACTICE.keyed(content) is content


def test_the_same_key_twice_is_told_by_its_question() -> None:
    content = pledge(actions=[*ACTIONS, {"key": "b", "text": "Copied"}])
    (finding,) = FORM.examine(content).findings
    assert (finding.question, finding.path, finding.kind) == ("2.1", "plan.actions[3].key", "wrong")
    with pytest.raises(ValidationError, match="row above"):
        FORM.validated(content)
    content["promise"] = {}
    assert [one.path for one in FORM.examine(content).findings] == ["promise.title", "plan.actions[3].key"]


@pytest.mark.parametrize("key", ["-a", "a b", "x" * 41, "a]"])
def test_a_key_that_cannot_stand_in_a_path_is_refused(key: str) -> None:
    (finding,) = FORM.examine(pledge(actions=[{"key": key, "text": "A"}])).findings
    assert finding.path == "plan.actions[0].key"


def test_a_row_that_has_a_key_alone_says_nothing() -> None:
    assert FORM.tidied(pledge(actions=[{"key": "a", "text": ""}, ACTIONS[1]])) == pledge(actions=[ACTIONS[1]])


def test_references_speak_of_rows_by_key() -> None:
    content = pledge(actions=[{"text": ""}, *ACTIONS])
    content["references"] = [
        {"field": field, "source": "s", "place": "p. 1"} for field in ("plan.actions[key=b].text", "plan.actions[1]")
    ]
    report = FORM.examine(content)
    assert report.findings == ()
    assert [row["field"] for row in FORM.tidied(content)["references"]] == [
        "plan.actions[key=b].text",
        "plan.actions[0]",
    ]
    content["references"][0]["field"] = "plan.actions[key=c].text"
    assert [one.path for one in FORM.examine(content).findings] == ["references[0].field"]
    assert FORM.label("plan.actions[key=b].text") == "Action"


# What is private


def private(path: str) -> bool:
    return any(path == one or path.startswith(f"{one}.") for one in FORM.private)


def filled() -> Json:
    """Return a content in which every private place says so, in whatever shape."""
    action = {"key": "a", "text": "A", "doubts": SENTINEL, "planned": {"start": SENTINEL, "end": None}}
    content = pledge(actions=[action, {"planned": SENTINEL}], steps=[SENTINEL, [SENTINEL]], reservations=SENTINEL)
    fields = ("plan.steps[0]", "plan.reservations", "plan.actions[key=a].doubts", "plan.actions[0].planned.start")
    content["references"] = [{"field": field, "source": "s", "place": SENTINEL} for field in fields]
    content["references"] += [{"field": "plan.actions[key=a].text", "source": "s", "place": "p. 1"}]
    return content


def test_nothing_private_gets_out() -> None:
    assert FORM.private == ("plan.actions.doubts", "plan.actions.planned", "plan.steps", "plan.reservations")
    content = filled()
    shown = FORM.public(content)
    assert SENTINEL not in json.dumps(shown)
    assert content == filled(), "what was given is left as it was"
    assert shown == pledge(actions=[{"key": "a", "text": "A"}, {}]) | {"references": content["references"][-1:]}


@given(contents(FORM))
@settings(max_examples=examples(60))
def test_of_any_content_the_public_part_is_all_but_the_private(content: Json) -> None:
    shown = FORM.public(content)
    for asked in FORM.questions:
        for number, row in enumerate(value_at(content, asked.path) or () if asked.columns else ()):
            for column in asked.columns:
                seen = value_at(shown, f"{asked.path}[{number}].{column.path}")
                if asked.path != "references":
                    assert seen == (None if private(f"{asked.path}.{column.path}") else value_at(row, column.path))
        if not asked.columns:
            assert value_at(shown, asked.path) == (None if private(asked.path) else value_at(content, asked.path))


def test_translations_of_what_is_private_stay_in() -> None:
    text = {"text": SENTINEL, "status": "human"}
    hidden = dict.fromkeys(("plan.reservations", "plan.steps[1]", "plan.actions[key=a].doubts"), text)
    title = {"promise.title": {"text": "Título", "status": "human"}}
    assert FORM.public_translations({"es": hidden | title, "fr": hidden}) == {"es": title}


def test_a_form_without_private_fields_shows_what_it_is_given() -> None:
    content, translations = {"how": {"summary": "S"}}, {"es": {}}
    assert PRACTICE.private == ()
    assert PRACTICE.public(content) is content
    assert PRACTICE.public_translations(translations) is translations


def test_what_is_private_is_declared_in_the_catalogue() -> None:
    assert {asked.path for asked in FORM.questions if asked.private} == {"plan.steps", "plan.reservations"}
    columns = FORM.question("plan.actions").columns
    assert {one.path for one in columns if one.private} == {"doubts", "planned.start", "planned.end"}


# Shape


def test_a_section_may_have_no_comment() -> None:
    assert [asked.path for asked in FORM.questions if asked.path.endswith("comment")] == ["plan.comment"]
    assert FORM.examine({"promise": {"comment": "x"}}).findings[1].kind == "unknown"


def test_completeness_of_what_asks_nothing_that_counts_is_whole() -> None:
    none = replace(FORM, uncounted=("promise", "plan"))
    assert (none.counted_questions("short"), none.counted_questions("full")) == (0, 0)
    assert none.completeness(pledge(actions=ACTIONS)).shown() == {"snapshot": 100, "full": 100}


def test_references_name_filled_fields_in_a_form_of_any_rules() -> None:
    content = pledge() | {"references": [{"field": "plan.steps", "source": "s", "place": "p. 1"}]}
    (finding,) = FORM.examine(content).findings
    assert (finding.question, finding.path) == ("R.3", "references[0].field")


# The workbook


@given(CONTENTS, st.sampled_from(LANGUAGES), st.sampled_from(EXTENTS))
@settings(max_examples=examples(40))
def test_whatever_is_answered_comes_back_from_its_workbook(content: Json, lang: str, extent: Extent) -> None:
    reading = read(FORM, write(FORM, content, lang, extent=extent))
    assert (reading.faults, reading.content) == ([], unrepeated(content))


@given(CONTENTS, st.randoms(use_true_random=False))
@settings(max_examples=examples(20))
def test_keys_come_back_wherever_sheets_columns_and_rows_are(content: Json, chance: Any) -> None:
    reading = read(FORM, shuffled(write(FORM, content, "en"), chance))
    assert (reading.faults, reading.content) == ([], unrepeated(content))


def unrepeated(content: Json) -> Json:
    """Return a content in which the second row of the same key has none."""
    seen: set[str] = set()
    for row in value_at(content, "plan.actions") or ():
        if (key := row.get("key")) in seen:
            del row["key"]
        seen.add(key or "")
    return content


def test_the_key_stands_in_the_hidden_column_and_in_no_other() -> None:
    data = write(FORM, pledge(actions=ACTIONS), "en")
    ((row, _), *more) = [place for place, (value, _, _) in grids(data)["2 Plan"].items() if value == "[key=3.1]"]
    assert more == []
    assert grids(data)["2 Plan"][row, 1][0] == "[key=3.1]"
    assert grids(data)["2 Plan"][row, 4][0] == "Build"
    assert "Key" not in [value for value, _, _ in grids(data)["2 Plan"].values()]
    assert read(FORM, data).places["plan.actions[0].key"] == ("2 Plan", f"A{row}")


def test_rows_that_were_moved_keep_their_keys_and_copies_are_new() -> None:
    def change(book: Workbook) -> None:
        sheet = book["2 Plan"]
        build, rest = row_of(book, "Build"), row_of(book, "Rest")
        at = rest[0].row
        for column, (one, other) in enumerate(zip(build, rest, strict=True), 1):
            sheet.cell(at + 1, column, one.value)  # a copy
            one.value, other.value = other.value, one.value
        row_of(book, "Teach")[3].value = None  # a row that was emptied is gone
        sheet.cell(at + 2, 4, "Typed")

    reading = read(FORM, changed(write(FORM, pledge(actions=ACTIONS), "en"), change))
    assert reading.faults == []
    assert reading.content["plan"]["actions"] == [ACTIONS[2], ACTIONS[0], {"text": "Build"}, {"text": "Typed"}]


def test_a_key_that_cannot_stand_in_a_path_is_not_written() -> None:
    actions = [{"key": "a b]", "text": "A"}, {"key": 5, "text": "B"}, "C"]
    reading = read(FORM, write(FORM, pledge(actions=actions), "en"))
    assert reading.faults == []
    assert reading.content["plan"]["actions"] == [{"text": "A"}, {"text": "B"}, {"text": "C"}]


def test_a_key_elsewhere_is_listed() -> None:
    def change(book: Workbook) -> None:
        book["1 Promise"]["A4"] = "[key=a]"

    (fault,) = read(FORM, changed(write(FORM, pledge(), "en"), change)).faults
    assert (fault.cell, "none of this form's questions" in fault.message) == ("A4", True)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_its_workbook_says_what_it_is(lang: str) -> None:
    book = openpyxl.load_workbook(BytesIO(write(FORM, None, lang)))
    said = " ".join(str(cell.value) for row in book.worksheets[0].iter_rows() for cell in row if cell.value)
    assert FORM.words.form["title"][lang] in said
    for word in ("practice", "práctica", "pratique", "pratica", "initiative", "how.results"):
        assert word not in said
    assert len(book.worksheets) == len(FORM.sections) + 3
    assert sheets(FORM).version != sheets(PRACTICE).version
    assert read(FORM, write(FORM, None, lang)).content == {"language": lang}


def test_of_the_workbook_of_another_form_is_listed_what_is_none_of_the_forms() -> None:
    reading = read(PRACTICE, write(FORM, pledge(actions=ACTIONS), "en"))
    assert "plan" not in reading.content
    assert {"Build", "Teach", "Rest"} <= {
        fault.message.split("'")[1] for fault in reading.faults if "'" in fault.message
    }
    assert "another version" in reading.faults[-1].message
