"""The questionnaire's answers as the fields of a form, and back. Pure.

A form holds nothing but texts. `present` gives the texts that stand for a content, `parse` what was meant by the texts
that came back: for a form that nobody touched exactly the content that it was made of. A value that its text does not
tell (a number where a text belongs, an order of codes, fields that nobody asks for) travels along as JSON in a hidden
field `was:…` and stays as long as its text does. What cannot be read as what is asked for stays as it was typed.
"""

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Final

import orjson

from services.portal.answering import typed
from services.portal.upstream import Json

Pairs = Sequence[tuple[str, str]]
Labels = Callable[[str], Mapping[str, str]]
"""Code and label of each term of a vocabulary, in its order."""

ABSENT: Final[Any] = object()
"""Stands for no answer; none is JSON's null, which a draft may hold."""
ASKED, WAS = "asked", "was:"
_SOFT_ENDS = re.compile(r"[\x0b\x0c]")
_UNSEEN = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
LISTS = ("texts", "rows")
_DEEPEST = 20
"""Levels of what may travel along with a form: more than a draft can have."""
MANY = 40
"""Vocabularies of more terms are typed in and completed, rather than unrolled in every row."""


@dataclass(frozen=True)
class Box:
    """One thing to fill in: its name in the form, its path in the content, its texts, and what they do not tell."""

    asked: Json
    name: str
    path: str
    texts: tuple[str, ...]
    was: str = ""

    @property
    def text(self) -> str:
        """What stands in it, where that is one text."""
        return self.texts[0] if self.texts else ""

    @property
    def id(self) -> str:
        """The id of its element."""
        return id_of(self.name)


@dataclass(frozen=True)
class Item:
    """An item of a list: a row with its boxes, or a text in one box."""

    token: str
    name: str
    path: str
    boxes: tuple[Box, ...]
    was: str = ""

    @property
    def id(self) -> str:
        """The id of its element."""
        return id_of(self.name)


@dataclass(frozen=True)
class Entry:
    """A question with the boxes to answer it in: `box`, or `items` where a list is asked for."""

    question: Json
    box: Box | None = None
    items: tuple[Item, ...] = ()
    was: str = ""

    @property
    def path(self) -> str:
        """Its path in the content, which is its name in the form."""
        path: str = self.question["path"]
        return path

    @property
    def id(self) -> str:
        """The id of its element."""
        return f"q-{id_of(self.path)[2:]}"


def id_of(name: str) -> str:
    """Return the id of what has a name in the form."""
    return "f-" + name.replace("[", "-").replace("]", "").replace(".", "-")


def at(content: Any, path: str) -> Any:
    """Return what stands at a path such as `amount.currency`, `ABSENT` where nothing does."""
    found = content
    for step in path.split("."):
        if not isinstance(found, dict) or step not in found:
            return ABSENT
        found = found[step]
    return found


def put(content: Json, path: str, value: Any) -> None:
    """Set what stands at a path, or take it out with whatever is left empty by that."""
    *outer, last = path.split(".")
    if value is ABSENT:
        if at(content, path) is not ABSENT:
            holder = at(content, ".".join(outer)) if outer else content
            del holder[last]
            if outer and not holder:
                put(content, ".".join(outer), ABSENT)
        return
    here = content
    for step in outer:
        if not isinstance(here.get(step), dict):
            here[step] = {}
        here = here[step]
    here[last] = value


def same(one: Any, other: Any) -> bool:
    """Whether two values are one in JSON, where true is not 1; ABSENT is like nothing else."""
    if one is ABSENT or other is ABSENT:
        return one is other
    return _json(one) == _json(other)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def chosen_from_many(asked: Json, labels: Labels) -> bool:
    """Whether a code is typed in as its label and completed, rather than chosen from a list."""
    return asked["kind"] == "code" and len(labels(asked["vocabulary"])) > MANY


