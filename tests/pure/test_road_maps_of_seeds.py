"""The road maps that are printed: what is planned and for which money, each fact with its place, in four languages."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from services.api.forms.paths import value_at
from services.api.types.road_map.content import RoadMapContent
from services.api.types.road_map.rules import LARGEST_DIFFERENCE, share
from services.api.types.road_map.type import FORM
from tests.harness.paths import SEEDS

PRINTED = {path.stem: yaml.safe_load(path.read_text("utf-8")) for path in sorted((SEEDS / "road-maps").glob("*.yaml"))}
SECTIONS = ("about", "people", "plan", "budget", "outcome")
LANGUAGES = ("es", "fr", "it")
PROPER = (".name", ".by")
"""Cells that may hold a name that is the same in every language."""

PLANNED = {
    "bologna": (3, 5, 34925, {"human-resources": 33925, "experts": 3700, "other-organisations": 30225}),
    "milan": (2, 3, 32500, {"human-resources": 28000, "experts": 11500, "other-organisations": 0}),
    "tirana": (1, 3, 34400, {"human-resources": None, "experts": None, "other-organisations": 34400}),
}
"""Areas, activities, total and lines as they are printed, in euros; what is not available has no sum."""


def content(name: str) -> RoadMapContent:
    valid = FORM.validated(PRINTED[name]["content"])
    assert isinstance(valid, RoadMapContent)
    return valid


def filled(name: str) -> Iterator[tuple[str, Any]]:
    for section in SECTIONS:
        for field, value in PRINTED[name]["content"].get(section, {}).items():
            yield f"{section}.{field}", value


def texts(name: str) -> Iterator[str]:
    """Yield the paths of all free text of a road map."""
    yield "provenance.note"
    for path, value in filled(name):
        rows = value if isinstance(value, list) else []
        if isinstance(value, str) and FORM.question(path).free:
            yield path
        for number, row in enumerate(rows):
            if isinstance(row, str):
                yield f"{path}[{number}]"
                continue
            for cell, text in row.items():
                if isinstance(text, str) and FORM.column(f"{path}[{number}].{cell}").free:
                    yield f"{path}[key={row['key']}].{cell}"


@pytest.mark.parametrize("name", PLANNED)
def test_areas_activities_and_sums_are_those_printed(name: str) -> None:
    told = content(name)
    areas, activities, total, lines = PLANNED[name]
    assert len(told.plan.areas) == areas
    assert len(told.plan.activities) == activities
    assert told.budget.total == total
    assert {line.kind: line.amount for line in told.budget.lines} == lines
    assert all(line.not_available is (line.amount is None) for line in told.budget.lines)
    assert told.budget.currency == "EUR"
    assert not any(activity.start or activity.end for activity in told.plan.activities)


@pytest.mark.parametrize("name", PRINTED)
def test_printed_shares_are_what_the_sums_make(name: str) -> None:
    budget = content(name).budget
    for line in budget.lines:
        if line.share is not None:
            assert line.amount is not None
            assert budget.total
            assert abs(share(float(line.amount), float(budget.total)) - line.share) <= LARGEST_DIFFERENCE


@pytest.mark.parametrize("name", PRINTED)
def test_every_fact_has_its_place_in_a_source(name: str) -> None:
    told = content(name)
    references = {reference.field for reference in told.references}
    for path, value in filled(name):
        items = (
            f"{path}[key={row['key']}]" if isinstance(row, dict) else f"{path}[{number}]"
            for number, row in enumerate(value if isinstance(value, list) else ())
        )
        assert path in references or references.issuperset(list(items) or [path]), f"{path} has no reference"
    assert all(link.source and link.place for link in told.links)
    assert told.provenance.kind == "extracted"
    assert told.provenance.source_year
    assert told.rights


@pytest.mark.parametrize("name", PRINTED)
def test_each_lead_has_a_place_of_its_own(name: str) -> None:
    told = content(name)
    references = {reference.field for reference in told.references}
    assert references >= {f"people.leads[key={lead.key}]" for lead in told.people.leads}
    assert len({lead.name for lead in told.people.leads}) == len(told.people.leads)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PRINTED)
def test_every_text_is_in_four_languages(name: str, language: str) -> None:
    translated = PRINTED[name]["translations"][language]
    missing = [path for path in texts(name) if path not in translated and not path.endswith(PROPER)]
    assert not missing
    assert translated.keys() <= set(texts(name))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PRINTED)
def test_translations_keep_the_figures(name: str, language: str) -> None:
    def figures(text: str) -> list[str]:
        return sorted(re.sub(r"\D", "", figure) for figure in re.findall(r"\d(?:[.,\u00a0]?\d)*", text))

    told = content(name)
    for path, translation in PRINTED[name]["translations"][language].items():
        if path.startswith(("about.", "budget.", "outcome.")) and "adoption" not in path:
            assert figures(translation["text"]) == figures(str(value_at(told, path))), path
