"""What a row of a table says of translations; of texts in rows with keys it does so by the row's number or key."""

from collections.abc import Collection
from typing import Any

from services.api.exchange.entries import Json
from services.api.exchange.table import Row
from services.api.forms.flat import Way
from services.api.forms.paths import KEY, Key, key_of, steps, value_at, written
from services.web.problems import Fault


def translated(row: Row, lists: Collection[Way], here: Json | None, changed: Json) -> tuple[Json, list[Fault]]:
    """Return the translations that a row makes of those of the record that is here, or of none, and what is wrong.

    A number means the row of `changed`, the content that the table makes, or in `lists` the row of the key that the
    table gives beside it. What has no column stays, but goes with its text, and with what it translates.
    """
    told: dict[tuple[str, str], Json] = {}
    faults = []
    for column, value in zip(row.header.columns, row.values, strict=False):
        if column.way[0] != "translations":
            continue
        _, language, path, part = map(str, column.way)
        place = _by_key(row, lists, changed, path)
        if place is None:
            if value is not None:
                message = "there is no row that this text is in: give the row's own texts, and its key if it has one"
                faults.append(Fault(location=row.place, field=column.name, message=message))
        elif told.setdefault((language, place), {}).setdefault(part, value) != value:
            message = "the row of this key is spoken of twice"
            faults.append(Fault(location=row.place, field=column.name, message=message))
    made: Json = {}

    def put(language: str, path: str, part: str, value: Any) -> None:
        made.setdefault(language, {}).setdefault(path, {})[part] = value

    for (language, path), said in told.items():
        for part, value in said.items():
            if value is not None:
                put(language, path, part, value)
    for language, fields in here["translations"].items() if here else ():
        for path, one in fields.items():
            said = told.get((language, path), {})
            if "text" in said:
                stays = said["text"] is not None
            else:
                stays = language != changed.get("language") and isinstance(value_at(changed, path), str)
            for part in one if stays else ():
                if part not in said:
                    put(language, path, part, one[part])
    return made, faults


def _by_key(row: Row, lists: Collection[Way], changed: Json, path: str) -> str | None:
    """Return the path of a text with the key of its row in the place of the number; none where there is no such row."""
    way = steps(path)
    at = next((number for number, step in enumerate(way[:-1]) if isinstance(step, int)), None)
    if at is None:
        return path
    outer = ("content", *way[:at])
    key = row.get(*outer, way[at], KEY) if outer in lists else key_of(value_at(changed, written(way[: at + 1])))
    return written((*way[:at], Key(str(key).strip()), *way[at + 1 :])) if key is not None else None
