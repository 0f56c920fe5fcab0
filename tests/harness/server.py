"""The one process, started as `make run` starts it, on a folder and a port of its own."""

import atexit
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from pathlib import Path

import httpx
from sqlmodel import Session

from services.api.app import open_database
from tests.harness.paths import ROOT
from tests.harness.ports import free_port
from tests.harness.support import migrate, settings_for


def serving_seeds(
    folder: Path, change: Callable[[Session], None] | None = None, settings: Mapping[str, str] = {}
) -> AbstractContextManager[httpx.Client]:
    """Serve the seed records, changed in the database before, and stop as Ctrl-C does."""
    return serving(folder, ROOT / "seeds", change=change, settings=settings)


@contextmanager
def serving(
    folder: Path,
    seeds: Path,
    commands: Sequence[tuple[Sequence[str], str]] = (),
    change: Callable[[Session], None] | None = None,
    settings: Mapping[str, str] = {},
    program: str = "services.standalone",
) -> Iterator[httpx.Client]:
    """Serve a folder of seeds, after some commands of `praxis`, each with what it reads; stop as Ctrl-C does."""
    environment = (
        os.environ
        | settings
        | {
            "PRAXIS_API_DATABASE_URL": f"sqlite:///{folder}/praxis.db",
            "PRAXIS_SEARCH_INDEX_DIR": f"{folder}/index",
            "PORT": str(free_port()),
        }
    )
    shutil.copyfile(seeded(seeds), folder / "praxis.db")
    for command, given in commands:
        _praxis(environment, command, given)
    if change:
        database = open_database(settings_for(environment["PRAXIS_API_DATABASE_URL"]))
        with database.transaction() as session:
            change(session)
        database.close()
    process = subprocess.Popen([sys.executable, "-m", program], env=environment, cwd=ROOT)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{environment['PORT']}", timeout=10) as client:
            _wait_until_ready(client)
            yield client
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.wait()


@cache
def seeded(seeds: Path) -> Path:
    """Return a database of a folder of seeds, made once in a process."""
    folder = tempfile.TemporaryDirectory(prefix="praxis-seeded-")
    atexit.register(folder.cleanup)
    file = Path(folder.name) / "praxis.db"
    url = f"sqlite:///{file}"
    migrate(url)
    _praxis(os.environ | {"PRAXIS_API_DATABASE_URL": url}, ["seed", str(seeds)])
    return file


def _praxis(environment: Mapping[str, str], command: Sequence[str], given: str = "") -> None:
    praxis = [sys.executable, "-m", "services.api.cli", *command]
    subprocess.run(praxis, input=given.encode(), env=environment, cwd=ROOT, check=True)


def _wait_until_ready(client: httpx.Client) -> None:
    for _ in range(300):
        try:
            if client.get("/search/readyz").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError("the server did not become ready")
