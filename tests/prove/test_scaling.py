"""Search of ten times as many records: how much longer it takes, and how much more it holds."""

from tools.bench.scaling import BASE, HEADINGS, measure

SMALL, LARGE = 10_000, 100_000
MOST = 6.0
"""Times as long a question may take, and a record may take to be indexed, of ten times as many records."""


def test_ten_times_as_many_records() -> None:
    BASE.prepare()
    small, large = (measure("embedded", records) for records in (SMALL, LARGE))
    print(f"\n{HEADINGS}\n|{'---|' * 7}\n{small.line()}\n{large.line()}")
    assert large.words.quantile(0.5) <= MOST * small.words.quantile(0.5)
    assert large.sentence.quantile(0.5) <= MOST * small.sentence.quantile(0.5)
    assert large.built / LARGE <= MOST * small.built / SMALL
    assert large.disk <= 12 * small.disk
