"""The catalogue of questions says what the model says, and completeness counts any JSON, never less for more."""

import copy
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from services.api.forms.answers import answered
from services.api.forms.catalogue import EXTENTS, Completeness, Extent
from services.api.forms.inputs import Input
from services.api.forms.paths import value_at
from services.api.types.practice.content import PracticeContent
from services.api.types.practice.type import FORM
from services.api.vocabularies.terms import codes
from tests.harness.depth import examples
from tests.harness.paths import PRACTICES
from tests.harness.support import Json

SEEDS = sorted(PRACTICES.glob("*.yaml"))
TEXT = st.text(max_size=8)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=12,
)
PATHS = [asked.path for asked in FORM.questions]


def seed(path: Path) -> Json:
    content: Json = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)["content"]
    return content


def drafts() -> st.SearchStrategy[Json]:
    """Contents of the questionnaire's shape in which anything may stand in any field."""
    return st.dictionaries(st.sampled_from(PATHS), ANYTHING, max_size=12).map(shaped)


def shaped(answers: dict[str, Any]) -> Json:
    content: Json = {}
    for path, value in answers.items():
        section, _, field = path.partition(".")
        if field:
            content.setdefault(section, {})[field] = value
        else:
            content[section] = value
    return content


def leaves(value: Any, path: str = "") -> list[str]:
    """Return the paths of all values of a JSON that are neither objects nor lists."""
    if isinstance(value, dict):
        return [leaf for name, inner in value.items() for leaf in leaves(inner, f"{path}.{name}".lstrip("."))]
    if isinstance(value, list):
        return [leaf for number, inner in enumerate(value) for leaf in leaves(inner, f"{path}[{number}]")]
    return [path]


def test_every_field_of_the_model_is_a_question_once() -> None:
    fields = set()
    for name, value in PracticeContent.model_fields.items():
        inner = value.annotation
        whole = isinstance(inner, type) and issubclass(inner, BaseModel)
        fields |= {f"{name}.{field}" for field in inner.model_fields} if whole else {name}  # type: ignore[union-attr]
    assert len(PATHS) == len(set(PATHS))
    assert set(PATHS) == fields
    order = list(FORM.sections)
    places = [order.index(asked.section) for asked in FORM.questions]
    assert places == sorted(places)


def test_the_snapshot_is_what_the_printed_questionnaire_asks_there() -> None:
    early = [asked.number for asked in FORM.questions if asked.extent == "short" and asked.counted]
    printed = ["1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7", "2.1", "3.1", "4.1", "5.3", "6.1", "7.1"]
    assert list(dict.fromkeys(early)) == printed
    assert {asked.path for asked in FORM.questions if asked.required} == {
        "initiative.title",
        "what.priorities",
        "how.summary",
        "language",
        "provenance.kind",
    }
    assert all(asked.extent == "short" for asked in FORM.questions if asked.required)


def test_numbers_are_those_of_the_sections() -> None:
    for asked in FORM.questions:
        assert re.fullmatch(r"\d+\.\d+|\w+ [A-Z][\w -]+|(III|IV|R)\.\d+", asked.number), asked.number
        if asked.number[0].isdigit():
            assert re.split(r"[. ]", asked.number)[0] == FORM.sections[asked.section]


@pytest.mark.parametrize("asked", FORM.questions, ids=PATHS)
def test_a_question_says_what_a_form_needs(asked: Any) -> None:
    inputs: list[Input] = [asked, *asked.columns]
    assert bool(asked.columns) == (asked.kind == "rows")
    for one in inputs:
        assert one.kind != "rows" or one is asked
        assert (one.vocabulary is not None) == (one.kind in ("code", "codes"))
        assert one.vocabulary is None or codes(one.vocabulary)
        assert (one.longest > 0) == (one.kind in ("text", "long-text", "date", "url", "language", "texts"))
        assert (one.most > 0) == (one.longest > 0 or one.kind in ("texts", "codes", "rows"))
        assert one.default is None or one.kind in ("code", "yes-no")


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.stem)
def test_every_value_of_the_seeds_has_its_question_and_column(path: Path) -> None:
    content = seed(path)
    for leaf in leaves(content):
        asked = FORM.question(leaf)
        assert leaf.startswith(asked.path)
        if asked.kind == "rows":
            found = FORM.column(leaf.removesuffix("]").rpartition("[")[0] if leaf.endswith("]") else leaf)
            assert re.sub(r"\[\d+\]", "", leaf) == f"{asked.path}.{found.path}"


