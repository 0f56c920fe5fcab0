"""Engines of each kind, for the contract that they share."""

import pytest

from tests.search.engine_support import KINDS, EmbeddedPlaces, Places


@pytest.fixture(scope="session", params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """The kind of engine that a test runs on; a test that asks for it runs once on each."""
    return str(request.param)


@pytest.fixture(scope="session")
def places(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Places:
    """Where engines of the kind may keep their indexes."""
    return EmbeddedPlaces(tmp_path_factory.mktemp("engines"))
