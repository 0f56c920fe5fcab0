"""The api's suite runs on every kind of database."""

from collections.abc import Iterator

import pytest

from tests.databases import Databases, Files, OnPostgres
from tests.people import ANA, PASSWORD, make_person
from tests.support import Api, Template, build_template


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def databases(request: pytest.FixtureRequest) -> Iterator[Databases]:
    """Each kind of database in turn."""
    if request.param == "sqlite":
        yield Files()
        return
    databases = OnPostgres(request.getfixturevalue("postgres"))
    yield databases
    databases.clear(0)


@pytest.fixture(scope="session")
def template(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Template:
    """This suite's own: one shared with others would stay of the kind of database that it was first made in."""
    return build_template(databases, tmp_path_factory.mktemp("template"))


@pytest.fixture(autouse=True)
def _cleared(request: pytest.FixtureRequest) -> Iterator[None]:
    """Remove the databases that a test made."""
    if "databases" not in request.fixturenames:
        yield
        return
    databases: Databases = request.getfixturevalue("databases")
    before = len(databases.made)
    yield
    databases.clear(before)


@pytest.fixture
def ana(api: Api) -> str:
    """The id of a reviewer's account with a password."""
    return make_person(api.database, ANA, "reviewer", "alba", PASSWORD)
