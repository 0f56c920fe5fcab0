"""What is offered to readers without an account, put together from the settings."""

from datetime import timedelta

import httpx

from services.api.kit.db import Database
from services.api.readers.clerk import Clerk
from services.api.readers.rules import Rules
from services.api.settings import Settings


def open_clerk(settings: Settings, database: Database, search: httpx.AsyncClient | None = None) -> Clerk:
    """Return who looks after readers' affairs; the search service is asked by the client given, or else by its own."""
    if search is None and settings.search_url:
        search = httpx.AsyncClient(base_url=settings.search_url, timeout=settings.search_seconds)
    letters = bool(settings.mail_from and settings.public_url)
    rules = Rules(letters, letters and search is not None, timedelta(days=settings.message_days))
    return Clerk(database, rules, search)
