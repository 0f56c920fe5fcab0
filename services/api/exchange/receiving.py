"""A file of records that a client sends: read within bounds, taken in as the command does, and reported."""

import time
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Literal

from services.api.exchange.entries import Entry, Unreadable
from services.api.exchange.formats import xlsx
from services.api.exchange.importing import Importer
from services.api.exchange.items import Options
from services.api.exchange.schemas import ImportReport, ListedRejection, Outcomes, Rejected
from services.api.exchange.sources import open_source
from services.api.forms.types import RecordType
from services.api.kit.db import Database
from services.web.problems import Fault, Invalid, TooLarge, Unavailable

Format = Literal["jsonl", "csv", "xlsx", "yaml"]

AT_ONCE = 100
"""Records in one transaction: fewer than the command's, because other writers of this service wait meanwhile."""
MOST_LISTED, MOST_FAULTS = 100, 20
"""Rejected records that a report lists, and faults of each."""
MOST_UNPACKED = 100_000_000
"""Bytes that a workbook may unpack to; the command takes far more."""
RETRY_AFTER = 5


class Receiver:
    """Takes in one file at a time, of at most so many records.

    After `seconds` no further batch is begun: a gateway waits for an answer no longer than 40 s.
    """

    def __init__(self, most_records: int, seconds: float = 30, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most_records
        self._seconds = seconds
        self._clock = clock
        self._busy = Lock()

    def receive(
        self, database: Database, file: bytes, format: Format, options: Options, type: RecordType | None = None
    ) -> ImportReport:
        """Take in a file of records of a type, or tell what would be done, and return what became of them.

        Raise `Unavailable` while another one is being taken in, `TooLarge` for too many records and `Invalid` for a
        file that no record can be taken from: then nothing is written.
        """
        if not self._busy.acquire(blocking=False):
            raise Unavailable("Another import is running; send the file again when it is done", RETRY_AFTER)
        try:
            until = self._clock() + self._seconds
            return self._take_in(database, self._read(file, format, type, until), options, until)
        finally:
            self._busy.release()

    def _take_in(self, database: Database, entries: deque[Entry], options: Options, until: float) -> ImportReport:
        report = _Report()
        importer = Importer(database, options, report.add, at_once=AT_ONCE)
        complete = True
        try:
            importer.run(self._within(until, entries))
        except _TimeUp:
            complete = False
        done = importer.done
        nothing = options.dry_run or (options.whole and (not complete or done["rejected"] > 0))
        return ImportReport(
            written=not nothing,
            complete=complete,
            records=done.total(),
            outcomes=Outcomes.of(done),
            rejected=report.listed,
            more_rejected=report.more,
        )

    def _read(self, file: bytes, format: Format, type: RecordType | None, until: float) -> deque[Entry]:
        """Read all records before the first is taken in, so that a file is refused as a whole."""
        read: deque[Entry] = deque()
        with TemporaryDirectory(prefix="praxis-import-") as folder:
            path = Path(folder) / f"sent.{format}"
            path.write_bytes(file)
            try:
                if format == "xlsx":
                    xlsx.size(path, MOST_UNPACKED)
                for entry in open_source(path, type).entries:
                    if len(read) == self._most:
                        raise TooLarge(
                            f"The file holds more than {self._most} records: send it in parts, or let whoever runs "
                            "this installation take it in with `praxis import`"
                        )
                    if self._clock() > until:
                        raise Unreadable(
                            f"the file takes more than {self._seconds:g} seconds to read; send it in parts"
                        )
                    read.append(entry)
            except Unreadable as refused:
                message = str(refused).replace(str(path), "the file")
                raise Invalid([Fault(location="body", field="file", message=message)]) from None
        return read

    def _within(self, until: float, entries: deque[Entry]) -> Iterator[Entry]:
        """Yield records, and let go of each; raise `_TimeUp` from a moment on."""
        while entries:
            if self._clock() > until:
                raise _TimeUp
            yield entries.popleft()


class _TimeUp(Exception):
    """Ends an import; what was stored stays."""


class _Report:
    """Keeps the first rejected records, with their first faults."""

    def __init__(self) -> None:
        self.listed: list[ListedRejection] = []
        self.more = 0

    def add(self, line: Rejected) -> None:
        """Tell of one record."""
        if len(self.listed) == MOST_LISTED:
            self.more += 1
            return
        first, more = line.faults[:MOST_FAULTS], max(0, len(line.faults) - MOST_FAULTS)
        self.listed.append(
            ListedRejection(place=line.place, external_id=line.external_id, faults=first, more_faults=more)
        )
