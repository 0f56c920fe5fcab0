"""The benchmark's own parts: records that are always the same, and a client that tells what servers answered."""

import pytest

from tools.bench.client import UnexpectedAnswer, ask_again, ask_each, body_of, get, quantile
from tools.bench.questions import sentences, two_words
from tools.bench.servers import plain
from tools.bench.stock import Collection, writer
from tools.bench.table import Row, table


@pytest.mark.parametrize("size", [2_000, 15_000])
def test_records_are_of_their_size_and_always_the_same(size: int) -> None:
    records = [writer(size).practice(number) for number in range(40)]
    assert records == [writer(size).practice(number) for number in range(40)]
    assert len({id for id, _ in records}) == 40
    lengths = [len(practice.content.model_dump_json(exclude_defaults=True)) for _, practice in records]
    assert 0.8 * size < sum(lengths) / len(lengths) < 2 * size
    assert {practice.content.language for _, practice in records} == {"en", "es", "fr", "it"}


def test_questions_differ_and_are_of_their_kind() -> None:
    collection = Collection(60)
    pairs, asked = list(two_words(collection)), list(sentences(collection))
    assert len(pairs) > 50
    assert len(set(pairs)) == len(pairs)
    assert all(len(question.split()) == 2 for question in pairs)
    assert len(set(asked)) == len(asked) == 60
    assert all(len(question.split()) <= 14 for question in asked)


def test_client_counts_what_a_server_answers() -> None:
    body = bytes(300_000)
    with plain("bare", body) as server:
        assert body_of(server.port, "/any") == body
        each = ask_each(server.port, [get("/any")] * 25, connections=4)
        assert each.count == len(each.milliseconds) == 25
        again = ask_again(server.port, get("/any"), 0.2, 4)
        assert again.count > 0
        assert again.seconds >= 0.2


def test_client_refuses_what_is_no_answer() -> None:
    with plain("handler", b"{}") as server, pytest.raises(UnexpectedAnswer, match="404"):
        ask_each(server.port, [get("/elsewhere")])


@pytest.mark.parametrize(("share", "expected"), [(0.5, 50), (0.95, 95), (0.99, 99), (1, 100)])
def test_quantiles_are_of_the_nearest_rank(share: float, expected: int) -> None:
    assert quantile(range(1, 101), share) == expected


def test_table_tells_whether_aims_are_reached() -> None:
    rows = [
        Row.at_least("a", "1/s", "2/s", 0.5, 0.6),
        Row.below("b", "5 ms", "1 ms", 5, 5, 10, "ms"),
        Row("c", "", "", 1),
    ]
    shown = table(rows).splitlines()[2:]
    assert [line.split()[-1] for line in shown] == ["NO", "yes", "1.00"]
