"""What the Meilisearch engine asks for, whatever it is asked: pure properties."""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.search import words
from services.search.engines.base import Query, Range
from services.search.engines.meilisearch import marks, relaxing, signs
from services.search.engines.meilisearch import query as questions
from services.search.engines.meilisearch.relaxing import Step
from services.search.engines.weights import CLOSE

ODD = [
    '"',
    "\\",
    '\\"',
    "\n",
    "\0",
    "\ud800",
    "'",
    "` OR ",
    " ",
    "AND",
    "\\u0022",
    "é",
    "移民",
    "ß",
    "-",
    "\u22ff",
    "⊏=",
]
TEXTS = st.one_of(st.text(), st.lists(st.one_of(st.sampled_from(ODD), st.text(max_size=4)), max_size=12).map("".join))
QUOTED = re.compile(r'"((?:[^"\\]|\\["\\])*)"')


def read(written: str) -> str:
    """Read a quoted value as the server does."""
    found = QUOTED.fullmatch(written)
    assert found, written
    return re.sub(r'\\(["\\])', r"\1", found[1])


@given(TEXTS)
def test_a_quoted_value_is_read_as_it_was_given(text: str) -> None:
    assert read(questions.quoted(text)) == words.clean(text)


@given(TEXTS, st.lists(TEXTS, min_size=1, max_size=5))
def test_codes_are_conditions_and_nothing_else(facet: str, codes: list[str]) -> None:
    chosen = tuple(codes)
    (alternatives,) = questions.filters(Query(selected={facet: chosen}, any_of=frozenset({facet})))[facet]
    each = questions.filters(Query(selected={facet: chosen}))[facet]
    assert len(each) == len(set(codes))
    for condition in (alternatives, *each):
        bare = QUOTED.sub("?", condition)
        assert re.fullmatch(r"\? IN \[\?(, \?)*\]|\? = \?", bare), condition
    assert len(QUOTED.findall(alternatives)) == 1 + len(set(codes))


BOUND = st.none() | st.floats(allow_nan=False)


@given(TEXTS, BOUND, BOUND)
def test_ranges_are_conditions_on_numbers_that_the_server_can_read(
    field: str, low: float | None, high: float | None
) -> None:
    found = questions.filters(Query(ranges=(Range(field, low, high),)))[""]
    assert [QUOTED.sub("?", one) for one in found] == [
        "? EXISTS",
        *(f"? {sign} ?" for sign, end in ((">=", low), ("<=", high)) if end is not None),
    ]
    for one in found[1:]:
        number = read(QUOTED.findall(one) and f'"{QUOTED.findall(one)[1]}"')
        assert re.fullmatch(r"-?\d+(\.\d+)?(e[+-]?\d+)?", number)
        assert number != "-0.0"
        assert abs(float(number)) < float("inf")


@given(TEXTS, st.booleans())
def test_words_are_sent_without_operators(text: str, titles_only: bool) -> None:
    plan = words.plan(text, literally=titles_only)
    wording = questions.wording(text, plan, titles_only)
    assert len(wording.words) == len(set(wording.words)) <= len(plan.words)
    assert bool(wording.words) == bool(plan.words)
    sent = wording.only(wording.words)
    assert bool(sent.encode()) == plan.asks
    assert sent.count('"') % 2 == 0
    for one in wording.always:
        bare = one.removeprefix("-").removeprefix('"').removesuffix('"')
        assert bare, "an empty phrase would find everything"
        assert not set(bare) & set("\"-\\'`\n\0")
    for word in wording.words:
        bare = word.removeprefix('"').removesuffix('"')
        assert bare, "an empty phrase would find everything"
        assert not set(bare) & set("\"-\\'`\n\0")
    assert sent.endswith(" ") == (plan.asks and not wording.open_end)
    assert not wording.open_end or not wording.words[-1].endswith('"'), "a phrase is never begun"


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("Straße ñandú Ямал ", "Straße ñandú Ямал "),
        ("المدينة والبلدية ", "مدينة والبلدية "),
        ("rural devel", "rural devel"),
        ("sector b", "sector b "),
        ("title1 2010 ", '"title1" "2010" '),
        ("co2", "co2"),
        ("国际移民", '"国 际" "际 移" "移 民" '),
        ("ＮＧＯ企業", 'ngo "企 業" '),
        ("مدينة المدينة", "مدينة"),
    ],
)
def test_words_are_sent_as_the_server_reads_them_in_records(text: str, sent: str) -> None:
    wording = questions.wording(text, words.plan(text), False)
    assert wording.only(wording.words) == sent


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ('"One-Stop Shop" honey', '"One Stop Shop" honey'),
        ('shop -newcomers -"last stop" ', '-"newcomers" -"last stop" shop '),
        ("-shop", '-"shop" '),
        ("bee* heath", "heath bee"),
        ("bee* hon* heath ", "bee heath hon"),
        ('"国际移民 NGO"', '"国 际 移 民 NGO" '),
        ('"1,000 euros" 3×1 ', '"1000 euros" "3x1" '),
        ("covid-19 ", "covid 19 "),
    ],
)
def test_signs_are_sent_as_the_server_has_them(text: str, sent: str) -> None:
    wording = questions.wording(text, words.plan(text), False)
    assert wording.only(wording.words) == sent


