"""Public records made searchable: every word is found, in its language and weight; nothing else is."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.api.types.practice.content import PracticeContent
from services.search.document import document, plan
from services.search.engines.base import Text
from services.search.forms import trees
from services.search.types.practice import years
from tests.search.support import FORM, TERMS, Json, authority, practice, uid, vocabulary

CODED = {
    "language": "en",
    "url": "https://example.org",
    "websites": "https://example.org",
    "start": "2001",
    "end": "2002",
    "authority": "some-place",
    "to": "practice/some-place",
    "key": "k",
    "source": "k",
}
UNSEARCHED = {"place": "where a fact stands in a printed source"}


def filled(schema: Json, whole: Json, name: str, words: Iterator[str], found: set[str]) -> Any:
    """Return a value of a schema in which every free text is a word of its own, noted in `found`."""
    if "$ref" in schema:
        return filled(whole["$defs"][schema["$ref"].rsplit("/", 1)[1]], whole, name, words, found)
    if "anyOf" in schema:
        return filled(schema["anyOf"][0], whole, name, words, found)
    if schema.get("type") == "object":
        return {key: filled(held, whole, key, words, found) for key, held in schema["properties"].items()}
    if schema.get("type") == "array":
        return [] if name == "references" else [filled(schema["items"], whole, name, words, found)]
    if schema.get("type") != "string":
        return {"boolean": False, "integer": 2000, "number": 1}[schema.get("type", "number")]
    if "enum" in schema:
        return schema["enum"][0]
    if name in CODED:
        return CODED[name]
    word = next(words)
    if name not in UNSEARCHED:
        found.add(word)
    return word


def complete() -> tuple[Json, set[str]]:
    """Return a practice with every field of the questionnaire filled, and its free texts."""
    schema, found = PracticeContent.model_json_schema(), set[str]()
    content = filled(schema, schema, "", (f"word{number}" for number in range(10_000)), found)
    content["initiative"]["countries"][0]["region"] = None
    content["links"][0]["to"] = None
    content["when"]["end"] = None
    content["when"]["ongoing"] = True
    record = practice(1)
    record["content"] = PracticeContent.model_validate(content).model_dump(mode="json")
    return record, found


def lines(texts: tuple[Text, ...], part: str | None = None, language: str | None = None) -> set[str]:
    return {
        line
        for text in texts
        if part in (None, text.part) and language in (None, text.language)
        for line in text.value.split("\n")
    }


PLANS = {"practice": plan("practice", trees(FORM)["practice"])}


def test_every_free_text_is_searched_and_no_code() -> None:
    record, expected = complete()
    assert len(expected) > 60
    assert lines(document(1, record, {}, PLANS).texts) == expected


def test_weights() -> None:
    record, _ = complete()
    content = record["content"]
    texts = document(1, record, TERMS, PLANS).texts
    assert lines(texts, "title") == {content["initiative"]["title"]}
    assert lines(texts, "summary") == {content["how"]["summary"]}
    assert lines(texts, "key") == {
        content["how"]["goal"],
        *content["how"]["objectives"],
        *content["why"]["success_factors"],
    }


def test_translations_are_searched_in_their_own_language_and_weight() -> None:
    translations = {
        "it": {
            "initiative.title": {"text": "Titolo", "status": "machine"},
            "how.objectives[0]": {"text": "Obiettivo", "status": "human"},
            "how.results[0]": {"text": "Risultato", "status": "human"},
        }
    }
    content = {"how": {"objectives": ["Aim"], "results": ["Result"]}}
    made = document(1, practice(1, "Title", content, translations=translations), {})
    assert lines(made.texts, "title", "it") == {"Titolo"}
    assert lines(made.texts, "title", "en") == {"Title"}
    assert lines(made.texts, "key", "it") == {"Obiettivo"}
    assert lines(made.texts, "body", "it") == {"Risultato"}
    assert made.sort_titles == {"en": "Title", "it": "Titolo", "": "Title"}


def test_labels_and_names_are_searched_in_every_language() -> None:
    place = authority(7, "roma", "Roma", {"en": "Rome", "fr": "Rome"})
    content = {
        "initiative": {"countries": [{"country": "SN", "roles": ["origin"]}, {"region": "015"}]},
        "what": {"priorities": [{"priority": "remittances", "assessed_by": "source"}]},
    }
    texts = document(1, practice(1, content=content, authorities=(place,)), TERMS).texts
    assert {"Senegal", "Northern Africa", "Remittances", "Rome"} <= lines(texts, "name", "en")
    assert {"Sénégal", "Afrique septentrionale", "Rome"} <= lines(texts, "name", "fr")
    assert "Rimesse" in lines(texts, "name", "it")
    assert "Roma" in lines(texts, "name")


@pytest.mark.parametrize(
    ("when", "source_year", "span"),
    [
        ({}, 2010, None),
        ({"start": "1999"}, 2010, (1999, 1999)),
        ({"end": "2004-05"}, 2010, (2004, 2004)),
        ({"start": "1999-12-31", "end": "2004"}, 2010, (1999, 2004)),
        ({"start": "1999", "ongoing": True}, 2010, (1999, 2010)),
        ({"start": "1999", "ongoing": True}, None, (1999, 2026)),
        ({"start": "2012", "ongoing": True}, 2010, (2012, 2012)),
        ({"ongoing": True}, 2010, None),
        ({"phases": [{"name": "First", "start": "1990", "end": "1991"}], "start": "1995"}, 2010, (1990, 1995)),
    ],
)
def test_years(when: Json, source_year: int | None, span: tuple[int, int] | None) -> None:
    record = practice(1, content={"when": when, "provenance": {"source_year": source_year}})
    assert years(record) == span
    numbers = document(1, record, {}).numbers
    assert (numbers.get("year_from"), numbers.get("year_to")) == (span or (None, None))


@pytest.mark.parametrize(
    ("start", "day"), [(None, None), ("1999", 19990000), ("1999-05", 19990500), ("1999-05-07", 19990507)]
)
def test_start(start: str | None, day: int | None) -> None:
    assert document(1, practice(1, content={"when": {"start": start}}), {}).start == day


def test_only_total_costs_count_each_in_its_currency() -> None:
    sums = [
        {"amount": 5, "currency": "EUR", "scope": "part"},
        {"amount": 100, "currency": "EUR", "scope": "total"},
        {"amount": 250.5, "currency": "EUR", "scope": "total"},
        {"amount": 7, "currency": "USD", "scope": "total"},
    ]
    numbers = document(1, practice(1, content={"initiative": {"budget": sums}}), {}).numbers
    assert numbers == {"budget:EUR": 250.5, "budget:USD": 7, "completeness": 46}


def test_what_is_told_of_review_is_shown_and_filtered_by_and_not_searched() -> None:
    told = {"tier": "peer-reviewed", "state": "archived", "completeness": {"snapshot": 90, "full": 61}}
    made = document(1, practice(1, **told), TERMS)
    plain = document(1, practice(1), TERMS)
    assert {name: made.facets[name] for name in told} == {
        "tier": ("peer-reviewed",),
        "state": ("archived",),
        "completeness": ("50-74",),
    }
    assert (made.numbers["completeness"], made.completeness) == (61, 61)
    hit = json.loads(made.hit)
    assert {name: hit[name] for name in told} == told
    assert made.texts == plain.texts


def test_a_record_of_an_older_base_is_indexed_without_it() -> None:
    older = practice(1)
    for name in ("tier", "state", "completeness"):
        del older[name]
    made = document(1, older, TERMS)
    assert (made.facets["tier"], made.facets["state"], made.facets["completeness"]) == ((), (), ())
    assert (made.completeness, "completeness" in made.numbers) == (None, False)
    hit = json.loads(made.hit)
    assert (hit["tier"], hit["state"], hit["completeness"]) == (None, None, None)


@pytest.mark.parametrize("percent", [-1, 101, float("nan"), "46", [46]])
def test_a_completeness_that_is_no_percentage_is_refused(percent: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        document(1, practice(1, completeness={"full": percent}), TERMS)


REQUIRED = {
    (),
    ("id",),
    ("type",),
    ("slug",),
    ("content",),
    ("content", "language"),
    ("content", "initiative"),
    ("content", "initiative", "title"),
    ("content", "how"),
    ("content", "how", "summary"),
    ("content", "provenance"),
    ("content", "provenance", "kind"),
}


def paths(value: Any, at: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield at
    if isinstance(value, dict) and len(at) < 3:
        for key, held in value.items():
            yield from paths(held, (*at, key))


COMPLETE = complete()[0]


@given(st.sets(st.sampled_from(sorted(set(paths(COMPLETE)) - REQUIRED)), max_size=30))
def test_whatever_is_optional_may_be_missing(missing: set[tuple[str, ...]]) -> None:
    record = copy.deepcopy(COMPLETE)
    for *above, last in missing:
        held = record
        for step in above:
            held = held.get(step, {})
        held.pop(last, None)
    assert document(1, record, TERMS).id == record["id"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda held: st.lists(held, max_size=3) | st.dictionaries(st.text(max_size=5), held, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from(sorted(set(paths(COMPLETE)) - {(), ("type",)})), JSON)
def test_what_is_not_of_the_shape_is_refused_in_a_known_way(path: tuple[str, ...], value: Any) -> None:
    record = copy.deepcopy(COMPLETE)
    held = record
    for step in path[:-1]:
        held = held[step]
    held[path[-1]] = value
    try:
        document(1, record, TERMS)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError):
        return


def test_vocabularies_are_kept_and_never_found() -> None:
    record = vocabulary("priorities")
    made = document(3, record, TERMS)
    assert (made.type, made.id, made.seq, made.texts) == (record["type"], record["id"], 3, ())
    with pytest.raises(KeyError):
        document(1, {"type": "authority", "id": uid(1), "slug": "x"}, {})
    with pytest.raises(TypeError):
        document(1, {"type": "vocabulary", "id": "x", "terms": [1]}, {})
