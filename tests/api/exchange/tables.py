"""Tables as people send them, and a base that takes them."""

import csv as plain_csv
from io import BytesIO, StringIO
from typing import Any

import orjson
from openpyxl import Workbook

from services.api.exchange.exporting import record
from services.api.exchange.formats import csv
from services.api.records import batches
from services.api.types.practice.type import TYPE
from tests.harness.support import Api, Json

Row = dict[str, str]


def table(format: str, rows: list[Row]) -> bytes:
    """Return a table with all columns that some rows name."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    cells = [columns, *([row.get(name, "") for name in columns] for row in rows)]
    if format == "csv":
        file = StringIO(newline="")
        plain_csv.writer(file).writerows(cells)
        return file.getvalue().encode()
    book, packed = Workbook(), BytesIO()
    for line in cells:
        book.active.append([cell or None for cell in line])  # type: ignore[union-attr]
    book.save(packed)
    return packed.getvalue()


class Base:
    """The api's base, and a client of the secretariat's that sends tables."""

    def __init__(self, api: Api, key: str) -> None:
        self.api, self.key = api, key

    def add(self, name: str, body: Json, query: str = "publish=true") -> None:
        file = orjson.dumps({"external_id": name, **body})
        assert self.report(file, "jsonl", query)["outcomes"]["added"] == 1

    def report(self, file: bytes, format: str, query: str = "publish=true") -> Any:
        answer = self.api.post(f"/imports?format={format}&{query}", self.key, content=file)
        assert answer.status_code == 200, answer.text[:500]
        return answer.json()

    def send(self, format: str, *rows: Row, query: str = "publish=true") -> Json:
        """Send a table and return the outcomes that there are; sent again, it must change nothing."""
        file = table(format, list(rows))
        tried = self.report(file, format, f"{query}&dry_run=true")["outcomes"]
        done: Json = self.report(file, format, query)["outcomes"]
        assert tried == done
        again = self.report(file, format, query)["outcomes"]
        for outcome in ("added", "changed", "published"):
            assert again[outcome] == 0, again
        return {what: number for what, number in done.items() if number}

    def faults(self, format: str, *rows: Row) -> list[Any]:
        """Send a table whose rows are all rejected, and return the faults of the first."""
        report = self.report(table(format, list(rows)), format)
        assert report["outcomes"]["rejected"] == len(rows), report
        return list(report["rejected"][0]["faults"])

    def here(self, name: str) -> Json:
        """Return a record as files hold it."""
        with self.api.database.transaction(write=False) as session:
            return record(TYPE, batches.present(session, TYPE, [name])[name])

    def public(self, name: str) -> Any:
        with self.api.database.transaction(write=False) as session:
            id = batches.present(session, TYPE, [name])[name].record.id
        return self.api.get(f"/practices/{id}").json()

    def cells(self, name: str) -> Row:
        return row_of(self.here(name))


def row_of(one: Json) -> Row:
    """Return the cells of a record that are filled, as an export writes them."""
    file = BytesIO()
    csv.write(file, lambda: iter([one]), TYPE)
    columns, cells = plain_csv.reader(StringIO(file.getvalue().decode("utf-8-sig"), newline=""))
    return {name: cell for name, cell in zip(columns, cells, strict=True) if cell}