@pytest.mark.parametrize("path", ["", "nothing", "how", "how.nothing", "[0]", "initiative", "provenance", "what.x.y"])
def test_a_path_that_lies_in_no_question_is_refused(path: str) -> None:
    with pytest.raises(KeyError):
        FORM.question(path)
    with pytest.raises(KeyError):
        FORM.column(path)


def test_columns_tell_what_a_row_and_its_parts_require() -> None:
    assert FORM.column("initiative.budget[0].currency").required
    inner = FORM.column("initiative.budget_sources[3].amount.currency")
    assert (inner.required, inner.required_in, inner.vocabulary) == (False, "amount", "currencies")
    assert FORM.column("initiative.budget_sources[3].amount.period.start").required_in is None
    assert FORM.column("where.places[0].point.latitude").minimum == -90
    assert FORM.question("how.summary").lines == 10
    assert FORM.question("initiative.websites[0]").example == "https://example.org"


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.stem)
def test_seeds_are_counted_field_by_field(path: Path) -> None:
    content = PracticeContent.model_validate(seed(path))
    numbers: dict[Extent, set[tuple[str, str]]] = {extent: set() for extent in EXTENTS}
    filled: dict[Extent, set[tuple[str, str]]] = {extent: set() for extent in EXTENTS}
    for asked in FORM.questions:
        for extent in EXTENTS:
            if asked.counted and (extent == "full" or asked.extent == extent):
                key = (asked.section, asked.number)
                numbers[extent].add(key)
                if value_at(content, asked.path) is not None:
                    filled[extent].add(key)
    expected = Completeness(*(len(filled[extent]) * 100 // len(numbers[extent]) for extent in EXTENTS))
    assert FORM.completeness(content.model_dump(mode="json")) == expected
    assert FORM.completeness(seed(path)) == expected


@given(st.dictionaries(TEXT | st.sampled_from(["how", "what", "initiative"]), ANYTHING) | ANYTHING | drafts())
@settings(max_examples=examples(100), deadline=None)
def test_completeness_counts_any_json(content: Any) -> None:
    counted = FORM.completeness(content)
    assert 0 <= counted.full <= 100
    assert 0 <= counted.snapshot <= 100


@given(drafts(), st.sampled_from(PATHS), ANYTHING)
@settings(max_examples=examples(100), deadline=None)
def test_filling_a_field_never_lowers_it(content: Json, path: str, value: Any) -> None:
    section, _, field = path.partition(".")
    before = content.get(section, {}).get(field) if field else content.get(section)
    more = copy.deepcopy(content)
    if field:
        more.setdefault(section, {})[field] = [before, value] if answered(before) else value
    else:
        more[section] = value
    earlier, later = FORM.completeness(content), FORM.completeness(more)
    assert later.full >= earlier.full
    assert later.snapshot >= earlier.snapshot


def test_blank_says_nothing_and_all_is_a_hundred() -> None:
    blank: list[Any] = [None, "", " \n", [], {}, [{"name": " ", "about": False}], [[], None], [""]]
    for value in blank:
        assert FORM.completeness(shaped(dict.fromkeys(PATHS, value))) == Completeness(0, 0)
    assert FORM.completeness(shaped(dict.fromkeys(PATHS, "x"))) == Completeness(100, 100)
    assert FORM.completeness({"when": {"ongoing": False}}).snapshot == 7, "no is an answer"
    for path in ("how.comment", "language", "sources", "references", "provenance.kind", "rights", "acronyms.used"):
        assert FORM.completeness(shaped({path: "x"})) == Completeness(0, 0)
    assert FORM.completeness({"when": {"start": "2008"}}) == FORM.completeness(
        {"when": {"start": "2008", "end": "2009"}}
    )


def test_what_is_nested_without_end_is_counted_too() -> None:
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    assert FORM.completeness({"how": {"results": deep}}).full > 0
