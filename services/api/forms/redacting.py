"""Takes one value out of a content for good, with its translations and the references that speak of it."""

import copy
from collections.abc import Collection, Iterator
from typing import Any

from pydantic import ValidationError

from services.api.forms.answers import answered
from services.api.forms.form import Form
from services.api.forms.paths import KEY, Key, Step, key_of, positions, steps, take_out, unnumbered, value_at, written
from services.api.forms.paths import put as put_at
from services.api.forms.privacy import REFERENCES
from services.web.problems import Fault, Invalid

Json = dict[str, Any]


def lasting(form: Form, content: Json, path: str, before: Collection[str]) -> str:
    """Return a path that goes on naming what stands at a path now, whatever else is taken out of the content.

    Rows of lists that have keys are named by these, others by the number that they had before the paths of `before`,
    which are lasting ones, were taken out.
    """
    now: list[Step] = []
    kept: list[Step] = []
    for step in steps(path):
        rows = value_at(content, written(now))
        position = positions(content, (*now, step))[-1]
        if isinstance(position, int):
            keyed = unnumbered(written(now)) in form.keyed_lists and isinstance(rows, list) and position < len(rows)
            key = key_of(rows[position]) if keyed else None
            kept.append(Key(key) if isinstance(key, str) else _numbered(position, _gone(kept, before)))
        else:
            kept.append(step)
        now.append(step)
    return written(kept)


def _numbered(position: int, gone: Collection[int]) -> int:
    """Return the number of the row at a position when those of some numbers are gone."""
    for number in sorted(gone):
        if number <= position:
            position += 1
    return position


def present(path: str, before: Collection[str]) -> str | None:
    """Return where what a lasting path names stands after the paths of `before` were taken out; none if it went too."""
    kept: list[Step] = []
    now: list[Step] = []
    for step in steps(path):
        if isinstance(step, int):
            gone = _gone(kept, before)
            if step in gone:
                return None
            now.append(step - sum(number < step for number in gone))
        else:
            now.append(step)
        kept.append(step)
    return written(now)


def _gone(rows: list[Step], before: Collection[str]) -> set[int]:
    """Return the numbers of the rows of a list that were taken out."""
    found = set()
    for way in map(steps, before):
        if way[:-1] == rows and isinstance(last := way[-1], int):
            found.add(last)
    return found


def redacted(form: Form, content: Json, translations: Json, path: str) -> tuple[Json, Json]:
    """Return a content and its translations without what stands at a path, and without what speaks of that alone.

    What speaks of later items of the list follows them. Raise `Invalid` when the content would lack what it must have.
    """
    place = _Place(content, path)
    made = copy.deepcopy(content)
    if _is_key(form, path):
        raise _refused(path, f"others find the row by '{path}'")
    take_out(made, path)
    if (row := _row(path)) and not answered({name: one for name, one in value_at(made, row).items() if name != KEY}):
        raise _refused(path, f"nothing else stands in '{row}'")
    if isinstance(references := made.get(REFERENCES), list):
        made[REFERENCES] = list(_followed(references, place, made))
    known = {_kind(fault) for fault in _faults(form, content)}
    for fault in _faults(form, made):
        if _kind(fault) not in known:
            raise _refused(path, f"'{fault[0]}' needs it ({fault[2]})")
    if not isinstance(steps(path)[-1], int | Key):
        put_at(made, path, _blank(form, path, value_at(content, path)))
    kept = {
        language: {moved: text for at, text in texts.items() if (moved := place.moved(at)) is not None}
        for language, texts in translations.items()
    }
    return made, {language: texts for language, texts in kept.items() if texts}


class _Place:
    """A place in a content that is taken out, and where others lead afterwards."""

    def __init__(self, content: Json, path: str) -> None:
        self.content = content
        self._way = positions(content, steps(path))

    def moved(self, path: str) -> str | None:
        """Return where a path leads afterwards, none for one that led to what is gone."""
        way, last = self._way, len(self._way) - 1
        own = steps(path)
        at = positions(self.content, own)
        if at[: last + 1] == way:
            return None
        if last < len(at) and at[:last] == way[:last]:
            gone, step = way[last], own[last]
            if isinstance(gone, int) and isinstance(step, int) and step > gone:
                own[last] = step - 1
        return written(own)


def _followed(references: list[Any], place: _Place, made: Json) -> Iterator[Any]:
    for row in references:
        field = row.get("field") if isinstance(row, dict) else None
        if not isinstance(field, str):
            yield row
        elif (moved := place.moved(field)) is not None and (
            value_at(made, moved) is not None or value_at(place.content, field) is None
        ):
            yield row | {"field": moved}


def _faults(form: Form, content: Json) -> list[tuple[str, str, str]]:
    """Return what is wrong with a content: where, of which kind, and what."""
    try:
        form.validated(content)
    except ValidationError as error:
        return [
            (written((*entry["loc"], *steps(str(entry.get("ctx", {}).get("at", ""))))), entry["type"], entry["msg"])
            for entry in error.errors(include_url=False)
        ]
    return []


def _kind(fault: tuple[str, str, str]) -> tuple[str, str]:
    return unnumbered(fault[0]), fault[1]


def _row(path: str) -> str | None:
    """Return the path of the row that a path leads into."""
    way = steps(path)
    ends = [number for number, step in enumerate(way[:-1], 1) if isinstance(step, int | Key)]
    return written(way[: ends[-1]]) if ends else None


def _is_key(form: Form, path: str) -> bool:
    try:
        return form.column(path).kind == "key"
    except KeyError:
        return False


def _blank(form: Form, path: str, value: Any) -> Any:
    """Return what stands at a path where nothing is answered."""
    if isinstance(value, list):
        return []
    try:
        return form.column(path).default
    except KeyError:
        return form.question(path).default


def _refused(path: str, why: str) -> Invalid:
    row = _row(path)
    instead = f"redact the whole row, '{row}', or withdraw the revision" if row else "withdraw the revision"
    message = f"cannot be taken out alone: {why}; {instead} instead"
    return Invalid([Fault(location="body", field="path", message=message, value=path)])
