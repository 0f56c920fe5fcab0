"""The questionnaire as a form and back: what is shown comes back as it was, and what was typed is never lost."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.api.forms import service
from services.api.forms.catalogue import EXTENTS, Extent
from services.api.types.practice.type import FORM
from services.api.vocabularies.terms import codes
from services.portal.answering import forms, typed
from services.portal.answering.following import follow
from tests.api.workbook.support import CONTENTS, SEEDS
from tests.harness.depth import examples
from tests.harness.support import Json

SECTIONS: dict[str, dict[str, list[Json]]] = {
    extent: {one["name"]: one["questions"] for one in json.loads(service.shown(FORM, "en", extent))["sections"]}
    for extent in EXTENTS
}
QUESTIONS = [question for questions in SECTIONS["full"].values() for question in questions]
BY_PATH = {question["path"]: question for question in QUESTIONS}
JSON: Any = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
NAMES = sorted({part for one in QUESTIONS for path in [one["path"]] for part in path.split(".")})


def labels(vocabulary: str) -> dict[str, str]:
    """Labels as treacherous as they may be: some alike, some like another's code."""
    known = {code: f"Label of {code}" for code in codes(vocabulary)}
    if vocabulary == "countries":
        known |= {"ES": "Twin", "IT": "Twin", "MA": "fr"}
    return known


def untouched(questions: list[Json], content: Json) -> list[tuple[str, str]]:
    """Return what a browser sends for a form that nobody touched: it makes all line ends `\\r\\n`."""
    sent = forms.pairs(forms.present(questions, content, labels))
    return [(name, text.replace("\n", "\r\n")) for name, text in sent]


@given(CONTENTS)
def test_a_content_comes_back_from_its_form_alone(content: Json) -> None:
    assert forms.parse(QUESTIONS, {}, untouched(QUESTIONS, content), labels) == content


@pytest.mark.parametrize("name", SEEDS)
def test_a_printed_case_comes_back_section_by_section(name: str) -> None:
    content = SEEDS[name]["content"]
    for questions in SECTIONS["full"].values():
        assert forms.parse(questions, content, untouched(questions, content), labels) == content


@given(
    st.dictionaries(
        st.sampled_from(NAMES) | st.text(max_size=5), JSON | st.dictionaries(st.sampled_from(NAMES), JSON, max_size=4)
    ),
    st.sampled_from(EXTENTS),
    st.data(),
)
def test_any_json_whatever_stays_as_it_is(content: Json, extent: Extent, data: st.DataObject) -> None:
    questions = SECTIONS[extent][data.draw(st.sampled_from(list(SECTIONS[extent])))]
    assert forms.same(forms.parse(questions, content, untouched(questions, content), labels), content)


ROWS = [one for one in QUESTIONS if one["kind"] == "rows"]


@given(st.sampled_from(ROWS), st.data())
def test_rows_of_any_json_keep_what_nobody_asks_for(question: Json, data: st.DataObject) -> None:
    paths = [column["path"].split(".")[0] for column in question["columns"]]
    row = st.dictionaries(st.sampled_from([*paths, "unknown"]), JSON) | JSON
    content: Json = {}
    forms.put(content, question["path"], data.draw(st.lists(row, max_size=3)))
    assert forms.same(forms.parse([question], content, untouched([question], content), labels), content)


TYPED = st.text(st.characters(codec="utf-8", exclude_characters="\r"), min_size=1).filter(str.strip)


@given(st.sampled_from(QUESTIONS), CONTENTS, TYPED)
def test_one_answer_is_changed_and_nothing_else(question: Json, content: Json, text: str) -> None:
    entry = forms.present([question], content, labels)[0]
    if entry.box is None or question["kind"] == "codes":
        return
    sent = [(name, text if name == question["path"] else old) for name, old in untouched([question], content)]
    after = forms.parse([question], content, sent, labels)
    meant = forms.at(after, question["path"])
    # Whatever it means, it is shown again as what was typed, or as the number or code that was meant.
    shown = forms.texts(question, meant, labels)[0]
    assert shown == text or forms.same(forms.read(question, [shown], labels), meant)
    rest = json.loads(json.dumps(after))
    forms.put(rest, question["path"], forms.at(content, question["path"]))
    assert rest == content or forms.at(content, question["path"]) is forms.ABSENT


@given(CONTENTS, st.data())
def test_items_are_moved_and_taken_out(content: Json, data: st.DataObject) -> None:
    lists = [(one["path"], found) for one in QUESTIONS if isinstance(found := forms.at(content, one["path"]), list)]
    lists = [(path, found) for path, found in lists if BY_PATH[path]["kind"] in forms.LISTS]
    if not lists:
        return
    path, found = data.draw(st.sampled_from(lists))
    token = data.draw(st.integers(0, len(found) - 1))
    verb = data.draw(st.sampled_from(["up", "down", "remove"]))
    expected = [*found]
    item = expected.pop(token)
    if verb != "remove":
        expected.insert(max(token - 1, 0) if verb == "up" else token + 1, item)
    sent = forms.arranged(BY_PATH[path], untouched([BY_PATH[path]], content), verb, str(token), labels)
    after = forms.parse([BY_PATH[path]], content, sent, labels)
    assert forms.at(after, path) == (expected or forms.ABSENT)


