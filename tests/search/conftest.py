"""Engines of each kind, for the contract that they share; without a Meilisearch server its half is skipped, loudly."""

from collections.abc import Iterator

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal

from services.search.embedding import Encoder, open_encoder
from tests.search.engine_support import KINDS, EmbeddedPlaces, MeilisearchPlaces, Places
from tests.search.support import TERMS, DictFeed, Search, searching, vocabulary
from tests.search.varied import PLACES, RECORDS


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


@pytest.fixture(scope="module")
def portal() -> Iterator[BlockingPortal]:
    """A loop on a thread of its own, in which services run that tests ask."""
    with start_blocking_portal() as portal:
        yield portal


@pytest.fixture(scope="module")
def search(portal: BlockingPortal, places: Places, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Search]:
    """The search service over the varied records."""
    feed = DictFeed()
    for name in TERMS:
        feed.put(vocabulary(name))
    for record in (*PLACES, *RECORDS):
        feed.put(record)
    with (
        places.settings() as place,
        portal.wrap_async_context_manager(searching(feed, tmp_path_factory.mktemp("index"), **place)) as search,
    ):
        yield search


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    """The small embedder, which is installed everywhere that tests run."""
    return open_encoder("use")
