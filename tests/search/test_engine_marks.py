"""What every engine marks in hits: escaped, in the reader's language, with the passage that answers.

Engines may mark a word that was begun to its end or only as far as it was typed, and choose passages differently.
"""

import html
import re
from collections.abc import Iterator, Mapping

import orjson
import pytest

from services.search.engines.base import Engine, Query
from tests.search.engine_support import Places, document

NOTHING = "nada " * 200
ODD = "\x02\x03\ue000\ue001\u200b\ufeff&lt;mark&gt;<mark></mark>pepino<em>\U000f0000"

RECORDS = [
    document(
        "a",
        titles={"es": "Fresas <b> & retorno", "en": "Strawberries <i> & return"},
        summaries={"es": "Trabajo de fresas"},
        language="es",
        texts=(("body", "es", f"<script> {NOTHING} las fresas 'rojas' {NOTHING}"),),
    ),
    document("b", titles={"en": "Blueberries", "es": "Arándanos rojos"}, language="en"),
    document(
        "c",
        "Title",
        texts=(
            ("body", "en", "They send remittances home"),
            ("body", "es", "Envían remittances a casa"),
            ("name", "en", "Remittances\nSenegal\nRemittances of migrants in Senegal"),
        ),
    ),
    document("d", f"Ensalada {ODD}", summaries={"en": f"{ODD} again"}, texts=(("body", "en", f"more {ODD}"),)),
    document("e", "L'éducation <à> distance", language="fr"),
    document("f", titles={"pt-BR": "Cooperativa de mulheres", "fr": "Coopérative de femmes"}, language="fr"),
]


@pytest.fixture(scope="module")
def engine(places: Places) -> Iterator[Engine]:
    with places.holding(RECORDS) as engine:
        yield engine


def marks(engine: Engine, asked: str, language: str | None = None) -> Mapping[str, str]:
    (hit,) = engine.search(Query(asked, language=language)).hits
    return hit.highlights


def marked(text: str) -> list[str]:
    return [html.unescape(one) for one in re.findall("<mark>(.*?)</mark>", text)]


@pytest.mark.parametrize("language", [None, "es", "es-MX", "sq"])
def test_title_and_summary_are_marked_and_escaped(engine: Engine, language: str | None) -> None:
    found = marks(engine, "fresas", language)
    assert found["title"] == "<mark>Fresas</mark> &lt;b&gt; &amp; retorno"
    assert found["summary"] == "Trabajo de <mark>fresas</mark>"


def test_a_passage_is_cut_around_the_word_and_tells_its_language(engine: Engine) -> None:
    found = marks(engine, "fresas")
    assert "las <mark>fresas</mark> &#x27;rojas&#x27;" in found["text"]
    assert len(found["text"]) < 400
    assert found["text"].startswith("…")
    assert found["text"].endswith("…")
    assert found["text_language"] == "es"


def test_what_the_reader_sees_is_marked_alone(engine: Engine) -> None:
    assert marks(engine, "strawberies", "en") == {"title": "<mark>Strawberries</mark> &lt;i&gt; &amp; return"}
    assert "title" not in marks(engine, "strawberries", "es")


@pytest.mark.parametrize("language", ["es", "es-MX"])
def test_marks_fall_back_as_what_is_shown_does(engine: Engine, language: str) -> None:
    assert marks(engine, "arandanos", language) == {"title": "<mark>Arándanos</mark> rojos"}
    assert marks(engine, "mulheres", "pt") == {"title": "Cooperativa de <mark>mulheres</mark>"}
    assert marks(engine, "femmes", "sq") == {"title": "Coopérative de <mark>femmes</mark>"}


def test_accents_apostrophes_and_typos_are_marked_as_they_are_written(engine: Engine) -> None:
    assert "<mark>éducation</mark> &lt;à&gt; distance" in marks(engine, "education")["title"]
    assert marks(engine, "blueberies")["title"] == "<mark>Blueberries</mark>"


def test_a_word_begun_is_marked_from_its_beginning(engine: Engine) -> None:
    assert marks(engine, "blueb")["title"].startswith("<mark>Blueb")


def test_each_word_is_marked(engine: Engine) -> None:
    assert marked(marks(engine, "cooperative femmes")["title"]) == ["Coopérative", "femmes"]


def test_passages_are_in_the_reader_s_language(engine: Engine) -> None:
    found = marks(engine, "remittances")
    assert (found["text_language"], found["text"]) == ("en", "They send <mark>remittances</mark> home")
    found = marks(engine, "remittances", "es-MX")
    assert (found["text_language"], found["text"]) == ("es", "Envían <mark>remittances</mark> a casa")


def test_names_of_codes_are_quoted_only_for_want_of_better(engine: Engine) -> None:
    found = marks(engine, "senegal remittances", "en")
    assert (found["text_language"], found["text"]) == ("en", "They send <mark>remittances</mark> home")
    assert set(marks(engine, "title senegal")) == {"title"}
    only = marks(engine, "senegal", "en")
    assert set(only) == {"text", "text_language", "text_place"}
    assert set(marked(only["text"])) == {"Senegal"}


def test_nothing_but_words_is_marked_whatever_the_text_holds(engine: Engine) -> None:
    found = marks(engine, "pepino")
    assert set(found) == {"title", "summary", "text", "text_language", "text_place"}
    for name in ("title", "summary", "text"):
        assert marked(found[name]) == ["pepino"]
        bare = found[name].replace("<mark>", "").replace("</mark>", "")
        assert "<" not in bare
        assert html.unescape(bare).strip("…") in {f"Ensalada {ODD}", f"{ODD} again", f"more {ODD}"}


def test_a_question_without_words_marks_nothing(engine: Engine) -> None:
    assert all(not hit.highlights for hit in engine.search(Query()).hits)


def test_stored_records_come_back_as_they_were_given(engine: Engine) -> None:
    shown = {one.id: orjson.loads(one.hit) for one in RECORDS}
    assert {hit.id: hit.stored for hit in engine.search(Query(per_page=100)).hits} == shown
    assert [hit.stored for hit in engine.search(Query("fresas")).hits] == [shown["a"]]
