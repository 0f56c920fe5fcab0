"""Where the api's tests keep their databases: files of SQLite, or databases on a PostgreSQL server."""

import secrets
import shutil
from abc import ABC, abstractmethod
from pathlib import Path

from sqlalchemy import make_url

from tests.harness.postgres import Postgres


class Databases(ABC):
    """Makes databases of one kind, empty or as copies."""

    def __init__(self) -> None:
        self.made: list[str] = []
        """Names of those that must be removed in the end; files go with their folders."""

    @abstractmethod
    def new(self, folder: Path) -> str:
        """Return the address of an empty database, which may live in a folder."""

    @abstractmethod
    def copy(self, url: str, folder: Path) -> str:
        """Copy a database that nobody uses at this moment, perhaps into a folder; return the copy's address."""

    @abstractmethod
    def clear(self, keep: int) -> None:
        """Remove all databases but the first ones made."""


class Files(Databases):
    """Files of SQLite."""

    def new(self, folder: Path) -> str:
        return f"sqlite:///{folder}/praxis.db"

    def copy(self, url: str, folder: Path) -> str:
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(str(make_url(url).database), folder / "praxis.db")
        return self.new(folder)

    def clear(self, keep: int) -> None:
        pass


class OnPostgres(Databases):
    """Databases on a PostgreSQL server."""

    def __init__(self, server: Postgres) -> None:
        super().__init__()
        self.server = server

    def new(self, folder: Path) -> str:
        return self._create(None)

    def copy(self, url: str, folder: Path) -> str:
        return self._create(make_url(url).database)

    def clear(self, keep: int) -> None:
        while len(self.made) > keep:
            self.server.drop(self.made.pop())

    def _create(self, template: str | None) -> str:
        name = f"praxis_{secrets.token_hex(6)}"
        self.server.create(name, template)
        self.made.append(name)
        return self.server.url(name)
