"""Every question, column, section and rule is worded in every language, and nothing else is."""

import tomllib

import pytest
import yaml

from services.api.forms.form import Form
from services.api.forms.workbook import words as workbook
from services.api.types.practice.type import FORM
from services.api.vocabularies.terms import LANGUAGES
from tests.harness.paths import ROOT
from tests.harness.types.pledge.type import FORM as PLEDGE

FOLDER = FORM.folder
WORDS = FORM.words
OTHERS = [language for language in LANGUAGES if language != "en"]
FORMS = pytest.mark.parametrize("form", [FORM, PLEDGE], ids=["practice", "pledge"])
PATHS = [
    path for asked in FORM.questions for path in (asked.path, *(f"{asked.path}[0].{one.path}" for one in asked.columns))
]
LONGEST_LABEL = 60


def test_there_is_a_file_for_every_language() -> None:
    assert {path.stem for path in FOLDER.iterdir()} == {"form", "sections", *OTHERS}
    packaged = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"][
        "package-data"
    ]
    assert {path for pattern in packaged["services.api.types.practice"] for path in FOLDER.parent.glob(pattern)} == set(
        FOLDER.iterdir()
    )


@FORMS
@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_is_worded_and_nothing_superfluous(form: Form, language: str) -> None:
    worded = form.words
    assert set(worded.of(language)) == {
        key for asked in form.questions for one in (asked, *asked.columns) for key in one.keys
    }
    assert set(worded.rules(language)) == {rule.name for rule in form.rules}
    assert list(worded.titles) == list(form.sections)
    texts = [text for words in worded.of(language).values() for text in words]
    texts += [*worded.rules(language).values(), *(titles[language] for titles in worded.titles.values())]
    texts += [said[language] for said in worded.form.values()]
    for text in texts:
        assert text == text.strip() != "", text
        assert "\n" not in text
    for words in worded.of(language).values():
        assert len(words.label) <= LONGEST_LABEL
    assert all(text.endswith(".") for text in worded.rules(language).values())
    assert all(set(said) == set(LANGUAGES) for said in [*worded.titles.values(), *worded.form.values()])
    assert worded.about("title", f"{language}-XX") == worded.form["title"][language]
    assert worded.about("nothing", language) is None


@FORMS
def test_what_a_form_says_of_itself_takes_the_place_of_what_a_workbook_says_of_any(form: Form) -> None:
    assert all(workbook.has(name) for name in form.words.form)


@FORMS
@pytest.mark.parametrize("language", OTHERS)
def test_a_file_holds_its_groups_alone_in_the_order_of_the_questionnaire(form: Form, language: str) -> None:
    printed = yaml.safe_load((form.folder / f"{language}.yaml").read_text(encoding="utf-8"))
    assert list(printed) == ["questions", "columns", "rules"]
    order = list(dict.fromkeys(asked.keys[0] for asked in form.questions))
    assert list(printed["questions"]) == order
    assert all("." in key and key[0].isupper() for key in printed["columns"])
    english = form.words.of("en")
    same = [key for key, words in form.words.of(language).items() if words.help == english[key].help]
    assert not same, "not translated"


@pytest.mark.parametrize("language", LANGUAGES)
def test_labels_tell_the_columns_of_a_row_apart(language: str) -> None:
    for asked in FORM.questions:
        labels = [FORM.label(f"{asked.path}[1].{one.path}", language) for one in asked.columns]
        assert len(labels) == len(set(labels)), asked.path
    for section in FORM.sections:
        labels = [FORM.label(asked.path, language) for asked in FORM.questions if asked.section == section]
        assert len(labels) == len(set(labels)), section


@pytest.mark.parametrize("path", PATHS)
def test_english_is_that_of_the_catalogue(path: str) -> None:
    assert FORM.label(path, "en") == FORM.label(path, "xx") == FORM.label(path)
    found = next(
        one
        for asked in FORM.questions
        for one in (asked, *asked.columns)
        if path in (asked.path if one is asked else f"{asked.path}[0].{one.path}",)
    )
    assert (FORM.label(path), FORM.help(path)) == (found.label, found.help)


def test_languages_fall_to_their_base_and_then_to_english() -> None:
    for lang, said in (("es", "Resultados"), ("es-MX", "Resultados"), ("pt-BR", "Results"), ("", "Results")):
        assert FORM.label("how.results[3]", lang) == said
    assert FORM.label("initiative.budget_sources[0].amount.period.start", "fr") == "Apport – Période – Du"
    assert FORM.label("initiative.budget_sources[0].amount", "it") == "Origine dei fondi", "a part is no column"
    assert FORM.help("who.authorities[0].name", "it-CH") == "Nome come riportato nella fonte, se ce n'è una"
    assert WORDS.section("why", "fr-BE") == "Pourquoi est-ce une bonne pratique ?"
    assert WORDS.rule("shares", "es").startswith("Los porcentajes")
    for lookup in (FORM.label, FORM.help, WORDS.section, WORDS.rule):
        with pytest.raises(KeyError):
            lookup("nothing", "es")
