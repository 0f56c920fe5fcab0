"""Which concepts a question names, and with which of its words."""

import pytest

from services.search.thesaurus import Thesaurus

TERMS = [
    {"code": "origin", "labels": {"en": "countries of origin", "es": "países de origen"}},
    {"code": "workers", "labels": {"en": "seasonal workers", "es": "temporeros"}},
]


@pytest.mark.parametrize(
    ("asked", "written"),
    [
        ("seasonal -workers", []),
        ('fruit -"seasonal workers" temporeros', ["temporeros"]),
        ('"seasonal workers" -fruit', []),
        ("countries-of-origin", ["countries of origin"]),
    ],
)
def test_what_is_excluded_or_quoted_names_nothing(asked: str, written: list[str]) -> None:
    assert [named.written for named in Thesaurus.read(TERMS).named_in(asked)] == written


@pytest.mark.parametrize(
    ("asked", "written"),
    [
        ("who has worked with a country of origin and what came of it?", ["country of origin"]),
        ("the countries of origin", ["countries of origin"]),
        ("qué hacen con el temporero y su país de origen", ["temporero", "país de origen"]),
        ("a seasonal worker", ["seasonal worker"]),
    ],
)
def test_small_words_around_a_name_are_no_part_of_it(asked: str, written: list[str]) -> None:
    assert [named.written for named in Thesaurus.read(TERMS).named_in(asked)] == written


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("tempoeros", [(("tempoeros",), ("temporeros",))]),
        ("seasonal wrokers", [(("seasonal", "wrokers"), ("seasonal", "workers"))]),
        ("seasonal workers", []),
        ("temporeros and workes", []),
        ("tmeproeros", []),
    ],
)
def test_a_misspelt_name_is_guessed(asked: str, meant: list[tuple[tuple[str, ...], tuple[str, ...]]]) -> None:
    named = Thesaurus.read(TERMS).named_in(asked)
    assert [(one.asked, one.meant) for one in named if one.meant] == meant
