"""How letters are worded, sent and stopped, put together from the rooms and the settings."""

from datetime import timedelta

from services.api.access import letters as access
from services.api.kit.db import Database
from services.api.letters.smtp import Smtp
from services.api.letters.stops import Stoppers
from services.api.letters.worker import Worker
from services.api.letters.writers import Writer
from services.api.notices import writing as notices
from services.api.notices.writing import NoticeRules
from services.api.readers import letters as readers
from services.api.readers import service as reader_service
from services.api.settings import Settings
from services.api.signing_in import rules_of

STOPPERS: Stoppers = {notices.ROOM: notices.STOPPER, reader_service.ROOM: readers.STOPPER}
"""Rooms whose letters can be stopped."""


def writers_of(settings: Settings) -> dict[str, Writer]:
    """Return who words letters, by kind."""
    rules = NoticeRules(timedelta(seconds=settings.letter_grace_seconds), settings.letters_a_day)
    return {access.KIND: access.writer(rules_of(settings)), **notices.writers(rules), **readers.WRITERS}


def open_worker(settings: Settings, database: Database) -> Worker:
    """Return what sends the letters that wait; without a server it only forgets what is old."""
    smtp = None
    if settings.smtp_url and settings.mail_from:
        smtp = Smtp.read(settings.smtp_url, settings.mail_from, settings.smtp_timeout)
    return Worker(database, smtp, settings.public_url or "", writers_of(settings), readers.UNREMEMBERED)
