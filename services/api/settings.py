"""Settings of the api, read from the environment (`PRAXIS_API_…`) or a `.env` file."""

import sys
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What an installation may set; every value has a limit or a safe default."""

    model_config = SettingsConfigDict(env_prefix="PRAXIS_API_", env_file=".env", extra="ignore")

    database_url: str = "sqlite:///data/praxis.db"
    """SQLAlchemy address of the system of record."""
    pool_size: int = 10
    """Connections kept open to the database."""
    busy_timeout: float = 10
    """Seconds to wait for a lock of the database."""

    max_body_bytes: int = 2_000_000
    """Largest body taken; the longest text of the questionnaire is far shorter."""
    writes_per_minute: int = 600
    """Writes that one caller may make a minute, in one process."""
    refusals_per_minute: int = 60
    """Refused keys that one address may send a minute, in one process."""
    answer_cache_bytes: int = 32_000_000
    """Memory for recent answers to public reads."""

    most_waiters: int = 1_000
    """Readers of the change feed that may wait at once in one process."""

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_json: bool = Field(default_factory=lambda: not sys.stderr.isatty())
    """JSON lines for machines, else plain text; by default plain on a terminal."""
    log_sample: int = 100
    """One request in so many is logged; failures always are."""
