"""Settings of the search service, read from the environment (`PRAXIS_SEARCH_…`) or a `.env` file."""

import sys
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

Positive = Annotated[float, Field(gt=0)]
Secret = Annotated[SecretStr | None, Field(min_length=16)]


class Settings(BaseSettings):
    """What an installation may set; every value has a limit or a safe default."""

    model_config = SettingsConfigDict(
        env_prefix="PRAXIS_SEARCH_", env_file=".env", extra="ignore", hide_input_in_errors=True
    )

    api_url: str = "http://127.0.0.1:8000"
    """Where the api is, whose change feed is followed."""
    engine: Literal["embedded", "meilisearch"] = "embedded"
    """The search engine: one within the process, or a Meilisearch server."""
    embedder: Literal["none", "e5", "use"] = "none"
    """Whose model finds records by their meaning too (embedded engine); its package is installed apart."""
    follow: bool = True
    """Whether this process follows the feed; if not, it answers from an index that another process writes."""
    index_dir: Path = Path("data/index")
    """Directory of the embedded engine's index; it can be deleted at any time, and is rebuilt."""

    meili_url: str = "http://127.0.0.1:7700"
    """Where the Meilisearch server is."""
    meili_index: Annotated[str, Field(pattern="^[a-z0-9][a-z0-9_-]{0,59}$")] = "praxis"
    """Name of the live index on that server; one called so with `_` and 32 hexadecimal digits is one being built."""
    meili_search_key: Secret = None
    """Key that may search."""
    meili_write_key: Secret = None
    """Key that may write; whoever follows needs it."""
    meili_tasks_key: Secret = None
    """Key that may look at tasks; whoever follows needs it."""
    meili_seconds: Positive = 5
    """How long the server may take to answer a query."""
    meili_write_seconds: Positive = 30
    """How long the server may take to accept a write; that it is carried out is awaited besides."""

    feed_batch: Annotated[int, Field(ge=1, le=1000)] = 500
    """Records read and applied at once."""
    feed_wait: Annotated[float, Field(ge=0, le=25)] = 20
    """Seconds that the api is asked to wait for news."""
    compare_minutes: Positive = 10
    """How often an idle follower compares its index with the feed's digest."""

    search_threads: Annotated[int, Field(ge=1, le=64)] = 4
    """Searches that run at once."""
    search_queue: Annotated[int, Field(ge=0)] = 64
    """Searches that may wait for a thread; more are answered 503."""
    search_seconds: Positive = 5
    """How long one search may take."""
    answer_cache_bytes: Annotated[int, Field(ge=0)] = 32_000_000
    """Memory for recent answers."""

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_json: bool = Field(default_factory=lambda: not sys.stderr.isatty())
    """JSON lines for machines, else plain text; by default plain on a terminal."""
    log_sample: Annotated[int, Field(ge=1)] = 100
    """One request in so many is logged; failures always are."""

    @property
    def meili_keys(self) -> tuple[SecretStr | None, SecretStr | None, SecretStr | None]:
        """Return the keys to search, to write, and to look at tasks."""
        return self.meili_search_key, self.meili_write_key, self.meili_tasks_key

    @model_validator(mode="after")
    def _has_what_the_engine_needs(self) -> Self:
        if self.engine == "embedded":
            if not self.follow:
                raise ValueError("PRAXIS_SEARCH_FOLLOW: an embedded index is read and written by one process alone")
            return self
        if self.embedder != "none":
            raise ValueError("PRAXIS_SEARCH_EMBEDDER: only the embedded engine finds by meaning")
        needed = ("meili_search_key", *(("meili_write_key", "meili_tasks_key") if self.follow else ()))
        missing = [f"PRAXIS_SEARCH_{name.upper()}" for name in needed if getattr(self, name) is None]
        if missing:
            raise ValueError(f"missing, make them with `praxis-search keys`: {', '.join(missing)}")
        return self
