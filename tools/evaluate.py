"""Measures finding: the mean reciprocal rank (MRR) of the right record, for questions typed as a whole.

    python -m tools.evaluate [--engine meilisearch] DIR

DIR holds `xquad.<language>.json` files in SQuAD's format: each paragraph becomes a record without a title, each
question must find its own. Plain BM25 (SQLite FTS5, all words ORed) on the same texts stands beside it for comparison.
Questions are also asked with typing mistakes: in every second word of five or more letters, one letter, drawn with a
fixed seed, is left out, doubled, exchanged for another of the same word, or swapped with the next one.

The officers' questions of `tests/eval/officers.yaml` are asked of the seed records, as the api publishes them.
"""

import argparse
import json
import os
import random
import re
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from itertools import count
from pathlib import Path

import yaml

from services.api import cli
from services.api.app import open_database
from services.api.changes import service as changes
from services.api.exchange.importing import Importer
from services.api.exchange.items import Options
from services.api.exchange.sources import SEED_PREFIX, open_source
from services.api.practices import service as practices
from services.api.settings import Settings
from services.api.vocabularies import service as vocabularies
from services.search.document import document
from services.search.engines import meilisearch_keys
from services.search.engines.base import Document, Engine, Query, Text
from services.search.engines.embedded import EmbeddedEngine
from services.search.engines.meilisearch import MeilisearchEngine
from services.search.labels import terms_of
from tools.bench import servers
from tools.seeds import Seeds

ROOT = Path(__file__).parent.parent

DEPTH = 100
"""Hits looked at; a record further down counts as not found."""

LONG_WORD = 5
SEED = 2026

Question = tuple[str, frozenset[str]]
"""What is typed, and the ids of the records that answer it."""
Search = Callable[[str], Sequence[str]]
"""Returns ids, best first."""
Open = Callable[[], AbstractContextManager[Engine]]
"""Opens an engine without records."""


def main() -> None:
    """Print the table for the data folder named on the command line."""
    parser = argparse.ArgumentParser(prog="python -m tools.evaluate", description="Measure finding.")
    parser.add_argument("--engine", choices=ENGINES, default="embedded", help="meilisearch: the binary found on PATH")
    parser.add_argument("folder", type=Path, help="holds xquad.<language>.json files")
    asked = parser.parse_args()
    files = sorted(asked.folder.glob("xquad.*.json"))
    if not files:
        parser.error(f"{asked.folder} holds no xquad.<language>.json files")
    with ENGINES[asked.engine]() as opened:
        print(f"{'questions':<24}{'clean':>8}{'typos':>8}{'share':>8}{'BM25':>8}")
        for path in files:
            language = path.name.split(".")[1]
            passages, questions = read_squad(path)
            records = [passage(id, language, text) for id, text in passages.items()]
            evaluate({f"xquad {language}": questions}, opened, records, passages)
        evaluate_officers(opened)


def evaluate_officers(opened: Open) -> None:
    """Print the rows of the officers' questions."""
    seeds = seed_documents()
    asked: dict[str, list[Question]] = {}
    for one in yaml.safe_load((ROOT / "tests/eval/officers.yaml").read_text()):
        right = frozenset(seeds[name].id for name in one["records"])
        asked.setdefault(f"officers {one['language']}", []).append((one["question"], right))
    texts = {one.id: "\n".join(text.value for text in one.texts) for one in seeds.values()}
    groups = {**asked, "officers all": [one for group in asked.values() for one in group]}
    evaluate(groups, opened, seeds.values(), texts)


def evaluate(
    groups: Mapping[str, Sequence[Question]], opened: Open, records: Iterable[Document], texts: Mapping[str, str]
) -> None:
    """Print a row for each group of questions about the same records."""
    with opened() as engine:
        built = engine.begin_rebuild()
        built.apply(records, ())
        built.swap("evaluation", 0)
        for name, questions in groups.items():
            report(name, questions, found_by(engine), plain_bm25(texts))


@contextmanager
def embedded() -> Iterator[Open]:
    """Give engines in folders of their own."""

    @contextmanager
    def opened() -> Iterator[Engine]:
        with tempfile.TemporaryDirectory() as directory, closing(EmbeddedEngine(Path(directory), "evaluation")) as one:
            yield one

    yield opened


@contextmanager
def meilisearch() -> Iterator[Open]:
    """Give engines on indexes of their own, on one server."""
    with servers.meilisearch() as server:
        url, numbers = f"http://127.0.0.1:{server.port}", count()

        @contextmanager
        def opened() -> Iterator[Engine]:
            index = f"evaluation{next(numbers)}"
            keys = meilisearch_keys.create(url, servers.MASTER_KEY, index)
            with closing(MeilisearchEngine(url, index, keys, "evaluation")) as one:
                yield one

        yield opened


