"""Measures finding, for questions typed as a whole: the mean reciprocal rank (MRR) of the right record, or nDCG@10.

    python -m tools.evaluate [--engine meilisearch] [--embedder e5] DIR

DIR holds `xquad.<language>.json` files in SQuAD's format: each paragraph becomes a record without a title, each
question must find its own; with an embedder questions are asked of another language's paragraphs too. DIR may hold
collections in SMART's format as well, `NAME.ALL`, `NAME.QRY` and `NAME.REL`: several records answer each question.
Plain BM25 (SQLite FTS5, all words ORed) on the same texts stands beside it for comparison. Questions are also asked
with typing mistakes: in every second word of five or more letters, one letter, drawn with a fixed seed, is left out,
doubled, exchanged for another of the same word, or swapped with the next one.

The officers' questions of `tests/eval` are asked of the seed records, as the api publishes them, with the thesaurus:
those of `officers.yaml` by MRR, of the harder sets it is told how many find a right record among the first three.
"""

import argparse
import json
import math
import os
import random
import re
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from itertools import count
from pathlib import Path
from typing import Literal

import yaml

from services.api import cli
from services.api.app import open_database
from services.api.changes import service as changes
from services.api.exchange.importing import Importer
from services.api.exchange.items import Options
from services.api.exchange.sources import SEED_PREFIX, open_source
from services.api.records import forms
from services.api.settings import Settings
from services.api.types import default
from services.api.vocabularies import service as vocabularies
from services.search.document import document
from services.search.engines.base import Document, Engine, Query, Text
from services.search.engines.embedded.engine import EmbeddedEngine
from services.search.engines.meilisearch import keys as meilisearch_keys
from services.search.engines.meilisearch.engine import MeilisearchEngine
from services.search.forms import FORM, trees
from services.search.labels import Labels
from services.search.projection import Told
from tools.bench import servers
from tools.seeds import Seeds

ROOT = Path(__file__).parent.parent

DEPTH = 100
"""Hits looked at; a record further down counts as not found."""

FIRST = 10
"""Hits that nDCG looks at."""

HARDER = ("hard", "across", "synonyms")
"""Officers' questions in words that the cases do not use, in languages that they are not in, in synonyms."""

UNDERSTOOD_WITHIN = 3_600
"""Seconds in which vectors of all records must be made."""

LONG_WORD = 5
SEED = 2026

Question = tuple[str, frozenset[str]]
"""What is typed, and the ids of the records that answer it."""
Search = Callable[[str], Sequence[str]]
"""Returns ids, best first."""
Measure = Callable[[Search, Sequence[Question]], float]
Open = Callable[[], AbstractContextManager[Engine]]
"""Opens an engine without records."""


def main() -> None:
    """Print the table for the data folder named on the command line."""
    parser = argparse.ArgumentParser(prog="python -m tools.evaluate", description="Measure finding.")
    parser.add_argument("--engine", choices=ENGINES, default="embedded", help="meilisearch: the binary found on PATH")
    parser.add_argument("--embedder", choices=("e5", "use"), help="find by meaning too (embedded engine)")
    parser.add_argument("folder", type=Path, help="holds xquad.<language>.json and NAME.ALL, .QRY, .REL files")
    asked = parser.parse_args()
    squads = {path.name.split(".")[1]: path for path in sorted(asked.folder.glob("xquad.*.json"))}
    smart = sorted(asked.folder.glob("*.ALL"))
    if not (squads or smart):
        parser.error(f"{asked.folder} holds no xquad.<language>.json files and no NAME.ALL")
    engines = embedded(asked.embedder) if asked.engine == "embedded" else meilisearch()
    with engines as opened:
        print(f"{'questions':<24}{'clean':>8}{'typos':>8}{'share':>8}{'BM25':>8}")
        questions = {language: read_squad(path)[1] for language, path in squads.items()}
        for language, path in squads.items():
            passages, _ = read_squad(path)
            records = [passage(id, language, text) for id, text in passages.items()]
            others = {f"xquad {other}→{language}": questions[other] for other in questions if other != language}
            groups = {f"xquad {language}": questions[language], **(others if asked.embedder else {})}
            evaluate(groups, opened, records, passages)
        for path in smart:
            evaluate_collection(path, opened)
        evaluate_officers(opened)


