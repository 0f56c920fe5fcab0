"""Opens the engine that the settings name."""

from services.search.document import SCHEMA
from services.search.engines.base import Engine, SharedEngine
from services.search.engines.embedded import EmbeddedEngine
from services.search.settings import Settings


def open_engine(settings: Settings) -> Engine:
    """Open the engine; raise `EngineUnavailable` when another process has the embedded index open."""
    if settings.engine == "embedded":
        return EmbeddedEngine(settings.index_dir, SCHEMA)
    return open_shared(settings)


def open_shared(settings: Settings) -> SharedEngine:
    """Open an engine whose index another process may write."""
    # Imported where they are wanted: an installation without a server saves their memory.
    from services.search.engines.meilisearch import MeilisearchEngine
    from services.search.engines.meilisearch_keys import Keys

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
