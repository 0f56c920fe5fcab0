"""Settings of the api, read from the environment (`PRAXIS_API_…`) or a `.env` file."""

import sys
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What an installation may set; every value has a limit or a safe default."""

    model_config = SettingsConfigDict(env_prefix="PRAXIS_API_", env_file=".env", extra="ignore")

    database_url: str = Field("sqlite:///data/praxis.db", repr=False)
    """SQLAlchemy address of the system of record: `sqlite:///…` or `postgresql://…`."""
    pool_size: int = Field(10, ge=1)
    """Connections kept open to the database, by one process."""
    pool_overflow: int = Field(20, ge=0)
    """Connections opened beyond those while all are busy."""
    pool_timeout: float = Field(10, gt=0)
    """Seconds to wait for a connection while all are busy."""
    connect_timeout: float = Field(5, gt=0)
    """Seconds in which PostgreSQL must take a new connection."""
    busy_timeout: float = Field(10, gt=0)
    """Seconds to wait for a lock of the database."""
    statement_timeout: float = Field(30, gt=0)
    """Seconds that one statement may take on PostgreSQL."""
    idle_timeout: float = Field(60, gt=0)
    """Seconds after which PostgreSQL ends a transaction that stands still."""
    migration_timeout: float = Field(600, gt=0)
    """Seconds that one statement of a migration or a restore may take on PostgreSQL."""

    max_body_bytes: int = 2_000_000
    """Largest body taken; the longest text of the questionnaire is far shorter."""
    max_workbook_bytes: int = 10_000_000
    """Largest Excel workbook taken."""
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
