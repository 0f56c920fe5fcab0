"""The interface in its languages: catalogues hold just what pages say, all translated, with the same values in it."""

import re

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from services.portal import languages
from services.portal.languages import DEFAULT, LANGUAGES, LOCALES
from tools import messages

TRANSLATED = [lang for lang in LANGUAGES if lang != DEFAULT]
VALUE = re.compile(r"%\((\w+)\)s|%%")
MARKUP = re.compile(r"[<>]")


@pytest.fixture(params=TRANSLATED)
def catalogue(request: pytest.FixtureRequest) -> Catalog:
    with (LOCALES / f"{request.param}.po").open("rb") as file:
        return read_po(file, locale=request.param)


def texts(string: str | tuple[str, ...]) -> tuple[str, ...]:
    return (string,) if isinstance(string, str) else tuple(string)


@pytest.mark.parametrize("lang", TRANSLATED)
def test_catalogues_are_up_to_date(lang: str) -> None:
    kept = (LOCALES / f"{lang}.po").read_bytes()
    assert messages.written(messages.updated(lang)) == kept, "run `make messages`, and translate what is new"


def test_everything_is_translated(catalogue: Catalog) -> None:
    lacking = [message.id for message in catalogue if message.id and not all(texts(message.string))]
    assert lacking == []


def test_translations_hold_the_same_values(catalogue: Catalog) -> None:
    for message in catalogue:
        if not message.id:
            continue
        for said in texts(message.string):
            wanted = [VALUE.findall(text) for text in texts(message.id)]
            assert sorted(VALUE.findall(said)) in [sorted(values) for values in wanted], (message.id, said)
            assert not MARKUP.search(said), said


def test_no_two_languages_are_alike() -> None:
    said = {lang: languages.translations(lang).gettext("Find practices") for lang in LANGUAGES}
    assert len(set(said.values())) == len(LANGUAGES)


@pytest.mark.parametrize(
    ("asked", "kept", "accepted", "expected"),
    [
        (None, None, "", "en"),
        (None, None, "de, fr;q=0.8, it;q=0.9", "it"),
        (None, None, "pt-BR,es-MX;q=0.7", "es"),
        (None, "fr", "it", "fr"),
        ("es", "fr", "it", "es"),
        ("xx", "fr", "it", "fr"),
        ("es-419", None, "", "es"),
        (None, None, "it;q=0, fr;q=nonsense", "en"),
    ],
)
def test_the_language_asked_for_is_shown(asked: str | None, kept: str | None, accepted: str, expected: str) -> None:
    assert languages.preferred(asked, kept, accepted) == expected


def test_languages_written_from_right_to_left() -> None:
    assert [languages.direction(tag) for tag in ("ar", "fa-AF", "he", "en", "sq", "nonsense", "")] == [
        "rtl",
        "rtl",
        "rtl",
        "ltr",
        "ltr",
        "ltr",
        "ltr",
    ]
