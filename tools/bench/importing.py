"""Import of many records from JSON Lines: against parsing and checking them alone, and again when all are here."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import orjson

from services.api.app import open_database
from services.api.exchange.importing import Importer
from services.api.exchange.items import Options
from services.api.exchange.schemas import imported
from services.api.exchange.sources import open_source
from services.api.settings import Settings
from services.api.types import default
from tools.bench.compare import Pace
from tools.bench.stock import Collection, writer
from tools.bench.table import Row

AIM, AGAIN = 0.2, 0.3
SIZE = 2_000
PER_PUBLICATION = 50
"""Records for each of a pace's publications: 10 000 at full pace."""


def importing(collection: Collection, pace: Pace) -> Iterator[Row]:
    """Import and publish records beside those of a collection, twice, in this process."""
    count = pace.publications * PER_PUBLICATION
    with tempfile.TemporaryDirectory() as directory:
        folder = Path(directory)
        source, size = _written(folder / "records.jsonl", count)
        database = open_database(Settings(database_url=f"sqlite:///{_copied(collection, folder)}"))
        try:
            checked = _checking(source)
            for name, aim in (("all new", AIM), ("all unchanged", AGAIN)):
                began = time.perf_counter()
                done = Importer(database, Options(publish=True)).run(open_source(source).entries)
                seconds = time.perf_counter() - began
                if done.total() != count or len(done) != 1:
                    raise RuntimeError(f"the import did not go as it should: {dict(done)}")
                yield Row.at_least(
                    f"import and publish, {name} ({count:,} records, {size / count / 1e3:.0f} kB each)",
                    f"{count / seconds:,.0f}/s",
                    f"parsing and checking: {count / checked:,.0f}/s",
                    checked / seconds,
                    aim,
                )
        finally:
            database.close()


def _written(path: Path, count: int) -> tuple[Path, int]:
    with path.open("wb") as file:
        for number in range(count):
            _, body = writer(SIZE).practice(number)
            record = {"external_id": f"bench:{number}", **body.model_dump(mode="json")}
            file.write(orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE))
    return path, path.stat().st_size


def _copied(collection: Collection, folder: Path) -> Path:
    return Path(shutil.copy(collection.database, folder / "praxis.db"))


def _checking(source: Path) -> float:
    """Return how many seconds parsing and checking take."""
    began = time.perf_counter()
    with source.open("rb") as lines:
        for line in lines:
            imported(default()).model_validate(orjson.loads(line))
    return time.perf_counter() - began
