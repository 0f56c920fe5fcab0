"""Questions about synthetic records, no two alike, as people ask: two words, or a sentence, here and there a typo."""

from collections.abc import Iterator
from random import Random
from urllib.parse import quote

from services.api.records.schemas import RecordWrite
from tools.bench.stock import Collection, writer

Questions = Iterator[str]

TYPOS = 0.2
"""Share of the two-word questions that hold one."""


def two_words(collection: Collection) -> Questions:
    """Yield questions of two longer words from the title or summary of one record."""
    for random, practice in _asked_about(collection, "two words"):
        words = [word for word in _told(practice).split() if len(word) >= 5]
        if len(words) < 2:
            continue
        chosen = random.sample(words, 2)
        if random.random() < TYPOS:
            chosen[0] = _mistyped(random, chosen[0])
        yield " ".join(chosen)


def sentences(collection: Collection) -> Questions:
    """Yield questions of 8 to 14 words in a row from one record's summary, small words among them."""
    for random, practice in _asked_about(collection, "sentences"):
        words = practice.content.how.summary.replace(".", "").lower().split()
        count = random.randint(8, 14)
        start = random.randrange(max(1, len(words) - count))
        yield " ".join(words[start : start + count]) + "?"


def path(question: str) -> str:
    """Return the address that answers a question with hits and all facets."""
    return f"/search/v1/records?q={quote(question)}"


def _asked_about(collection: Collection, kind: str) -> Iterator[tuple[Random, RecordWrite]]:
    random = Random(kind)
    asked: set[int] = set()
    while len(asked) < collection.count:
        number = random.randrange(collection.count)
        if number not in asked:
            asked.add(number)
            yield random, writer(collection.size).practice(number)[1]


def _told(practice: RecordWrite) -> str:
    content = practice.content
    return f"{content.initiative.title} {content.how.summary}".replace(".", "").lower()


def _mistyped(random: Random, word: str) -> str:
    at = random.randrange(1, len(word) - 1)
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
