"""The Meilisearch engine's layout: codes and texts survive it, here and on a real server."""

import shutil
import unicodedata
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import services.search.facets
from services.search.engines.base import Text
from services.search.engines.meilisearch.schema import (
    DELETED,
    LONGEST_CHUNK,
    LONGEST_TITLE_KEY,
    STATE,
    VERSION,
    State,
    chunks,
    lay_out,
    plain,
    safe,
    state_of,
    tombstone,
    version,
)
from tests.search.engine_support import document

SEARCH = Path(services.search.facets.__file__).parent

anything = st.text(max_size=40).map(lambda text: text.encode("utf-8", "replace").decode())


@given(anything)
@example("_")
@example("_5f_")
@example("EUR:100k-1m")
@example("ẞſK\u0130")
def test_codes_come_back_as_they_were_and_the_server_changes_none(code: str) -> None:
    written = safe(code)
    assert plain(written) == code
    assert unicodedata.normalize("NFKD", written).lower().strip() == written
    assert set(written) <= set("abcdefghijklmnopqrstuvwxyz0123456789-_")
    assert written not in (STATE, DELETED)


@given(st.text(alphabet=st.sampled_from("ab _-5fA\u00e9"), max_size=8), st.text(alphabet="ab _-5fA\u00e9", max_size=8))
def test_different_codes_stay_different(one: str, other: str) -> None:
    assert (safe(one) == safe(other)) == (one == other)


pieces = st.sampled_from(["a", "word", " ", "  ", "\n", ";", ". ", "e\u0301", "漢字", "مَ", "-", "_", "x" * 30])


@given(st.lists(st.tuples(pieces, st.sampled_from([1, 7, 3_000, 21_000])), max_size=6))
def test_chunks_lose_nothing_and_are_small(runs: list[tuple[str, int]]) -> None:
    text = "".join(piece * times for piece, times in runs)
    cut = list(chunks(text))
    assert "".join(cut) == text
    assert all(0 < len(chunk) <= LONGEST_CHUNK for chunk in cut)
    for before, after in pairwise(cut):
        if any(sign.isspace() for sign in before):
            assert not (before[-1].isalnum() and after[0].isalnum())


def test_ordinary_texts_are_cut_seldom() -> None:
    prose = "Remittances, which families send home, build houses. Schools too (some of them); wells. " * 1_000
    assert len(list(chunks(prose))) == len(prose) // LONGEST_CHUNK + 1


def test_texts_of_one_part_and_language_are_numbered() -> None:
    laid = lay_out(document("a", texts=(("body", "es", "uno"), ("body", "en", "x " * 15_000), ("body", "en", "two"))))
    assert {number: set(languages) for number, languages in laid["body"].items()} == {
        "0": {"en", "es"},
        "1": {"en"},
        "2": {"en"},
    }
    assert laid["body"]["2"]["en"] == "two"
    assert laid["searched"] is True


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": ""},
        {"id": "x" * 469},
        {"id": "É" * 120},
        {"facets": {"f": ("x" * 469,)}},
        {"facets": {"f": ("",)}},
        {"slug": "x" * 500},
        {"numbers": {"n": float("nan")}},
        {"hit": b"{"},
    ],
)
def test_what_no_index_could_hold_is_refused(wrong: dict[str, object]) -> None:
    fields = {"id": "a", "texts": (), **wrong}
    with pytest.raises(ValueError, match=r"its|unexpected|JSON"):
        lay_out(document(**fields))  # type: ignore[arg-type]  # wrong on purpose


def test_titles_order_by_language_and_are_bounded() -> None:
    laid = lay_out(document("a", "Ésta", titles={"es": "Ésta", "sq": "Kjo"}, texts=()))
    assert laid["by_title"] == dict.fromkeys(("any", "en", "es", "fr", "it", "ar"), "0esta")
    laid = lay_out(document("a", "漢" * 500))
    assert len(laid["by_title"]["any"].encode()) <= LONGEST_TITLE_KEY


def test_titles_order_by_their_letters_in_plain_signs_that_a_server_leaves_alone() -> None:
    titles = ["", "9", "a", "a b", "z", "ж", "ع", "が", "中", "가", "각", "𐐷"]
    keys = [lay_out(document("a", title))["by_title"]["any"] for title in titles]
    assert keys == sorted(keys)
    assert all(key.isascii() and key == key.lower() for key in keys)
    assert len(set(keys)) == len(keys)


def test_a_tag_that_could_be_mistaken_for_a_path_is_no_field() -> None:
    laid = lay_out(document("a", titles={"x.y": "One"}))
    assert laid["title"] == {"0": {"und": "One"}}
    assert Text("title", "x.y", "One").language == "x.y"


def test_the_state_is_read_as_it_was_written() -> None:
    state = State("schema", "epoch", 7, "index", 3, {"practice": 7, "": 5})
    assert state_of({"hits": [state.document()]}) == state
    assert state_of({"hits": []}) is None
    assert state_of({"hits": [{"state": "7"}]}) is None
    assert state_of({"hits": [{}]}) is None


def test_tombstones_have_the_name_of_the_record() -> None:
    assert tombstone("practice/A b")["pk"] == lay_out(document("A b"))["pk"] == "practice_2f__41__20_b"
    with pytest.raises(ValueError, match="its id"):
        tombstone("")


@pytest.mark.parametrize("changed", ["engines/meilisearch/schema.py", "engines/titles.py", "words.py"])
def test_another_layout_names_another_index(tmp_path: Path, changed: str) -> None:
    folder = tmp_path / "search"
    shutil.copytree(SEARCH, folder)
    assert version(folder) == VERSION
    (folder / changed).write_text((folder / changed).read_text() + "\n# another rule\n")
    assert version(folder) != VERSION
