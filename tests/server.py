"""The one process, started as `make run` starts it, on a folder and a port of its own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from sqlmodel import Session

from services.api.app import open_database
from tests.ports import free_port
from tests.support import migrate, settings_for

ROOT = Path(__file__).parent.parent


@contextmanager
def serving_seeds(folder: Path, change: Callable[[Session], None] | None = None) -> Iterator[httpx.Client]:
    """Serve the seed records, changed in the database before, and stop as Ctrl-C does."""
    environment = os.environ | {
        "PRAXIS_API_DATABASE_URL": f"sqlite:///{folder}/praxis.db",
        "PRAXIS_SEARCH_INDEX_DIR": f"{folder}/index",
        "PORT": str(free_port()),
    }
    migrate(environment["PRAXIS_API_DATABASE_URL"])
    subprocess.run([sys.executable, "-m", "services.api.cli", "seed"], env=environment, cwd=ROOT, check=True)
    if change:
        database = open_database(settings_for(environment["PRAXIS_API_DATABASE_URL"]))
        with database.transaction() as session:
            change(session)
        database.close()
    process = subprocess.Popen([sys.executable, "-m", "services.standalone"], env=environment, cwd=ROOT)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{environment['PORT']}", timeout=10) as client:
            _wait_until_ready(client)
            yield client
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0
    finally:
        process.kill()
        process.wait()


def _wait_until_ready(client: httpx.Client) -> None:
    for _ in range(300):
        try:
            if client.get("/search/readyz").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError("the server did not become ready")
