"""The programme that is printed: its money, printed or reckoned, each fact with its place, in four languages."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from services.api.forms.paths import value_at
from services.api.types.programme.content import ProgrammeContent
from services.api.types.programme.type import FORM
from tests.harness.paths import SEEDS

PRINTED = yaml.safe_load((SEEDS / "programmes" / "local-authorities-network.yaml").read_text("utf-8"))
SECTIONS = ("about", "people", "money", "course")
ROAD_MAPS = ("bologna", "milan", "tirana")


@pytest.fixture(scope="module")
def told() -> ProgrammeContent:
    valid = FORM.validated(PRINTED["content"])
    assert isinstance(valid, ProgrammeContent)
    return valid


def filled() -> Iterator[tuple[str, Any]]:
    for section in SECTIONS:
        for field, value in PRINTED["content"][section].items():
            yield f"{section}.{field}", value


def texts() -> Iterator[str]:
    """Yield the paths of all free text."""
    yield "provenance.note"
    for path, value in filled():
        if isinstance(value, str) and FORM.question(path).free:
            yield path
        for number, row in enumerate(value if isinstance(value, list) else []):
            if isinstance(row, str):
                yield f"{path}[{number}]"
                continue
            for cell, text in row.items():
                if isinstance(text, str) and FORM.column(f"{path}[{number}].{cell}").free:
                    yield f"{path}[key={row['key']}].{cell}"


def test_road_maps_are_linked_to_it_and_its_sums_are_theirs(told: ProgrammeContent) -> None:
    maps = [yaml.safe_load((SEEDS / "road-maps" / f"{name}.yaml").read_text("utf-8"))["content"] for name in ROAD_MAPS]
    slug = told.about.title.lower().replace(" ", "-")
    assert all(f"programme/{slug}" in [link.get("to") for link in one["links"]] for one in maps)
    sums = {row.key: (row.amount, row.basis) for row in told.money.sums}
    assert sums["single-road-maps"] == (sum(one["budget"]["total"] for one in maps), "computed")
    assert sums["difference"] == (3175, "printed")
    assert sums["all-road-maps"] == (sums["single-road-maps"][0] + sums["difference"][0], "computed")
    for name, one in zip(ROAD_MAPS[:2], maps[:2], strict=True):
        (line,) = (line for line in one["budget"]["lines"] if line["kind"] == "experts")
        assert sums[f"experts-{name}"] == (line["amount"], "printed")


def test_shares_of_both_partners_are_the_whole_budget(told: ProgrammeContent) -> None:
    shares = {row.key: row.share for row in told.money.shares}
    assert shares == {"iom": 45.52, "cespi": 54.48, "road-maps": 32.35}
    assert shares["iom"] + shares["cespi"] == pytest.approx(100)


def test_every_fact_has_its_place_in_a_source(told: ProgrammeContent) -> None:
    references = {reference.field for reference in told.references}
    for path, value in filled():
        items = [
            f"{path}[key={row['key']}]" if isinstance(row, dict) else f"{path}[{number}]"
            for number, row in enumerate(value if isinstance(value, list) else ())
        ]
        assert path in references or references.issuperset(items or [path]), f"{path} has no reference"
    assert told.rights


@pytest.mark.parametrize("language", ["es", "fr", "it"])
def test_every_text_is_in_four_languages_with_its_figures(told: ProgrammeContent, language: str) -> None:
    def figures(text: str) -> list[str]:
        return sorted(re.sub(r"\D", "", figure) for figure in re.findall(r"\d(?:[.,\u00a0]?\d)*", text))

    translated = PRINTED["translations"][language]
    assert translated.keys() == set(texts())
    for path, translation in translated.items():
        assert figures(translation["text"]) == figures(str(value_at(told, path))), path
