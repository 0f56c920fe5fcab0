"""Engines of each kind, for the contract that they share; without a Meilisearch server its half is skipped, loudly."""

import pytest

from services.search.embedding import Encoder, open_encoder
from tests.search.engine_support import KINDS, EmbeddedPlaces, MeilisearchPlaces, Places


@pytest.fixture(scope="session", params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """The kind of engine that a test runs on; a test that asks for it runs once on each."""
    return str(request.param)


@pytest.fixture(scope="session")
def places(kind: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Places:
    """Where engines of the kind may keep their indexes."""
    if kind == "meilisearch":
        return MeilisearchPlaces(request.getfixturevalue("meili"))
    return EmbeddedPlaces(tmp_path_factory.mktemp("engines"))


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    """The small embedder, which is installed everywhere that tests run."""
    return open_encoder("use")