def evaluate_collection(path: Path, opened: Open) -> None:
    """Print the row of a collection in SMART's format, by nDCG@10."""
    texts = {id: (fields.get("T", ""), fields.get("W", "")) for id, fields in read_smart(path).items()}
    right: dict[str, set[str]] = {}
    for line in path.with_suffix(".REL").read_text().splitlines():
        question, record, *_ = line.split()
        right.setdefault(question, set()).add(record)
    asked = read_smart(path.with_suffix(".QRY"))
    questions = [
        (" ".join(fields.get("W", "").split()), frozenset(right[id])) for id, fields in asked.items() if id in right
    ]
    records = [passage(id, "en", text, " ".join(title.split())) for id, (title, text) in texts.items()]
    plain = {id: f"{title}\n{text}" for id, (title, text) in texts.items()}
    evaluate({f"{path.stem.lower()} (nDCG@10)": questions}, opened, records, plain, measure=ndcg)


def evaluate_officers(opened: Open) -> None:
    """Print the rows of the officers' questions."""
    seeds, labels = seed_documents_and_labels()
    texts = {one.id: "\n".join(text.value for text in one.texts) for one in seeds.values()}
    asked: dict[str, list[Question]] = {}
    for name in ("officers", *HARDER):
        for language, question in read_officers(name, seeds):
            asked.setdefault(f"{name} {language}" if name == "officers" else name, []).append(question)
    easy = {name: questions for name, questions in asked.items() if name not in HARDER}
    easy["officers all"] = [question for questions in easy.values() for question in questions]
    evaluate(easy, opened, seeds.values(), texts, labels)
    harder = {f"{name} (in 3)": asked[name] for name in HARDER}
    evaluate(harder, opened, seeds.values(), texts, labels, measure=among_three)


def read_officers(name: str, seeds: Mapping[str, Document]) -> Iterator[tuple[str, Question]]:
    """Yield the questions of a file of `tests/eval`, each with its language."""
    for one in yaml.safe_load((ROOT / f"tests/eval/{name}.yaml").read_text(encoding="utf-8")):
        yield one["language"], (one["question"], frozenset(seeds[record].id for record in one["records"]))


def evaluate(
    groups: Mapping[str, Sequence[Question]],
    opened: Open,
    records: Iterable[Document],
    texts: Mapping[str, str],
    labels: Labels | None = None,
    measure: Measure | None = None,
) -> None:
    """Print a row for each group of questions about the same records."""
    with opened() as engine:
        built = engine.begin_rebuild()
        built.apply(records, ())
        built.swap("evaluation", 0)
        if isinstance(engine, EmbeddedEngine) and not engine.understood(UNDERSTOOD_WITHIN):
            raise TimeoutError("the vectors of the records were not made in time")
        for name, questions in groups.items():
            report(name, questions, found_by(engine, labels), plain_bm25(texts), measure or mrr)


@contextmanager
def embedded(embedder: Literal["e5", "use"] | None = None) -> Iterator[Open]:
    """Give engines in folders of their own."""
    encoder = None
    if embedder:
        # Imported where it is wanted: what it needs is installed apart.
        from services.search.embedding import open_encoder

        encoder = open_encoder(embedder)

    @contextmanager
    def opened() -> Iterator[Engine]:
        with (
            tempfile.TemporaryDirectory() as directory,
            closing(EmbeddedEngine(Path(directory), "evaluation", encoder)) as one,
        ):
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


ENGINES = ("embedded", "meilisearch")


def report(name: str, questions: Sequence[Question], search: Search, baseline: Search, measure: Measure) -> None:
    """Print one row: what is measured clean, with typos, the second's share of the first, and the baseline clean."""
    clean, typed, plain = measure(search, questions), measure(search, misspelt(questions)), measure(baseline, questions)
    print(f"{name:<24}{clean:>8.3f}{typed:>8.3f}{typed / (clean or 1):>8.3f}{plain:>8.3f}", flush=True)


