"""Drafts: nearly anything is kept, and whoever writes one hears of all that is missing or wrong, where it stands."""

import copy
import json
from typing import Any

import orjson
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from services.api.forms import drafts
from services.api.forms.drafts import Finding, check_draft
from services.api.forms.paths import put
from services.api.types.practice.content import PracticeContent
from services.api.types.practice.type import FORM
from services.web.problems import Invalid
from tests.harness.depth import examples
from tests.harness.paths import PRACTICES
from tests.harness.support import Json, practice_body

SEEDS = {
    path.stem: yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)["content"]
    for path in sorted(PRACTICES.glob("*.yaml"))
}
TEXT = st.text(st.characters(codec=None), max_size=6) | st.sampled_from(["en", "2008", "EUR", "rights", "local", ""])
NUMBERS = st.integers() | st.sampled_from([10**400, 2**63]) | st.floats()
NAMES = sorted(
    {step for asked in FORM.questions for step in asked.path.split(".")}
    | {step for asked in FORM.questions for column in asked.columns for step in column.path.split(".")}
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES) | TEXT, inner, max_size=4),
    max_leaves=12,
)
DRAFTS = st.dictionaries(
    st.sampled_from(list(PracticeContent.model_fields)) | TEXT,
    st.dictionaries(st.sampled_from(NAMES) | TEXT, ANYTHING, max_size=5) | ANYTHING,
    max_size=8,
)


def valid() -> Json:
    content: Json = practice_body()["content"]
    return content


def changed(content: Json, path: str, value: Any) -> Json:
    """Return a copy with a value put at a path."""
    content = copy.deepcopy(content)
    put(content, path, value)
    return content