def texts(asked: Json, value: Any, labels: Labels) -> tuple[str, ...]:
    """Return the texts that stand for a value in its box; of codes those that are ticked, in the form's order."""
    if asked["kind"] == "codes":
        ticked = dict.fromkeys(map(_text, value if isinstance(value, list) else [] if value is ABSENT else [value]))
        known = labels(asked["vocabulary"])
        return (*(code for code in known if code in ticked), *(one for one in ticked if one not in known))
    if chosen_from_many(asked, labels) and isinstance(value, str):
        known = labels(asked["vocabulary"])
        label = known.get(value, value)
        return (label if _codes(known).get(label.casefold()) == value else value,)
    return ("" if value is ABSENT else _text(value),)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return unified(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return typed.text(value)
    return "" if value is None else _json(value)


def unified(text: str) -> str:
    """Return a text with the one kind of line ends that browsers send in many."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _pasted(text: str) -> str:
    """Return a text without what other programs put into it and nobody sees; their soft line ends become plain ones."""
    return _UNSEEN.sub("", _SOFT_ENDS.sub("\n", unified(text)))


def _codes(known: Mapping[str, str]) -> dict[str, str]:
    """Return the code of each label; of a label that two have, and of each code, itself."""
    found: dict[str, str] = {}
    for code, label in known.items():
        found[label.casefold()] = code if label.casefold() not in found else ""
    return found | {code.casefold(): code for code in known}


def read(asked: Json, given: Sequence[str], labels: Labels) -> Any:
    """Return what the texts of a box mean, the text itself where it is not what is asked for, ABSENT for a blank."""
    if asked["kind"] == "codes":
        return list(dict.fromkeys(one for one in given if one)) or ABSENT
    text = _pasted(given[0]) if given else ""
    if not text.strip():
        return ABSENT
    if asked["kind"] == "yes-no":
        return {"true": True, "false": False}.get(text, text)
    if asked["kind"] in ("integer", "number"):
        value = typed.number(text, whole=asked["kind"] == "integer")
        return text if value is None else value
    if chosen_from_many(asked, labels):
        return _codes(labels(asked["vocabulary"])).get(text.strip().casefold()) or text
    return text


def present(questions: Iterable[Json], content: Json, labels: Labels) -> list[Entry]:
    """Return the questions with what a content answers."""
    return [_entry(question, at(content, question["path"]), labels) for question in questions]


def _entry(question: Json, value: Any, labels: Labels) -> Entry:
    path = question["path"]
    if question["kind"] not in LISTS:
        return Entry(question, _box(question, path, path, value, labels))
    values = [] if value is ABSENT else value if isinstance(value, list) else [value]
    items = tuple(_item(question, str(number), one, labels) for number, one in enumerate(values))
    told = same(value, values or ABSENT)
    return Entry(question, items=items, was="" if told else _json(value))


def blank(question: Json, token: str, labels: Labels) -> Item:
    """Return an item of a list that nobody has filled."""
    return _item(question, token, ABSENT, labels)


def _item(question: Json, token: str, value: Any, labels: Labels) -> Item:
    name = f"{question['path']}[{token}]"
    if question["kind"] == "texts":
        return Item(token, name, name, (_box(question, name, name, value, labels),))
    boxes = tuple(_cell(column, name, value, labels) for column in question["columns"])
    told: Any = {}
    for column, box in zip(question["columns"], boxes, strict=True):
        put(told, column["path"], read(column, box.texts, labels))
    return Item(token, name, name, boxes, "" if value is ABSENT or (told and same(told, value)) else _json(value))


def _cell(column: Json, row: str, value: Any, labels: Labels) -> Box:
    name = f"{row}.{column['path']}"
    return Box(column, name, name, texts(column, at(value, column["path"]), labels))


def _box(asked: Json, name: str, path: str, value: Any, labels: Labels) -> Box:
    shown = texts(asked, value, labels)
    told = same(read(asked, shown, labels), value)
    return Box(asked, name, path, shown, "" if told else _json(value))


def pairs(entries: Iterable[Entry]) -> Iterator[tuple[str, str]]:
    """Yield what a browser sends for a form that nobody touched."""
    for entry in entries:
        yield ASKED, entry.path
        if entry.was:
            yield f"{WAS}{entry.path}", entry.was
        if entry.box is not None:
            yield from _sent(entry.box)
        for item in entry.items:
            yield entry.path, item.token
            if item.was:
                yield f"{WAS}{item.name}", item.was
            for box in item.boxes:
                yield from _sent(box)


def _sent(box: Box) -> Iterator[tuple[str, str]]:
    if box.was:
        yield f"{WAS}{box.name}", box.was
    if box.asked["kind"] == "codes":
        yield from ((box.name, code) for code in box.texts)
    else:
        yield box.name, box.text


def options(box: Box, labels: Labels) -> list[tuple[str, str]]:
    """Return code and label of what may be chosen, and of what is chosen without being allowed."""
    known = list(labels(box.asked["vocabulary"]).items()) if box.asked["vocabulary"] else []
    strange = dict.fromkeys(text for text in box.texts if text and text not in dict(known))
    return [*known, *((text, text) for text in strange)]


class Sent:
    """What came back of a form, by name."""

    def __init__(self, given: Pairs) -> None:
        self._given: dict[str, list[str]] = defaultdict(list)
        for name, text in given:
            self._given[name].append(text)

    def all(self, name: str) -> list[str]:
        """Return all texts of a name, in their order."""
        return self._given.get(name, [])

    def was(self, name: str) -> Any:
        """Return the value that travelled along with a box, ABSENT when none did that an answer can be."""
        try:
            value = orjson.loads(self._given[f"{WAS}{name}"][0]) if f"{WAS}{name}" in self._given else ABSENT
        except ValueError:
            return ABSENT
        return ABSENT if _deeper(value, _DEEPEST) else value


def _deeper(value: Any, levels: int) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return levels < 0 or any(_deeper(one, levels - 1) for one in inner)


def parse(questions: Iterable[Json], base: Json, given: Pairs, labels: Labels) -> Json:
    """Return a content with the answers that came back; whatever the form did not ask for stays as in `base`."""
    sent, content = Sent(given), deepcopy(base)
    asked = set(sent.all(ASKED))
    for question in questions:
        if question["path"] in asked:
            put(content, question["path"], _answer(question, sent, labels))
    return content


def _answer(question: Json, sent: Sent, labels: Labels) -> Any:
    path = question["path"]
    if question["kind"] not in LISTS:
        return _meant(question, path, sent, labels)
    values = [value for _, value in items(question, sent, labels)]
    was = sent.was(path)
    if was is not ABSENT and same(values, was if isinstance(was, list) else [was]):
        return was
    return values or ABSENT


def items(question: Json, sent: Sent, labels: Labels) -> list[tuple[str, Any]]:
    """Return token and value of each item of a list that says something, in the order of the form."""
    found = []
    for token in dict.fromkeys(sent.all(question["path"])):
        name = f"{question['path']}[{token}]"
        one = question["kind"] == "texts"
        value = _meant(question, name, sent, labels) if one else _row(question, name, sent, labels)
        if value is not ABSENT:
            found.append((token, value))
    return found


def _meant(asked: Json, name: str, sent: Sent, labels: Labels) -> Any:
    given, was = [unified(text) for text in sent.all(name)], sent.was(name)
    if was is ABSENT:
        return read(asked, given, labels)
    return _changed(asked, was, given, labels)


def _changed(asked: Json, was: Any, given: Sequence[str], labels: Labels) -> Any:
    """Return the value that was, where its texts came back as they were, else what they mean now."""
    before = texts(asked, was, labels)
    if asked["kind"] != "codes":
        return was if (given[0] if given else "") == before[0] else read(asked, given, labels)
    if set(given) == set(before):
        return was
    order = [code for code in map(_text, was if isinstance(was, list) else []) if code in given]
    return [*dict.fromkeys(order), *(one for one in dict.fromkeys(given) if one and one not in order)] or ABSENT


def _row(question: Json, name: str, sent: Sent, labels: Labels) -> Any:
    was = sent.was(name)
    row: Json = deepcopy(was) if isinstance(was, dict) else {}
    touched = was is ABSENT
    for column in question["columns"]:
        given = [unified(text) for text in sent.all(f"{name}.{column['path']}")]
        before = at(was, column["path"])
        if was is ABSENT:
            put(row, column["path"], read(column, given, labels))
        elif not same(value := _changed(column, before, given, labels), before):
            touched = True
            put(row, column["path"], value)
    if not touched:
        return was
    return row or ABSENT


def arranged(question: Json, given: Pairs, verb: str, token: str, labels: Labels) -> list[tuple[str, str]]:
    """Return a form in which an item of a list has been taken out (`remove`) or moved (`up`, `down`)."""
    path = question["path"]
    order = [one for one, _ in items(question, Sent(given), labels)]
    if token in order:
        place = order.index(token)
        order.pop(place)
        if verb != "remove":
            order.insert(max(place + (1 if verb == "down" else -1), 0), token)
    return [pair for pair in given if pair[0] != path] + [(path, one) for one in order]


def names(questions: Iterable[Json], given: Pairs, labels: Labels) -> dict[str, str]:
    """Return the name in the form of each path in the content that was read from it, where the two differ."""
    sent = Sent(given)
    return {
        f"{question['path']}[{number}]": f"{question['path']}[{token}]"
        for question in questions
        if question["kind"] in LISTS
        for number, (token, _) in enumerate(items(question, sent, labels))
        if str(number) != token
    }