ENGINES = {"embedded": embedded, "meilisearch": meilisearch}


def report(name: str, questions: Sequence[Question], search: Search, baseline: Search) -> None:
    """Print one row: MRR clean, with typos, the second's share of the first, and the baseline's clean MRR."""
    clean, typed = mrr(search, questions), mrr(search, misspelt(questions))
    print(f"{name:<24}{clean:>8.3f}{typed:>8.3f}{typed / clean:>8.3f}{mrr(baseline, questions):>8.3f}", flush=True)


def mrr(search: Search, questions: Sequence[Question]) -> float:
    """Return the mean of 1 / rank of the first right record."""
    return sum(_reciprocal_rank(search(text), right) for text, right in questions) / len(questions)


def _reciprocal_rank(found: Iterable[str], right: frozenset[str]) -> float:
    return next((1 / rank for rank, id in enumerate(found, 1) if id in right), 0.0)


def misspelt(questions: Iterable[Question]) -> list[Question]:
    """Return the questions with a mistake in every second long word; the same ones each time."""
    draw = random.Random(SEED)
    return [(_misspelt(text, draw), right) for text, right in questions]


def _misspelt(text: str, draw: random.Random) -> str:
    long_words = [match for match in re.finditer(r"[^\W\d_]+", text) if len(match.group()) >= LONG_WORD]
    for match in reversed(long_words[::2]):
        text = text[: match.start()] + _mistyped(match.group(), draw) + text[match.end() :]
    return text


def _mistyped(word: str, draw: random.Random) -> str:
    at = draw.randrange(len(word) - 1)
    before, letter, following, after = word[:at], word[at], word[at + 1], word[at + 2 :]
    ways = (following, letter + letter + following, draw.choice(word) + following, following + letter)
    return before + draw.choice(ways) + after


def read_squad(path: Path) -> tuple[dict[str, str], list[Question]]:
    """Return the passages by id, and the questions."""
    passages: dict[str, str] = {}
    questions: list[Question] = []
    for article in json.loads(path.read_text())["data"]:
        for paragraph in article["paragraphs"]:
            id = f"{len(passages):04d}"
            passages[id] = paragraph["context"]
            questions += [(asked["question"], frozenset({id})) for asked in paragraph["qas"]]
    return passages, questions


def seed_documents() -> dict[str, Document]:
    """Return the documents of the seed practices by the names of their files, made from what the api publishes."""
    seeds = Seeds.read(ROOT / "seeds")
    with tempfile.TemporaryDirectory() as directory:
        os.environ["PRAXIS_API_DATABASE_URL"] = f"sqlite:///{directory}/praxis.db"
        cli.migrate()
        database = open_database(Settings())
        with database.transaction() as session:
            vocabularies.publish(session)
        Importer(database, Options(publish=True, whole=True)).run(open_source(ROOT / "seeds", SEED_PREFIX).entries)
        names = {str(practices.id_of(f"{SEED_PREFIX}{name}")): name for name in seeds.practices}
        with database.transaction(write=False) as session:
            _, rows = changes.page(session, 0, 100_000)
        database.close()
    records = [(row, json.loads(row.body or b"{}")) for row in rows]
    terms = {row.id: terms_of(record) for row, record in records if row.type == "vocabulary"}
    return {names[row.id]: document(row.seq, record, terms) for row, record in records if row.id in names}


def passage(id: str, language: str, text: str) -> Document:
    """Return a passage as a record whose only words are the passage's."""
    return Document(
        id=id,
        type="practice",
        seq=0,
        texts=(Text("body", language, text),),
        facets={},
        numbers={},
        published=0,
        start=None,
        sort_titles={"": id},
        hit=b"{}",
    )


def found_by(engine: Engine) -> Search:
    """Return a search by an engine."""
    return lambda text: [hit.id for hit in engine.search(Query(text, per_page=DEPTH)).hits]


def plain_bm25(texts: Mapping[str, str]) -> Search:
    """Return a search by SQLite's full text index, any word enough."""
    base = sqlite3.connect(":memory:")
    base.execute("CREATE VIRTUAL TABLE passage USING fts5(id UNINDEXED, text)")
    base.executemany("INSERT INTO passage VALUES (?, ?)", texts.items())

    def search(text: str) -> list[str]:
        either = " OR ".join(f'"{word}"' for word in re.findall(r"\w+", text))
        rows = base.execute("SELECT id FROM passage WHERE passage MATCH ? ORDER BY rank LIMIT ?", (either, DEPTH))
        return [id for (id,) in rows]

    return search


if __name__ == "__main__":
    main()
