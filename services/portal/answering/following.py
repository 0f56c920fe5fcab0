"""References and translations name an item of a list by its place: they follow it when a form moves it. Pure.

A row that has a key is named by that wherever it stands; they go when it does.
"""

import json
import re
from copy import deepcopy
from difflib import SequenceMatcher
from typing import Any

from services.portal.answering.forms import LISTS, at
from services.portal.upstream import Json

_ITEM = re.compile(r"([a-z_]+(?:\.[a-z_]+)?)\[(\d+)\](.*)", re.DOTALL)


def follow(questions: list[Json], before: Json, after: Json, translations: Json) -> tuple[Json, Json]:
    """Return the content and the translations with paths as the items of lists stand after a change.

    What belongs to an item that was taken out goes with it; an item that was changed in its place stays the same one.
    """
    moves = {
        question["path"]: moved
        for question in questions
        if question["kind"] in LISTS
        and (moved := _moves(at(before, question["path"]), at(after, question["path"]))) is not None
    }
    gone = {
        f"{question['path']}[key={key}]"
        for question in questions
        if question["kind"] == "rows"
        for key in _keys(at(before, question["path"])) - _keys(at(after, question["path"]))
    }
    if not moves and not gone:
        return after, translations
    content = deepcopy(after)
    references = content.get("references")
    if isinstance(references, list):
        content["references"] = [one for one in references if _followed(one, moves, gone)]
    followed = {
        language: {path: text for old, text in found.items() if (path := _path(old, moves, gone)) is not None}
        if isinstance(found, dict)
        else found
        for language, found in translations.items()
    }
    return content, followed


def _keys(rows: Any) -> set[str]:
    found = (one.get("key") for one in rows if isinstance(one, dict)) if isinstance(rows, list) else ()
    return {key for key in found if isinstance(key, str)}


def _followed(reference: Any, moves: dict[str, dict[int, int | None]], gone: set[str]) -> bool:
    """Set a reference's path anew; tell whether its field is still there."""
    if isinstance(reference, dict) and isinstance(field := reference.get("field"), str):
        path = _path(field, moves, gone)
        if path is None:
            return False
        reference["field"] = path
    return True


def _path(path: str, moves: dict[str, dict[int, int | None]], gone: set[str]) -> str | None:
    if f"{path.partition(']')[0]}]" in gone:
        return None
    found = _ITEM.fullmatch(path)
    if not found or found[1] not in moves:
        return path
    place = moves[found[1]].get(int(found[2]), int(found[2]))
    return None if place is None else f"{found[1]}[{place}]{found[3]}"


def _moves(before: Any, after: Any) -> dict[int, int | None] | None:
    """Return where each item went, none for one that is gone; none at all where every item stayed where it was."""
    if not isinstance(before, list) or before == after:
        return None
    old = [json.dumps(one, sort_keys=True) for one in before]
    new = [json.dumps(one, sort_keys=True) for one in after] if isinstance(after, list) else []
    moves: dict[int, int | None] = {}
    free = set(range(len(new)))
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            moves.update(zip(range(i1, i2), range(j1, j2), strict=True))
            free -= set(range(j1, j2))
    for place, item in enumerate(old):  # one that was moved is found again elsewhere
        if (
            place not in moves
            and (elsewhere := next((one for one in sorted(free) if new[one] == item), None)) is not None
        ):
            moves[place] = elsewhere
            free.remove(elsewhere)
    rest = [place for place in range(len(old)) if place not in moves]
    if len(rest) == len(free) or len(new) >= len(old):  # changed where they stood
        moves.update(zip(rest, sorted(free), strict=False))
    for place in rest:
        moves.setdefault(place, None)
    return None if all(place == where for place, where in moves.items()) else moves