def mrr(search: Search, questions: Sequence[Question]) -> float:
    """Return the mean of 1 / rank of the first right record."""
    return sum(_reciprocal_rank(search(text), right) for text, right in questions) / len(questions)


def _reciprocal_rank(found: Iterable[str], right: frozenset[str]) -> float:
    return next((1 / rank for rank, id in enumerate(found, 1) if id in right), 0.0)


def ndcg(search: Search, questions: Sequence[Question]) -> float:
    """Return the mean of the discounted gain among the first ten, of what the best order would gain."""
    return sum(_gain(search(text), right) for text, right in questions) / len(questions)


def _gain(found: Sequence[str], right: frozenset[str]) -> float:
    gained = sum(1 / math.log2(rank + 1) for rank, id in enumerate(found[:FIRST], 1) if id in right)
    return gained / sum(1 / math.log2(rank + 1) for rank in range(1, min(FIRST, len(right)) + 1))


def among_three(search: Search, questions: Sequence[Question]) -> float:
    """Return how many questions find a right record among the first three."""
    return sum(bool(right.intersection(search(text)[:3])) for text, right in questions)


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


def read_smart(path: Path) -> dict[str, dict[str, str]]:
    """Return by id the fields of what a file in SMART's format holds: `.I` begins a record, `.T`, `.W` … a field."""
    found: dict[str, dict[str, str]] = {}
    fields, name = dict[str, str](), ""
    for line in path.read_text(errors="replace").splitlines():
        if line.startswith(".I "):
            fields, name = found.setdefault(line.split()[1], {}), ""
        elif re.fullmatch(r"\.[A-Z]\s*", line):
            name = line[1]
        elif name:
            fields[name] = f"{fields.get(name, '')}{line}\n"
    return found


def seed_documents() -> dict[str, Document]:
    """Return the documents of the seed practices by the names of their files, made from what the api publishes."""
    return seed_documents_and_labels()[0]


def seed_documents_and_labels() -> tuple[dict[str, Document], Labels]:
    """Return the documents of the seed practices by the names of their files, and what codes and words are called."""
    seeds = Seeds.read(ROOT / "seeds")
    with tempfile.TemporaryDirectory() as directory:
        os.environ["PRAXIS_API_DATABASE_URL"] = f"sqlite:///{directory}/praxis.db"
        cli.migrate()
        database = open_database(Settings())
        with database.transaction() as session:
            vocabularies.publish(session)
            forms.publish(session)
        Importer(database, Options(publish=True, whole=True)).run(
            open_source(ROOT / "seeds", prefix=SEED_PREFIX).entries
        )
        names = {str(default().id_of(f"{SEED_PREFIX}{name}")): name for name in seeds.practices}
        with database.transaction(write=False) as session:
            _, rows = changes.page(session, 0, 100_000)
        database.close()
    bodies = [(row, row.body or b"{}") for row in rows]
    kinds = {type: [body for row, body in bodies if row.type == type] for type in ("vocabulary", "authority", FORM)}
    labels = Labels.read(kinds["vocabulary"], kinds["authority"])
    told = Told(dict(labels.terms), {form["id"]: trees(form) for form in map(json.loads, kinds[FORM])})
    documents = {
        names[row.id]: document(row.seq, json.loads(body), told.terms, told.plans)
        for row, body in bodies
        if row.id in names
    }
    return documents, labels


def passage(id: str, language: str, text: str, title: str = "") -> Document:
    """Return a passage as a record whose only words are its title's and its own."""
    return Document(
        id=id,
        type="practice",
        seq=0,
        texts=(*([Text("title", language, title)] if title else ()), Text("body", language, text)),
        facets={},
        numbers={},
        published=0,
        start=None,
        sort_titles={"": id},
        hit=json.dumps({"titles": {language: title} if title else {}, "language": language}).encode(),
    )


def found_by(engine: Engine, labels: Labels | None = None) -> Search:
    """Return a search by an engine, with the other words of a thesaurus where there is one."""

    def search(text: str) -> list[str]:
        named = labels.thesaurus.named_in(text) if labels else ()
        synonyms = tuple(one.synonyms for one in named)
        return [hit.id for hit in engine.search(Query(text, per_page=DEPTH, synonyms=synonyms)).hits]

    return search


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
