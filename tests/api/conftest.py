"""The api on SQLite every day, where a test is marked `each_database` on PostgreSQL too; in proofs all on both."""

from collections.abc import Iterator

import pytest

from tests.harness.databases import Databases, Files, OnPostgres
from tests.harness.depth import PROVING
from tests.harness.people import ANA, PASSWORD, make_person
from tests.harness.support import Api, Template, build_template, pledges


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    chosen = hasattr(metafunc.module, "databases") or any(
        "databases" in mark.args for mark in metafunc.definition.iter_markers("parametrize")
    )
    if "databases" in metafunc.fixturenames and not chosen:
        each = PROVING or metafunc.definition.get_closest_marker("each_database")
        kinds = ["sqlite", "postgresql"] if each else ["sqlite"]
        metafunc.parametrize("databases", kinds, indirect=True, scope="session")


@pytest.fixture(scope="session")
def databases(request: pytest.FixtureRequest) -> Iterator[Databases]:
    """Databases of the kind that a test runs on."""
    if request.param == "sqlite":
        yield Files()
        return
    databases = OnPostgres(request.getfixturevalue("postgres"))
    yield databases
    databases.clear(0)


@pytest.fixture(scope="session")
def template(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Template:
    """This suite's own: one shared with others would stay of the kind of database that it was first made in."""
    with pledges():
        return build_template(databases, tmp_path_factory.mktemp("template"))


@pytest.fixture(scope="module", autouse=True)
def _second_type() -> Iterator[None]:
    """Have a second type in every app: whatever holds for the practice alone, the machinery must not know."""
    with pledges():
        yield


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
