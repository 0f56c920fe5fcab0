"""Looks after readers' affairs while the api runs: followed searches that are due, and what is kept long enough."""

import asyncio
from datetime import datetime

import httpx
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from services.api.kit.db import Database
from services.api.kit.moments import now
from services.api.kit.outages import said
from services.api.readers import following, service
from services.api.readers.rules import Rules
from services.web.observe import log

EVERY = 60.0
"""Seconds between two looks."""


class Clerk:
    """One a process; several may work on one database, each search is taken up by one of them.

    `search` asks the search service, where there is one.
    """

    def __init__(self, database: Database, rules: Rules, search: httpx.AsyncClient | None) -> None:
        self.rules = rules
        self._database = database
        self._search = search
        self._closing = asyncio.Event()

    async def work(self, moment: datetime) -> None:
        """Do all that is due at a moment."""
        await run_in_threadpool(self._forget, moment)
        while self._search and self.rules.searches and not self._closing.is_set():
            if await following.look(self._database, self._search, moment) < following.AT_ONCE:
                return

    async def run(self) -> None:
        """Work until closed; while the database is away, try again later."""
        while not self._closing.is_set():
            try:
                await asyncio.wait_for(self._closing.wait(), EVERY)
            except TimeoutError:
                try:
                    await self.work(now())
                except SQLAlchemyError as error:
                    log.warning("readers not looked after", cause=said(error))
        if self._search:
            await self._search.aclose()

    def close(self) -> None:
        """End after what is in hand."""
        self._closing.set()

    def _forget(self, moment: datetime) -> None:
        with self._database.transaction() as session:
            service.forget(session, self.rules, moment)