def test_words_that_are_left_out_leave_the_end_closed() -> None:
    wording = questions.wording("rural devel", words.plan("rural devel"), False)
    assert wording.only(("rural",)) == "rural "
    assert wording.only(("devel",)) == "devel"


@given(st.integers(1, 10**15), st.integers(1, 10**15))
def test_no_page_is_asked_for_beyond_what_is_paged_through(page: int, per_page: int) -> None:
    asked = questions.page(Query(page=page, per_page=per_page), "", [], [], marks.TAGS)
    hits, first = asked["hitsPerPage"], (asked["page"] - 1) * asked["hitsPerPage"]
    assert first + hits <= 2 * questions.DEEPEST
    if hits:
        assert first == (page - 1) * per_page
        assert hits == min(per_page, questions.DEEPEST)
    else:
        assert (page - 1) * per_page >= questions.DEEPEST


@given(st.lists(TEXTS.map(lambda text: text.replace("\u22ff", "=")), max_size=4))
def test_texts_are_shown_as_they_were_written_whole_and_in_pieces(pieces: list[str]) -> None:
    laid = [signs.laid_out(piece) for piece in pieces]
    assert [signs.shown(piece) for piece in laid] == pieces
    assert signs.shown(signs.laid_out("".join(pieces))) == "".join(pieces)
    for piece in laid:
        assert "".join(map(signs.shown, piece)) == signs.shown(piece), "tags may be put anywhere"


def test_one_sign_that_nobody_writes_is_shown_as_one_that_looks_like_it() -> None:
    assert signs.shown(signs.laid_out("a\u22ffb移\u22ff民")) == "a\u22feb移\u22fe民"


@given(st.lists(st.tuples(st.booleans(), st.text("ab <>&é移民=", min_size=1, max_size=5)), max_size=9))
def test_what_the_server_marked_is_marked(pieces: list[tuple[bool, str]]) -> None:
    text = "".join(piece for _, piece in pieces)
    laid = "".join(
        f"{marks.TAGS[0]}{signs.laid_out(piece)}{marks.TAGS[1]}" if found else signs.laid_out(piece)
        for found, piece in pieces
    )
    bare, places = marks.read(laid)
    assert bare == text
    at = 0
    for found, piece in pieces:
        covered = any(place.start <= at and at + len(piece) <= place.end for place in places)
        assert covered or not found
        at += len(piece)
    assert all(one.end < other.start for one, other in pairwise(places))


def step(records: Sequence[frozenset[str]], asked: tuple[str, ...], wants_all: bool) -> tuple[Step, list[int]]:
    """Choose a step by counting in a collection; return it with how many combinations each round took."""
    choosing = relaxing.choose(asked, wants_all)
    rounds = []
    wanted = next(choosing)
    while True:
        rounds.append(len(wanted))
        try:
            wanted = choosing.send([sum(record.issuperset(some) for record in records) for some in wanted])
        except StopIteration as chosen:
            return chosen.value, rounds


WORDS = tuple("abcdefghijklmn")
RECORDS = st.lists(st.frozensets(st.sampled_from(WORDS), max_size=8), min_size=1, max_size=12)
ASKED = st.lists(st.sampled_from(WORDS), unique=True, min_size=1, max_size=12).map(tuple)


@given(RECORDS, ASKED, st.booleans())
def test_a_step_finds_something_whenever_a_record_holds_a_word(
    records: list[frozenset[str]], asked: tuple[str, ...], wants_all: bool
) -> None:
    chosen, rounds = step(records, asked, wants_all)
    fullest, weight = chosen.combinations[0]
    assert weight == 1.0
    assert all(set(some) <= set(asked) and 0 < weight <= 1 for some, weight in chosen.combinations)
    assert len(chosen.combinations) <= relaxing.MOST_ASKED
    assert all((share >= CLOSE) == (n < chosen.close) for n, (_, share) in enumerate(chosen.combinations)) or wants_all
    assert max(Counter(some for some, _ in chosen.combinations).values()) == 1
    assert all(len(some) <= questions.MOST_WORDS for some, _ in chosen.combinations if len(rounds) > 1)
    held = any(record & set(asked) for record in records)
    assert held == any(record.issuperset(fullest) for record in records)
    assert not chosen.relaxed or held, "nothing is relaxed to nothing"
    assert len(rounds) <= 2 + relaxing.ATTEMPTS
    assert max(rounds) <= 1 + questions.MOST_WORDS + len(list(combinations(range(questions.MOST_WORDS), 2)))


@given(RECORDS, st.lists(st.sampled_from(WORDS), unique=True, min_size=1, max_size=3).map(tuple))
def test_few_words_are_all_wanted_or_as_many_as_one_record_holds(
    records: list[frozenset[str]], asked: tuple[str, ...]
) -> None:
    chosen, rounds = step(records, asked, True)
    most = max(len(record & set(asked)) for record in records)
    assert rounds == [2 ** len(asked)]
    assert chosen.relaxed == (0 < most < len(asked))
    if most:
        found = {n for n, record in enumerate(records) for some, _ in chosen.combinations if record.issuperset(some)}
        assert found == {n for n, record in enumerate(records) if len(record & set(asked)) == most}
