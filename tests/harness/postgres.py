"""A PostgreSQL server of the tests' own: a private cluster on a free port, which may be killed and started again.

`python -m tests.harness.postgres COMMAND…` runs a command on an empty database of such a server.
"""

import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import URL, make_url

from tests.harness.ports import free_port
from tools.local.servers import postgres_programs as binaries

ADMIN = "PRAXIS_TEST_POSTGRES"
"""Environment variable with an administrator's address of a running server to use instead."""
MISSING = f"PostgreSQL's `initdb` is not found: install `postgresql` 15 or newer, or set {ADMIN}"
_SPEED = ("fsync=off", "full_page_writes=off")
_ALWAYS = ("listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=400", "shared_buffers=64MB")
_GUARD = 'read -r _; kill -QUIT "$0"; sleep 2; rm -rf "$1"'
"""Ends the server when whoever holds the other end of the pipe is gone, however that came about."""


def available() -> bool:
    """Tell whether there is a server to use, or one to start."""
    return bool(os.environ.get(ADMIN)) or binaries() is not None


class Postgres:
    """One cluster. It sorts text by an English dictionary, unlike SQLite: what depends on the order then shows."""

    def __init__(self, admin: URL, data: Path | None = None, options: tuple[str, ...] = ()) -> None:
        self._admin = admin
        self._data = data
        self._options = options
        self._server: subprocess.Popen[bytes] | None = None
        self._guard: subprocess.Popen[bytes] | None = None

    @classmethod
    def start(cls, folder: Path | None = None, *, durable: bool = False) -> "Postgres":
        """Make a cluster and start it; raise `FileNotFoundError` when PostgreSQL is not installed.

        It lives in a new folder below `folder` and goes with `stop`. PostgreSQL refuses to run as root, who therefore
        runs it as user `postgres`; where that user cannot reach `folder`, the system's temporary folder is used.
        `durable=False` spares the disk: what was committed then survives a kill of the server, not of the machine.
        """
        if os.environ.get(ADMIN):
            return cls(make_url(os.environ[ADMIN]).set(drivername="postgresql+psycopg"))
        programs = binaries()
        if programs is None:
            raise FileNotFoundError(MISSING)
        data = _folder(folder) / "data"
        password = secrets.token_urlsafe(16)
        secret = data.parent / "password"
        secret.write_text(password)
        shutil.chown(secret, **_owner())
        locale = ("--encoding=UTF8", "--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en-US")
        arguments = [programs / "initdb", "-D", data, "-U", "praxis", "--auth=scram-sha-256", f"--pwfile={secret}"]
        made = subprocess.run([*arguments, "--no-sync", *locale], capture_output=True, text=True, **_as_owner(data))
        if made.returncode:
            raise RuntimeError(f"initdb failed: {made.stderr}")
        admin = URL.create("postgresql+psycopg", "praxis", password, "127.0.0.1", free_port(), "postgres")
        cluster = cls(admin, data, _ALWAYS if durable else (*_ALWAYS, *_SPEED))
        cluster.restart()
        return cluster

    def url(self, database: str) -> str:
        """Return SQLAlchemy's address of a database, password included."""
        return self._admin.set(database=database).render_as_string(hide_password=False)

    def create(self, name: str, template: str | None = None) -> None:
        """Create a database, empty or as a copy of one that nobody is connected to."""
        copied = sql.SQL(" TEMPLATE {}").format(sql.Identifier(template)) if template else sql.SQL("")
        self.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)) + copied)

    def drop(self, name: str) -> None:
        """Drop a database, whoever is still connected."""
        self.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def execute(self, statement: sql.Composable, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Execute a statement as administrator, on its own; return its rows."""
        address = self._admin.set(drivername="postgresql", database=database)
        with psycopg.connect(address.render_as_string(hide_password=False), autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    @property
    def port(self) -> int:
        """The port on 127.0.0.1."""
        return self._admin.port or 5432

    @property
    def pid(self) -> int:
        """Process id of the server that was started here."""
        if self._server is None:
            raise RuntimeError(f"the server in {ADMIN} is not ours" if self._data is None else "not started")
        return self._server.pid

    def kill(self) -> None:
        """Kill the server and every process of it at once, as a loss of power does."""
        pid = self.pid
        os.kill(pid, signal.SIGSTOP)  # from here on it starts no further process
        for process in [pid, *_children(pid)]:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        self._gone()

    def stop(self) -> None:
        """Stop the server and remove the cluster; a server that was not started here is left alone."""
        if self._server is not None:
            with suppress(ProcessLookupError):
                os.kill(self._server.pid, signal.SIGINT)
            try:
                self._server.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()
            self._gone()
        if self._data is not None:
            shutil.rmtree(self._data.parent, ignore_errors=True)

    def restart(self) -> None:
        """Start the server, after `kill` too, and return when it answers."""
        if self._data is None:
            raise RuntimeError(f"the server in {ADMIN} is not ours")
        programs = binaries()
        assert programs is not None
        settings = [part for option in (*self._options, f"port={self.port}") for part in ("-c", option)]
        with (self._data.parent / "log").open("ab") as log:
            self._server = subprocess.Popen(
                [programs / "postgres", "-D", self._data, *settings],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is the tests' own
                **_as_owner(self._data.parent),
            )
        self._guard = subprocess.Popen(
            ["sh", "-c", _GUARD, str(self._server.pid), self._data.parent],
            stdin=subprocess.PIPE,
            start_new_session=True,
        )
        for _ in range(600):
            if self._server.poll() is not None:
                break
            with suppress(psycopg.OperationalError):
                self.execute(sql.SQL("SELECT 1"))
                return
            time.sleep(0.05)
        raise RuntimeError(f"PostgreSQL does not start: {(self._data.parent / 'log').read_text()[-2000:]}")

    def _gone(self) -> None:
        """Forget a server that has ended."""
        if self._server is not None:
            self._server.wait()
        if self._guard is not None:
            self._guard.kill()
            self._guard.communicate()
        self._server = self._guard = None


def _owner() -> dict[str, Any]:
    """Return who runs the server, as `shutil.chown` takes it."""
    return {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {"user": os.geteuid()}


def _as_owner(folder: Path) -> dict[str, Any]:
    """Return how `subprocess` runs a program as the cluster's owner."""
    where = {"cwd": folder if folder.exists() else folder.parent, "env": {**os.environ, "LC_ALL": "C.UTF-8"}}
    return where | ({**_owner(), "extra_groups": []} if os.geteuid() == 0 else {})


def _folder(parent: Path | None) -> Path:
    if parent is not None:
        parent.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0 and not all(path.stat().st_mode & 0o001 for path in (parent, *parent.resolve().parents)):
            parent = None
    made = Path(tempfile.mkdtemp(prefix="praxis-postgres-", dir=parent))
    shutil.chown(made, **_owner())
    return made


def _children(pid: int) -> list[int]:
    """Return the processes that a process has started and that are alive."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has ended meanwhile
            parent = int(status.read_text().rpartition(")")[2].split()[1])
            found += [int(status.parent.name)] if parent == pid else []
    return found


def main() -> int:
    """Run the command in the arguments on an empty database of a server of its own; return its status."""
    server = Postgres.start()
    try:
        server.create("praxis")
        environment = {**os.environ, "PRAXIS_API_DATABASE_URL": server.url("praxis")}
        return subprocess.run(sys.argv[1:], env=environment).returncode
    finally:
        server.stop()


if __name__ == "__main__":
    sys.exit(main())
