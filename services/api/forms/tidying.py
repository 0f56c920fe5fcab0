"""Drafts without their blanks: a form may send empty boxes and rows, which say nothing and are no faults."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from services.api.forms.catalogue import Catalogue
from services.api.forms.inputs import field_type
from services.api.forms.paths import KEY, Step, steps, written

_DEEPEST = 8  # steps; no field of the questionnaire lies as deep


class Tidied:
    """A draft without blank texts, nulls and rows in which nobody has filled anything; references follow their fields.

    What is of a wrong type or unknown stays as it is.
    """

    def __init__(self, form: Catalogue, content: Mapping[str, Any]) -> None:
        self._defaults = form.defaults
        self._keyed = form.keyed_lists
        self._kept: dict[tuple[Step, ...], list[int]] = {}
        self.content: dict[str, Any] = {}
        for name, value in content.items():
            if name in form.wholes and isinstance(value, dict):
                answers = {field: self._tidy(inner, (name, field), "") for field, inner in value.items()}
                self.content[name] = {field: inner for field, inner in answers.items() if inner is not None}
            elif (rest := self._tidy(value, (name,), "")) is not None:
                self.content[name] = rest
        self._follow_references()

    def original(self, path: tuple[Step, ...]) -> tuple[Step, ...]:
        """Return where something in the tidied content stands in the draft as it was given."""
        found: list[Step] = []
        for length, step in enumerate(path):
            kept = self._kept.get(path[:length], [])
            found.append(kept[step] if isinstance(step, int) and step < len(kept) else step)
        return tuple(found)

    def _tidy(self, value: Any, path: tuple[Step, ...], column: str) -> Any:
        """Return what is left of a value, none when that is nothing."""
        if isinstance(value, str):
            return value if value.strip() else None
        if len(path) > _DEEPEST:
            return value
        if isinstance(value, list):
            return self._items(value, path, column)
        if isinstance(value, dict):
            return self._row(value, path, column)
        return value

    def _items(self, items: list[Any], path: tuple[Step, ...], column: str) -> list[Any] | None:
        kept: list[int] = []
        rest: list[Any] = []
        for number, item in enumerate(items):
            if (left := self._tidy(item, (*path, len(rest)), column)) is not None:
                kept.append(number)
                rest.append(left)
        if len(kept) < len(items):
            self._kept[path] = kept
        return rest or None

    def _row(self, row: dict[str, Any], path: tuple[Step, ...], column: str) -> dict[str, Any] | None:
        asked = ".".join(step for step in path[:2] if isinstance(step, str))
        defaults = self._defaults.get(asked, {})
        key = KEY if asked in self._keyed and not column else None
        inside = f"{column}." if column else ""
        rest: dict[str, Any] = {}
        filled = False
        for name, value in row.items():
            if (left := self._tidy(value, (*path, name), f"{inside}{name}")) is not None:
                rest[name] = left
                default = defaults.get(f"{inside}{name}")
                filled = filled or (name != key and (default is None or left != default))
        return rest if filled else None

    def moved(self, field: str) -> str:
        """Return where an item such as `how.results[2]` stands now; one that was blank is led past the end."""
        way = steps(field)
        now: list[Step] = []
        for step in way if written(way) == field else ():
            kept = self._kept.get(tuple(now))
            if kept is not None and isinstance(step, int):
                now.append(kept.index(step) if step in kept else len(kept) + step)
            else:
                now.append(step)
        return written(now) if now else field

    def _follow_references(self) -> None:
        references = self.content.get("references")
        for row in references if isinstance(references, list) else ():
            if isinstance(row, dict) and isinstance(field := row.get("field"), str):
                row["field"] = self.moved(field)


def filled(model: type[BaseModel], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return a draft with what holds where nothing is answered; what a record must have and lacks stays out."""
    found = dict(given)
    for name, field in model.model_fields.items():
        kind = field_type(field)
        value = found.get(name)
        if kind.part and kind.many and isinstance(value, list):
            found[name] = [filled(kind.part, row) if isinstance(row, Mapping) else row for row in value]
        elif kind.part and not kind.many and (isinstance(value, Mapping) or (name not in found and _section(field))):
            found[name] = filled(kind.part, value or {})
        elif name not in found and not field.is_required():
            found[name] = field.get_default(call_default_factory=True)
    return found


def _section(field: FieldInfo) -> bool:
    """Tell whether a field holds a part of the form, rather than an answer that may be left out."""
    return field.is_required() or field.get_default(call_default_factory=True) is not None
