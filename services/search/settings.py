"""Settings of the search service, read from the environment (`PRAXIS_SEARCH_…`) or a `.env` file."""

from pathlib import Path
from typing import Annotated

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

Positive = Annotated[float, Field(gt=0)]


class Settings(BaseSettings):
    """What an installation may set; every value has a limit or a safe default."""

    model_config = SettingsConfigDict(env_prefix="PRAXIS_SEARCH_", env_file=".env", extra="ignore")

    api_url: str = "http://127.0.0.1:8000"
    """Where the api is, whose change feed is followed."""
    index_dir: Path = Path("data/index")
    """Directory of the embedded engine's index; it can be deleted at any time, and is rebuilt."""

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

    log_sample: Annotated[int, Field(ge=1)] = 100
    """One request in so many is logged; failures always are."""
