"""Opens the engine that the settings name."""

from typing import TYPE_CHECKING

from services.search.document import SCHEMA
from services.search.engines.base import Engine, EngineUnavailable, SharedEngine
from services.search.engines.embedded.engine import EmbeddedEngine
from services.search.settings import Settings

if TYPE_CHECKING:
    from services.search.embedding import Encoder


def open_engine(settings: Settings) -> Engine:
    """Open the engine; raise `EngineUnavailable` when another process has it open, or the embedder cannot run."""
    if settings.engine == "embedded":
        return EmbeddedEngine(settings.index_dir, SCHEMA, _encoder(settings))
    return open_shared(settings)


def _encoder(settings: Settings) -> "Encoder | None":
    if settings.embedder == "none":
        return None
    # Imported where it is wanted: what it needs is installed apart.
    try:
        from services.search.embedding import EncoderUnavailable, open_encoder
    except ImportError:
        raise EngineUnavailable(
            f"PRAXIS_SEARCH_EMBEDDER={settings.embedder}: not installed: make embedder EMBEDDER={settings.embedder}"
        ) from None
    try:
        return open_encoder(settings.embedder)
    except EncoderUnavailable as error:
        raise EngineUnavailable(f"PRAXIS_SEARCH_EMBEDDER={settings.embedder}: {error}") from None


def open_shared(settings: Settings) -> SharedEngine:
    """Open an engine whose index another process may write."""
    # Imported where they are wanted: an installation without a server saves their memory.
    from services.search.engines.meilisearch.engine import MeilisearchEngine
    from services.search.engines.meilisearch.keys import Keys

    search, write, tasks = settings.meili_keys
    return MeilisearchEngine(
        settings.meili_url,
        settings.meili_index,
        Keys(
            search.get_secret_value() if search else "",
            write.get_secret_value() if write else None,
            tasks.get_secret_value() if tasks else None,
        ),
        SCHEMA,
        seconds=settings.meili_seconds,
        write_seconds=settings.meili_write_seconds,
        writes=settings.follow,
    )
