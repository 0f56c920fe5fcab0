"""One value is taken out of a content: what speaks of it goes, what speaks of others follows, and paths last."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.api.forms.paths import value_at
from services.api.forms.redacting import lasting, present, redacted
from services.api.types.practice.type import FORM as PRACTICE
from services.web.problems import Invalid
from tests.harness.support import Json, practice_body
from tests.harness.types.pledge.type import FORM as PLEDGE


def practice(**sections: Any) -> Json:
    content = practice_body()["content"]
    for name, answers in sections.items():
        content[name] = content.get(name, {}) | answers if isinstance(answers, dict) else answers
    stored: Json = PRACTICE.validated(content).model_dump(mode="json")
    return stored


def pledge(**plan: Any) -> Json:
    content = {"language": "en", "promise": {"title": "T"}, "plan": plan}
    stored: Json = PLEDGE.validated(content).model_dump(mode="json")
    return stored


def about(*fields: str) -> list[Json]:
    return [{"field": field, "source": "report", "place": f"p. {place}"} for place, field in enumerate(fields)]


SOURCES = [{"key": "report", "kind": "report", "title": "A report"}]


def text(words: str) -> Json:
    return {"text": words, "status": "human"}


def test_a_text_goes_with_its_translations_and_references() -> None:
    content = practice(
        how={"description": "Long", "goal": "Far"}, sources=SOURCES, references=about("how.description", "how.goal")
    )
    translations = {
        "es": {"how.description": text("Largo"), "how.goal": text("Lejos")},
        "fr": {"how.description": text("L")},
    }
    made, left = redacted(PRACTICE, content, translations, "how.description")
    assert made["how"]["description"] is None
    assert [row["field"] for row in made["references"]] == ["how.goal"]
    assert left == {"es": {"how.goal": text("Lejos")}}
    assert content["how"]["description"] == "Long", "what was given stays as it is"


def test_what_speaks_of_later_items_follows_them() -> None:
    fields = ("how.results", "how.results[0]", "how.results[1]", "how.results[2]", "how.needs[2]")
    content = practice(
        how={"results": ["a", "b", "c"], "needs": ["x", "y", "z"]}, sources=SOURCES, references=about(*fields)
    )
    translations = {"es": {f"how.results[{n}]": text(str(n)) for n in range(3)}}
    made, left = redacted(PRACTICE, content, translations, "how.results[1]")
    assert made["how"]["results"] == ["a", "c"]
    expected = [("how.results", 0), ("how.results[0]", 1), ("how.results[1]", 3), ("how.needs[2]", 4)]
    assert [(row["field"], row["place"]) for row in made["references"]] == [(f, f"p. {n}") for f, n in expected]
    assert left == {"es": {"how.results[0]": text("0"), "how.results[1]": text("2")}}


def test_a_reference_to_a_list_goes_with_the_last_item() -> None:
    content = practice(how={"results": ["a"]}, sources=SOURCES, references=about("how.results", "how.summary"))
    made, _ = redacted(PRACTICE, content, {}, "how.results[0]")
    assert made["how"]["results"] == []
    assert [row["field"] for row in made["references"]] == ["how.summary"]


def test_rows_values_of_rows_and_lists_within_them() -> None:
    people = [
        {"who": "Nurses", "groups": ["women", "youth"], "count": 3, "unit": "people", "about": True},
        {"who": "All"},
    ]
    content = practice(
        who={"target_groups": people},
        initiative={"budget": [{"amount": 5, "currency": "EUR", "scope": "total", "period": {"start": "2008"}}]},
    )
    assert redacted(PRACTICE, content, {}, "who.target_groups[0]")[0]["who"]["target_groups"][0]["who"] == "All"
    row = redacted(PRACTICE, content, {}, "who.target_groups[0].count")[0]["who"]["target_groups"][0]
    assert (row["count"], row["who"]) == (None, "Nurses")
    row = redacted(PRACTICE, content, {}, "who.target_groups[0].about")[0]["who"]["target_groups"][0]
    assert row["about"] is False
    row = redacted(PRACTICE, content, {}, "who.target_groups[0].groups[0]")[0]["who"]["target_groups"][0]
    assert row["groups"] == ["youth"]
    for path in ("initiative.budget[0].period", "initiative.budget[0].period.start"):
        made, _ = redacted(PRACTICE, content, {}, path)
        assert value_at(made, path) is None
        assert "2008" not in str(made)


@pytest.mark.parametrize(
    ("path", "needs", "instead"),
    [
        ("initiative.title", "'initiative.title' needs it", "withdraw the revision instead"),
        ("what.priorities[0]", "'what.priorities' needs it", "withdraw the revision instead"),
        ("language", "'language' needs it", "withdraw the revision instead"),
        (
            "who.target_groups[0].who",
            "'who.target_groups[0].who' needs it",
            "the whole row, 'who.target_groups[0]', or",
        ),
        ("lessons.challenges[0].challenge", "'lessons.challenges[0]'", "the whole row, 'lessons.challenges[0]', or"),
        ("who.authorities[0]", "'who.authorities' needs it", "withdraw the revision instead"),
        ("sources[0]", "'references[0].source' needs it", "withdraw the revision instead"),
    ],
)
def test_what_must_be_there_is_refused(path: str, needs: str, instead: str) -> None:
    content = practice(
        who={"target_groups": [{"who": "Nurses", "count": 3}]},
        lessons={"challenges": [{"challenge": "Rain"}]},
        sources=SOURCES,
        references=about("how.summary"),
    )
    with pytest.raises(Invalid) as refused:
        redacted(PRACTICE, content, {}, path)
    (fault,) = refused.value.errors
    assert (fault.location, fault.field, fault.value) == ("body", "path", path)
    assert needs in fault.message
    assert instead in fault.message


def test_what_was_wrong_before_is_no_reason_to_refuse() -> None:
    """As in a revision from before the form asked for more."""
    content = practice(how={"description": "Long"})
    del content["who"]["authorities"]
    made, _ = redacted(PRACTICE, content, {}, "how.description")
    assert made["how"]["description"] is None


ACTIONS = [{"key": "3.1", "text": "Build", "doubts": "Rain"}, {"key": "b", "text": "Teach", "due": "2030"}]


@pytest.mark.parametrize("path", ["plan.actions[key=3.1]", "plan.actions[0]"])
def test_rows_that_have_keys_go_by_either_name(path: str) -> None:
    content = pledge(actions=ACTIONS)
    content["references"] = about("plan.actions[key=3.1].text", "plan.actions[key=b].text", "plan.actions[1]")
    translations = {"es": {"plan.actions[key=3.1].text": text("C"), "plan.actions[key=b].text": text("E")}}
    made, left = redacted(PLEDGE, content, translations, path)
    assert [row["key"] for row in made["plan"]["actions"]] == ["b"]
    assert [row["field"] for row in made["references"]] == ["plan.actions[key=b].text", "plan.actions[0]"]
    assert left == {"es": {"plan.actions[key=b].text": text("E")}}
    assert lasting(PLEDGE, content, path, []) == "plan.actions[key=3.1]"


def test_a_key_that_is_no_name_of_a_row_is_none_in_what_lasts() -> None:
    """Sources have keys of their own, which may be longer than those of rows."""
    long = "a-report-" * 12 + "x"
    sources = [*SOURCES, {"key": long, "kind": "report", "title": "B"}, {"key": "c", "kind": "report", "title": "C"}]
    content = practice(sources=sources)
    assert lasting(PRACTICE, content, "sources[1]", []) == "sources[1]"
    made, _ = redacted(PRACTICE, content, {}, "sources[1]")
    for path in ("sources[1]", "sources[key=c]"):
        assert lasting(PRACTICE, made, path, ["sources[1]"]) == "sources[2]"
        assert [row["key"] for row in redacted(PRACTICE, made, {}, path)[0]["sources"]] == ["report"]


def test_what_is_private_is_redacted_alike_and_keys_are_not() -> None:
    content = pledge(actions=ACTIONS, reservations="None")
    for path in ("plan.actions[key=3.1].doubts", "plan.reservations"):
        made, _ = redacted(PLEDGE, content, {}, path)
        assert value_at(made, path) is None
    for path in ("plan.actions[key=3.1].key", "plan.actions[0].key"):
        with pytest.raises(Invalid, match="others find the row"):
            redacted(PLEDGE, content, {}, path)


@given(data=st.data(), count=st.integers(1, 8))
def test_lasting_paths_name_what_they_named_at_first(data: st.DataObject, count: int) -> None:
    """Whatever is taken out, in whichever order it is repeated on the first content, the same goes."""
    words = [f"w{number}" for number in range(count)]
    content = first = practice(how={"results": words})
    before: list[str] = []
    while content["how"]["results"] and data.draw(st.booleans()):
        path = f"how.results[{data.draw(st.integers(0, len(content['how']['results']) - 1))}]"
        kept = lasting(PRACTICE, content, path, before)
        assert value_at(first, kept) == value_at(content, path)
        assert present(kept, before) == path
        assert kept not in before
        before.append(kept)
        assert present(kept, before) is None
        content, _ = redacted(PRACTICE, content, {}, path)
    again, done = copy.deepcopy(first), []
    for kept in data.draw(st.permutations(before)):
        now = present(kept, done)
        assert now is not None
        again, _ = redacted(PRACTICE, again, {}, now)
        done.append(kept)
    assert again == content


@given(st.data())
def test_lists_within_rows_have_numbers_of_their_own(data: st.DataObject) -> None:
    groups = ["women", "youth", "students"]
    content = first = practice(who={"target_groups": [{"who": f"w{n}", "groups": groups} for n in range(3)]})
    before: list[str] = []
    for _ in range(data.draw(st.integers(1, 6))):
        rows = content["who"]["target_groups"]
        if not rows:
            break
        row = data.draw(st.integers(0, len(rows) - 1))
        path = f"who.target_groups[{row}]"
        if rows[row]["groups"] and data.draw(st.booleans()):
            path += f".groups[{data.draw(st.integers(0, len(rows[row]['groups']) - 1))}]"
        kept = lasting(PRACTICE, content, path, before)
        now, at_first = value_at(content, path), value_at(first, kept)
        assert now["who"] == at_first["who"] if isinstance(now, dict) else now == at_first
        assert present(kept, before) == path
        content, _ = redacted(PRACTICE, content, {}, path)
        before.append(kept)
