"""Fixtures that all suites share."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from services.api.settings import Settings
from services.web.observe import configure_logging
from tests.databases import Databases, Files
from tests.meili import LACKING, Meili
from tests.postgres import MISSING, Postgres, available
from tests.support import Api, Template, build_template, running

settings.register_profile("praxis", deadline=None, print_blob=True)
settings.load_profile("praxis")
configure_logging()  # as in service: the library's own default draws whole tracebacks with all variables


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server for the whole run; tests make databases of their own on it."""
    if not available():
        pytest.skip(MISSING)
    server = Postgres.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def meili(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Meili]:
    """A Meilisearch server for the whole run; tests take indexes of their own on it."""
    server = Meili.running()
    if server is None and not Meili.installed():
        pytest.skip(LACKING)
    server = server or Meili.start(tmp_path_factory.mktemp("meili"))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def databases() -> Databases:
    """Where databases are made."""
    return Files()


@pytest.fixture(scope="session")
def template(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Template:
    """A migrated database with authorities and keys, built once, to be copied."""
    return build_template(databases, tmp_path_factory.mktemp("template"))


@pytest.fixture
def api_settings(template: Template, tmp_path: Path) -> Settings:
    """Settings for an api on a database of this test's own."""
    return template.copy(tmp_path)


@pytest.fixture
def api(api_settings: Settings) -> Iterator[Api]:
    """The api on a database of this test's own."""
    with running(api_settings) as api:
        yield api