@given(st.lists(st.integers(), unique=True, max_size=6), st.data())
def test_references_and_translations_follow_their_items(items: list[int], data: st.DataObject) -> None:
    texts = [f"result {one}" for one in items]
    after = data.draw(st.permutations(texts))
    after = after[: data.draw(st.integers(0, len(after)))]
    references = [{"field": f"how.results[{place}]", "note": text} for place, text in enumerate(texts)]
    translations = {"es": {f"how.results[{place}]": text for place, text in enumerate(texts)} | {"how.summary": "x"}}
    before = {"how": {"results": texts}, "references": references}
    content, translated = follow(
        [BY_PATH["how.results"]], before, {"how": {"results": after}, "references": references}, translations
    )
    found = {one["field"]: one["note"] for one in content["references"]}
    assert found == {f"how.results[{place}]": text for place, text in enumerate(after)}
    assert translated["es"] == found | {"how.summary": "x"}


def test_what_is_changed_in_its_place_keeps_its_references() -> None:
    references = [{"field": "how.results[1]"}]
    before = {"how": {"results": ["a", "b"]}, "references": references}
    after = {"how": {"results": ["a", "b, in other words", "c"]}, "references": references}
    assert follow([BY_PATH["how.results"]], before, after, {})[0]["references"] == references


def test_what_speaks_of_a_row_with_a_key_stays_until_it_is_gone() -> None:
    question = {"path": "plan.actions", "kind": "rows"}
    a, b, c = ({"key": key, "text": key} for key in "abc")
    texts = {f"plan.actions[key={key}].text": {"text": key} for key in "ab"}
    references = [{"field": path} for path in texts]
    before = {"plan": {"actions": [a, b]}, "references": references}
    for after, left in (([b, a], "ab"), ([b], "b"), ([c, b], "b"), ([a | {"text": "Other"}, b, c], "ab"), ([], "")):
        given = {"plan": {"actions": after}, "references": references}
        content, translated = follow([question], before, given, {"es": texts})
        kept = [f"plan.actions[key={key}].text" for key in left]
        assert ([one["field"] for one in content["references"]], [*translated["es"]]) == (kept, kept)


@given(st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_come_back(value: float) -> None:
    assert typed.number(typed.text(value), whole=False) == value


@pytest.mark.parametrize(
    ("text", "whole", "value"),
    [
        ("1 495", True, 1495),
        ("1.495", True, 1495),
        ("1,495", True, 1495),
        ("1.495", False, 1.495),
        ("1,495", False, None),
        ("12.500", False, None),
        ("12.500", True, 12500),
        ("0.500", False, 0.5),
        ("1.250.000", False, 1250000),
        ("41.385", False, 41.385),
        ("1.234.567,5", False, 1234567.5),
        ("1,234,567.50", False, 1234567.5),
        ("1'234", False, 1234),
        ("12,5", False, 12.5),
        ("1,2,3", False, None),
        ("about 20", True, None),
        ("1e5", False, None),
        ("²", True, None),
        ("", True, None),
    ],
)
def test_numbers_as_people_type_them(text: str, whole: bool, value: float | None) -> None:
    assert typed.number(text, whole) == value


@pytest.mark.parametrize("text", ["NaN", "-Infinity", "1e999", "[" * 100_000, "[" * 900 + "]" * 900, "9" * 5_000, "{"])
def test_what_travelled_along_and_is_no_answer_is_none(text: str) -> None:
    assert forms.Sent([("was:how.results", text)]).was("how.results") is forms.ABSENT


@given(st.lists(st.tuples(st.sampled_from(["asked", "how.results", "was:how.results", "how.results[0]"]), st.text())))
@settings(max_examples=examples(200))
def test_no_form_breaks_it(given: list[tuple[str, str]]) -> None:
    after = forms.parse(QUESTIONS, {}, given, labels)
    forms.names(QUESTIONS, given, labels)
    assert isinstance(after, dict)


def test_what_other_programs_paste_along_is_left_out() -> None:
    asked = {"kind": "text", "vocabulary": None}
    assert forms.read(asked, ["one\x0btwo\x0cthree\u202e\x07\r\nfour\tfive"], labels) == "one\ntwo\nthree\nfour\tfive"


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_no_number_as_it_is_shown_may_be_read_in_two_ways(value: float) -> None:
    assert not typed.is_open(typed.text(value))
