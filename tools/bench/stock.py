"""Collections of synthetic records, kept ready in the system's temporary folder so that they are made only once.

A collection is a database as `make run` would leave it, migrated and seeded, with synthetic practices added. These take
the api's own checks, rendering and change feed (`publishing.show`), but go in many to a transaction, rows of one table
at a time: through the records' service, one by one, 100 000 would take ten minutes.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlmodel import Session

from services.api.access.service import OPERATOR
from services.api.app import open_database
from services.api.changes import service as changes
from services.api.kit.moments import now
from services.api.records import publishing, repository
from services.api.records.models import Record, RecordPublication, RecordRevision
from services.api.records.repository import Published
from services.api.settings import Settings
from services.api.types import default
from tools.bench import lexicon, synthetic
from tools.bench.synthetic import Writer
from tools.seeds import Seeds

ROOT = Path(__file__).parent.parent.parent
CACHE = Path(tempfile.gettempdir()) / "praxis-bench"

CHUNK = 500
"""Practices that one process writes before it hands them over, to go into one transaction."""

MOST_AHEAD = 6
"""Chunks that wait to be stored."""

Json = dict[str, Any]
Written = tuple[UUID, Json, Json]


@dataclass(frozen=True)
class Collection:
    """A database with the seed records and `count` synthetic ones of about `size` characters of text."""

    count: int
    size: int = 2_000

    @property
    def folder(self) -> Path:
        """Where it is kept; what it is made from is in the name."""
        return CACHE / f"{self.count}-{self.size}-{_made_from()}"

    @property
    def database(self) -> Path:
        return self.folder / "praxis.db"

    @property
    def index(self) -> Path:
        """Where a search service may keep its index of it from run to run."""
        return self.folder / "index"

    def prepare(self) -> None:
        """Make it, unless it is there."""
        if self.database.exists():
            return
        making = self.folder.with_name(f"making-{self.folder.name}")
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir(parents=True)
        praxis(making / "praxis.db", "migrate")
        praxis(making / "praxis.db", "seed", str(ROOT / "seeds"))
        if self.count:
            _fill(making / "praxis.db", self.count, self.size)
        for older in CACHE.glob(f"{self.count}-{self.size}-*"):
            shutil.rmtree(older)
        making.rename(self.folder)

    def copy(self, folder: Path) -> tuple[Path, Path]:
        """Return copies of the database and of the index, to be written to."""
        shutil.copytree(self.index, folder / "index")
        return Path(shutil.copy(self.database, folder / "praxis.db")), folder / "index"


def praxis(database: Path, *arguments: str) -> str:
    """Run the `praxis` command on a database and return what it prints."""
    run = subprocess.run(
        [sys.executable, "-c", "from services.api.cli import app; app()", *arguments],
        cwd=ROOT,
        env={**os.environ, "PRAXIS_API_DATABASE_URL": f"sqlite:///{database}"},
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode:
        raise RuntimeError(f"praxis {' '.join(arguments)} failed: {run.stderr[-2_000:]}")
    return run.stdout


@cache
def seeds() -> Seeds:
    """Return the seed records, which words and authorities are taken from."""
    return Seeds.read(ROOT / "seeds")


@cache
def writer(size: int) -> Writer:
    """Return the writer of synthetic records of a size."""
    return Writer(lexicon.lexicons(seeds()), sorted(seeds().authorities), size)


@cache
def _made_from() -> str:
    digest = hashlib.sha256(f"{synthetic.VERSION}".encode())
    for path in sorted([*(ROOT / "seeds").rglob("*.yaml"), *(ROOT / "migrations").rglob("*.py")]):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _fill(database: Path, count: int, size: int) -> None:
    opened = open_database(Settings(database_url=f"sqlite:///{database}"))
    try:
        for start, chunk in _written(count, size):
            with opened.transaction() as session:
                changes.hold(session)
                _store(session, start, chunk)
        with opened.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        opened.close()


def _written(count: int, size: int) -> Iterator[tuple[int, list[Written]]]:
    """Yield practices in chunks, each with the number of its first; other processes write some of them ahead."""
    ahead: deque[tuple[int, Future[list[Written]]]] = deque()
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        for start in range(0, count, CHUNK):
            ahead.append((start, pool.submit(_write, start, min(CHUNK, count - start), size)))
            if len(ahead) > MOST_AHEAD:
                first, chunk = ahead.popleft()
                yield first, chunk.result()
        for first, chunk in ahead:
            yield first, chunk.result()


def _write(start: int, count: int, size: int) -> list[Written]:
    made = (writer(size).practice(number) for number in range(start, start + count))
    written = ((id, body.model_dump(mode="json")) for id, body in made)
    return [(id, body["content"], body["translations"]) for id, body in written]


def _store(session: Session, start: int, chunk: Sequence[Written]) -> None:
    """Store practices as published ones, as the records' service would leave them.

    Peers have reviewed one in four, and one in twenty is archived.
    """
    moment = now()
    published: list[Published] = []
    for number, (id, content, translations) in enumerate(chunk, start):
        practice = Record(
            id=id,
            type=default().name,
            slug=f"case-{number}",
            version=2,
            published_revision=1,
            first_published_at=moment,
            archived_at=moment if number % 20 == 19 else None,
            archived_because="It ended." if number % 20 == 19 else None,
            created_at=moment,
            updated_at=moment,
        )
        revision = RecordRevision(
            record_id=id,
            number=1,
            content=content,
            translations=translations,
            created_at=moment,
            created_by=OPERATOR.id,
        )
        publication = RecordPublication(
            record_id=id, number=1, at=moment, tier="network" if number % 4 else "peer-reviewed"
        )
        published.append((practice, revision, publication))
    repository.add_all(session, *zip(*published, strict=True))
    repository.add_slugs(
        session, [{"type": one.type, "slug": one.slug, "record_id": one.id} for one, _, _ in published]
    )
    publishing.show(session, published)
