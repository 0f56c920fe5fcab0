"""Every question, column, section and rule is worded in every language, and nothing else is."""

import tomllib

import pytest
import yaml

from services.api.forms import wording
from services.api.forms.form import QUESTIONS, SECTIONS
from services.api.types.practice.rules import RULES
from services.api.vocabularies.terms import LANGUAGES
from tests.harness.paths import ROOT

FOLDER = ROOT / "services" / "api" / "questionnaire" / "wording"
OTHERS = [language for language in LANGUAGES if language != "en"]
KEYS = {key for asked in QUESTIONS for one in (asked, *asked.columns) for key in one.keys}
PATHS = [
    path for asked in QUESTIONS for path in (asked.path, *(f"{asked.path}[0].{one.path}" for one in asked.columns))
]
LONGEST_LABEL = 60


def test_there_is_a_file_for_every_language() -> None:
    assert {path.stem for path in FOLDER.iterdir()} == {"sections", *OTHERS}
    packaged = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"][
        "package-data"
    ]
    assert {path for pattern in packaged["services.api.forms"] for path in FOLDER.parent.glob(pattern)} == set(
        FOLDER.iterdir()
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_is_worded_and_nothing_superfluous(language: str) -> None:
    assert set(wording.words(language)) == KEYS
    assert set(wording.rules(language)) == {rule.name for rule in RULES}
    assert list(wording.titles()) == list(SECTIONS)
    texts = [text for words in wording.words(language).values() for text in words]
    texts += [*wording.rules(language).values(), *(titles[language] for titles in wording.titles().values())]
    for text in texts:
        assert text == text.strip() != "", text
        assert "\n" not in text
    for words in wording.words(language).values():
        assert len(words.label) <= LONGEST_LABEL
    assert all(text.endswith(".") for text in wording.rules(language).values())
    assert all(set(titles) == set(LANGUAGES) for titles in wording.titles().values())


@pytest.mark.parametrize("language", OTHERS)
def test_a_file_holds_its_groups_alone_in_the_order_of_the_questionnaire(language: str) -> None:
    printed = yaml.safe_load((FOLDER / f"{language}.yaml").read_text(encoding="utf-8"))
    assert list(printed) == ["questions", "columns", "rules"]
    order = list(dict.fromkeys(asked.keys[0] for asked in QUESTIONS))
    assert list(printed["questions"]) == order
    assert all("." in key and key[0].isupper() for key in printed["columns"])
    same = [key for key, words in wording.words(language).items() if words.help == wording.words("en")[key].help]
    assert not same, "not translated"


@pytest.mark.parametrize("language", LANGUAGES)
def test_labels_tell_the_columns_of_a_row_apart(language: str) -> None:
    for asked in QUESTIONS:
        labels = [wording.label(f"{asked.path}[1].{one.path}", language) for one in asked.columns]
        assert len(labels) == len(set(labels)), asked.path
    for section in SECTIONS:
        labels = [wording.label(asked.path, language) for asked in QUESTIONS if asked.section == section]
        assert len(labels) == len(set(labels)), section


@pytest.mark.parametrize("path", PATHS)
def test_english_is_that_of_the_catalogue(path: str) -> None:
    assert wording.label(path, "en") == wording.label(path, "xx") == wording.label(path)
    found = next(
        one
        for asked in QUESTIONS
        for one in (asked, *asked.columns)
        if path in (asked.path if one is asked else f"{asked.path}[0].{one.path}",)
    )
    assert (wording.label(path), wording.help(path)) == (found.label, found.help)


def test_languages_fall_to_their_base_and_then_to_english() -> None:
    for lang, said in (("es", "Resultados"), ("es-MX", "Resultados"), ("pt-BR", "Results"), ("", "Results")):
        assert wording.label("how.results[3]", lang) == said
    assert wording.label("initiative.budget_sources[0].amount.period.start", "fr") == "Apport – Période – Du"
    assert wording.label("initiative.budget_sources[0].amount", "it") == "Origine dei fondi", "a part is no column"
    assert wording.help("who.authorities[0].name", "it-CH") == "Nome come riportato nella fonte, se ce n'è una"
    assert wording.section("why", "fr-BE") == "Pourquoi est-ce une bonne pratique ?"
    assert wording.rule("shares", "es").startswith("Los porcentajes")
    for lookup in (wording.label, wording.help, wording.section, wording.rule):
        with pytest.raises(KeyError):
            lookup("nothing", "es")