def places_of(content: Any, place: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    found = [place]
    inside = content.items() if isinstance(content, dict) else enumerate(content) if isinstance(content, list) else ()
    for step, inner in inside:
        found += places_of(inner, (*place, step))
    return found


def numbers(findings: tuple[Finding, ...]) -> list[str | None]:
    return [finding.question for finding in findings]


@given(DRAFTS | ANYTHING)
@settings(max_examples=examples(200), deadline=None)
def test_any_json_is_examined(content: Any) -> None:
    before = repr(content)
    report = FORM.examine(content)
    assert repr(content) == before, "examining changes nothing"
    assert report.ready == (not report.findings) == (report.content is not None)
    for finding in report.findings:
        assert finding.message
        json.dumps(finding.model_dump()).encode()
        if finding.kind == "unknown" or finding.path == "":
            continue
        if finding.path in FORM.wholes:
            assert finding.question == FORM.sections.get(finding.path, "R")
        else:
            assert FORM.question(finding.path).number == finding.question


@given(st.sampled_from(list(SEEDS)), st.data())
@settings(max_examples=examples(100), deadline=None)
def test_what_is_ready_is_valid_and_comes_back_the_same(name: str, data: st.DataObject) -> None:
    content: Json = copy.deepcopy(SEEDS[name])
    for _ in range(data.draw(st.integers(0, 3))):
        place = data.draw(st.sampled_from(places_of(content)[1:]))
        here: Any = content
        for step in place[:-1]:
            here = here[step]
        here[place[-1]] = data.draw(st.sampled_from([None, "", [], {}, " ", "x", False]) | ANYTHING)
    report = FORM.examine(content)
    if report.content is not None:
        written = report.content.model_dump(mode="json")
        again = PracticeContent.model_validate(written)
        assert again == report.content == PracticeContent.model_validate(FORM.tidied(content))
        assert FORM.examine(written).content == report.content
        assert FORM.completeness(written) == report.completeness


@pytest.mark.parametrize("name", SEEDS)
def test_seeds_can_be_submitted(name: str) -> None:
    report = FORM.examine(SEEDS[name])
    assert report.findings == ()
    assert report.content == PracticeContent.model_validate(SEEDS[name])


@pytest.mark.parametrize("gone", [None, "", "  \n", [], {}, [{"priority": ""}], [None, " "], "absent"])
@pytest.mark.parametrize("asked", [asked for asked in FORM.questions if asked.required], ids=lambda asked: asked.path)
@pytest.mark.parametrize("content", [valid(), SEEDS["cartaya"]], ids=["least", "rich"])
def test_a_required_answer_that_is_gone_is_missing(content: Json, asked: Any, gone: Any) -> None:
    content = changed(content, asked.path, gone)
    if gone == "absent":
        section, _, field = asked.path.rpartition(".")
        del (content[section] if section else content)[field]
    (finding,) = FORM.examine(content).findings
    assert (finding.question, finding.path, finding.kind) == (asked.number, asked.path, "missing")
    assert "before it can be submitted" in finding.message


@pytest.mark.parametrize("name", SEEDS)
def test_of_every_case_a_required_answer_that_is_gone_is_told_by_its_number(name: str) -> None:
    submitted = changed(SEEDS[name], "provenance.kind", "submitted")
    content = submitted if FORM.examine(submitted).ready else SEEDS[name]
    for asked in FORM.questions:
        if asked.required and (content is submitted or asked.path != "provenance.kind"):
            assert numbers(FORM.examine(changed(content, asked.path, None)).findings) == [asked.number]


def test_nothing_at_all_misses_what_is_required() -> None:
    for empty in ({}, dict.fromkeys(PracticeContent.model_fields), {name: {} for name in FORM.wholes}):
        report = FORM.examine(empty)
        assert numbers(report.findings) == ["1.1", "2.1", "5.3", "6.1", "R.1", "R.4"]
        assert {finding.kind for finding in report.findings} == {"missing"}
        assert (report.completeness.snapshot, report.completeness.full) == (0, 0)


LOCAL = [
    ("who.authorities", [{"name": "Alba"}], True),
    ("initiative.promoters", [{"name": "Alba", "level": "municipality"}], True),
    ("initiative.promoters", [{"name": "Alba", "level": "national"}], False),
    ("initiative.promoters", [{"name": "Alba"}], False),
    ("initiative.budget_sources", [{"kind": "local"}], True),
    ("initiative.budget_sources", [{"kind": "eu"}, {"kind": "regional"}], True),
    ("initiative.budget_sources", [{"kind": "national"}], False),
    ("initiative.partners", [{"name": "Alba", "kind": "local-authority"}], True),
    ("initiative.partners", [{"name": "Alba"}], False),
]


@pytest.mark.parametrize(("path", "value", "enough"), LOCAL)
def test_a_local_authority_funds_promotes_or_is_involved(path: str, value: Any, enough: bool) -> None:
    content = changed(changed(valid(), "who.authorities", []), path, value)
    report = FORM.examine(content)
    assert report.ready == enough
    if not enough:
        assert [(one.question, one.path, one.kind) for one in report.findings] == [
            ("5.3", "who.authorities", "missing")
        ]
    assert FORM.examine(changed(content, "provenance.kind", "extracted")).ready, "printed cases are taken as they are"


def test_everything_is_told_at_once() -> None:
    content: Json = {
        "language": "xx",
        "surprise": 1,
        "initiative": {
            "title": "one\ntwo",
            "partners": [{"name": "", "kind": ""}, {"name": "P", "surprise": 1}, {"kind": "x"}],
            "budget_sources": [{"kind": "eu", "share": 90}, {"kind": "national", "share": 60}],
            "budget": [{"amount": 5}],
            "countries": [{"roles": ["origin"]}],
        },
        "what": {"priorities": [{"priority": "x"}], "sdgs": [8], "policy_areas": ["health", "health"]},
        "when": {"start": "2010", "end": "2009"},
        "where": "nowhere",
        "how": {"summary": "line\n" * 11, "results": ["", "x" * 2_001], "surprise": "?"},
        "why": {"features": [{"feature": "adaptability", "statement": "S", "source": "other"}]},
        "references": [
            {"field": "how.results[1]", "source": "other", "place": "1"},
            {"field": "how.results[0]", "source": "other", "place": "1"},
            {"field": "how.summary", "source": "other"},
        ],
        "provenance": {"kind": "submitted", "source_year": 1},
    }
    report = FORM.examine(content)
    assert [(one.question, one.path, one.kind) for one in report.findings] == [
        ("1.1", "initiative.title", "wrong"),
        ("1.3", "initiative.budget_sources", "wrong"),
        ("1.4", "initiative.partners[1].surprise", "unknown"),
        ("1.4", "initiative.partners[2].name", "missing"),
        ("1.4", "initiative.partners[2].kind", "wrong"),
        ("1.5", "initiative.countries[0]", "wrong"),
        ("1.6", "initiative.budget[0].currency", "missing"),
        ("1.6", "initiative.budget[0].scope", "missing"),
        ("2.1", "what.priorities[0].priority", "wrong"),
        ("2.1", "what.priorities[0].assessed_by", "missing"),
        ("IV.19", "what.policy_areas", "wrong"),
        ("2.2", "what.sdgs[0]", "wrong"),
        ("3.1", "when.end", "wrong"),
        ("4", "where", "wrong"),
        ("5.3", "who.authorities", "missing"),
        ("6.1", "how.summary", "wrong"),
        (None, "how.surprise", "unknown"),
        ("6.5", "how.results[1]", "wrong"),
        ("7.1", "why.features[0].assessed_by", "missing"),
        ("7.1", "why.features[0].source", "wrong"),
        ("R.1", "language", "wrong"),
        ("R.3", "references[2].place", "missing"),
        ("R.3", "references[0].source", "wrong"),
        ("R.3", "references[1].source", "wrong"),
        ("R.3", "references[2].source", "wrong"),
        ("R.3", "references[1].field", "wrong"),
        ("R.4", "provenance.source_year", "wrong"),
        (None, "surprise", "unknown"),
    ]
    told = {one.path: one for one in report.findings}
    assert told["what.priorities[0].priority"].allowed == ["remittances", "capacities", "communities", "rights"]
    assert "quotes" in told["what.sdgs[0]"].message
    assert "ten lines" in told["how.summary"].message
    assert "150 %" in told["initiative.budget_sources"].message
    assert set(told["surprise"].allowed or ()) == set(PracticeContent.model_fields)
    assert told["initiative.partners[1].surprise"].allowed == ["name", "kind", "place", "country", "role"]
    assert told["how.surprise"].allowed is not None
    assert "summary" in told["how.surprise"].allowed
    assert told["references[1].field"].message.endswith("is not a filled field of the form")


BLANKS = [
    ("initiative.partners", [{"name": "", "kind": "other", "role": None}]),
    ("who.authorities", [{"name": "Alba"}, {"name": " ", "part": "involved"}]),
    ("who.beneficiaries", [{"who": "", "about": False, "groups": [""]}]),
    (
        "initiative.budget_sources",
        [{"kind": "local", "amount": {"amount": None, "about": False, "period": {"start": ""}}}],
    ),
    ("where.places", [{}, {"name": "Alba", "point": {"latitude": None, "longitude": ""}}]),
    ("how.results", ["", None, "R", "  "]),
    ("when", {"start": "", "end": None, "phases": [{"name": ""}]}),
    ("lessons", None),
    ("rights", ""),
    ("surprise", ""),
]


@pytest.mark.parametrize(("path", "value"), BLANKS, ids=lambda value: str(value)[:30])
def test_blanks_say_nothing(path: str, value: Any) -> None:
    content = changed(valid(), path, value)
    report = FORM.examine(content)
    assert report.findings == ()
    assert report.content is not None
    assert FORM.tidied(FORM.tidied(content)) == FORM.tidied(content)


def test_what_was_answered_stays() -> None:
    content = changed(valid(), "when", {"ongoing": False})
    content = changed(content, "initiative.countries", [{"country": "IT", "beneficiary": False}])
    content = changed(
        content, "initiative.budget", [{"amount": 0, "currency": "EUR", "scope": "total", "about": False}]
    )
    assert FORM.tidied(content) == content
    report = FORM.examine(content)
    assert report.content is not None
    assert report.content.when.ongoing is False
    assert report.content.initiative.countries[0].beneficiary is False


def test_references_follow_what_they_point_at() -> None:
    content = changed(valid(), "how.results", ["", "first", " ", "second"])
    content["sources"] = [{"key": "s", "kind": "report", "title": "S"}]
    content["references"] = [{"field": f"how.results[{n}]", "source": "s", "place": str(n)} for n in (3, 1)]
    given = copy.deepcopy(content)
    report = FORM.examine(content)
    assert content == given
    assert report.content is not None
    assert [(one.field, one.place) for one in report.content.references] == [
        ("how.results[1]", "3"),
        ("how.results[0]", "1"),
    ]
    content["references"].append({"field": "how.results[0]", "source": "s", "place": "a blank"})
    assert [one.path for one in FORM.examine(content).findings] == ["references[2].field"]


@given(DRAFTS)
@settings(max_examples=examples(60), deadline=None)
def test_tidying_drops_blanks_alone(content: Json) -> None:
    once = FORM.tidied(content)
    assert repr(FORM.tidied(once)) == repr(once)


def nested(depth: int) -> Any:
    value: Any = "x"
    for _ in range(depth):
        value = [value]
    return value


KEPT = [
    {},
    {"how": 5, "what": [], "surprise": {"more": [1, 2.5, True, None]}},
    {"how": {"summary": "x" * 50_000}},
    {"a": nested(11)},
    {"how": {"results": ["tab\tand\nline"]}},
]


@pytest.mark.parametrize("content", KEPT, ids=range(len(KEPT)))
def test_drafts_of_any_kind_are_kept(content: Json) -> None:
    assert check_draft(content) is content


REFUSED: list[tuple[Any, str, str]] = [
    ([], "content", "object"),
    (None, "content", "object"),
    ("x", "content", "object"),
    ({"how": {"results": ["ok", "x\x00"]}}, "content.how.results[1]", "U+0000"),
    ({"how": {"summary": "a\u202eb"}}, "content.how.summary", "U+202E"),
    ({"how": {"summary": "\ud800"}}, "content.how.summary", "surrogate"),
    ({"how": {"\ud800": 1}}, "content.how", "surrogate"),
    ({"x" * 101: 1}, "content", "101 characters"),
    ({"how": {"summary": "x" * 50_001}}, "content.how.summary", "50001 characters"),
    ({"a": nested(12)}, "content.a[0][0]", "deeply"),
    ({"a": nested(100_000)}, "content.a[0][0]", "deeply"),
    ({"a": [1] * 20_001}, "content", "values"),
    ({"a": [[]] * 200_000}, "content", "values"),
    ({str(number): "x" * 50_000 for number in range(21)}, "content", "bytes"),
    ({"a": 2**64}, "content.a", "too large"),
    ({"a": 10**5_000}, "content.a", "too large"),
    ({"a": float("nan")}, "content.a", "finite"),
    ({"a": float("inf")}, "content.a", "finite"),
]


@pytest.mark.parametrize(("content", "field", "said"), REFUSED, ids=range(len(REFUSED)))
def test_what_cannot_be_kept_is_refused_by_its_place(content: Any, field: str, said: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_draft(content)
    (fault,) = refused.value.errors
    assert fault.field.startswith(field)
    assert said in fault.message


def test_every_place_of_a_refusal_is_named_up_to_a_hundred() -> None:
    with pytest.raises(Invalid) as refused:
        check_draft({"how": {"results": ["\x00"] * 300}})
    assert [fault.field for fault in refused.value.errors] == [f"content.how.results[{n}]" for n in range(100)]


@given(DRAFTS | ANYTHING)
@settings(max_examples=examples(100), deadline=None)
def test_what_is_kept_can_be_stored_and_examined(content: Any) -> None:
    try:
        kept = check_draft(content)
    except Invalid:
        return
    assert orjson.loads(orjson.dumps(kept)) == kept
    assert len(FORM.examine(kept).findings) <= drafts.MOST_FINDINGS


def test_a_number_of_more_digits_than_can_be_shown_is_wrong() -> None:
    (finding,) = FORM.examine(changed(valid(), "who.beneficiaries", [{"who": "Many", "count": 10**5_000}])).findings
    assert (finding.question, finding.path) == ("5.2", "who.beneficiaries[0].count")


def test_a_draft_with_faults_without_end_is_examined_within_bounds() -> None:
    content = {"references": [{"field": "x", "source": "y", "surprise": 1}] * 4_000}
    assert len(FORM.examine(check_draft(content)).findings) == drafts.MOST_FINDINGS
