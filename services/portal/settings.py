"""Settings of the portal, read from the environment (`PRAXIS_PORTAL_…`) or a `.env` file."""

import sys
from typing import Annotated, Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

Positive = Annotated[float, Field(gt=0)]


class Settings(BaseSettings):
    """What an installation may set; the portal holds nothing, so it needs no secret and no place to write."""

    model_config = SettingsConfigDict(
        env_prefix="PRAXIS_PORTAL_", env_file=".env", extra="ignore", hide_input_in_errors=True
    )

    api_url: str = "http://127.0.0.1:8000"
    """Where the api is."""
    search_url: str = "http://127.0.0.1:8000"
    """Where the search service is."""
    upstream_seconds: Positive = 15
    """How long the two may take to answer; imports may take `import_seconds`."""
    import_seconds: Positive = 120
    """How long the api may take to import a file."""
    upload_bytes: Annotated[int, Field(ge=1_000_000)] = 21_000_000
    """Largest form or file that is taken; the api has bounds of its own."""
    embed_ancestors: Annotated[str, Field(pattern=r"^[^;,\r\n]+$")] = "*"
    """Who may show `/embed/…` in a frame: sources of a Content-Security-Policy, such as `https://town.example.org`."""

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_json: bool = Field(default_factory=lambda: not sys.stderr.isatty())
    """JSON lines for machines, else plain text; by default plain on a terminal."""
    log_sample: Annotated[int, Field(ge=1)] = 100
    """One request in so many is logged; failures always are."""
