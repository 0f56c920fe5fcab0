"""Rules that hold between answers, each stated once: the model refuses what breaks them, drafts are told of it.

They are checked on a valid content and on any JSON alike, so that a draft hears of all of them at once: what is of
another shape than a rule expects is left to the model to refuse.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

from services.api.forms.paths import steps, value_at
from services.api.kit.folding import folded

Content = BaseModel | Mapping[str, Any]
Check = Callable[[Content], "Iterator[Breach]"]


@dataclass(frozen=True)
class Breach:
    """Where a rule is broken, and how."""

    path: str
    error: PydanticCustomError


@dataclass(frozen=True)
class Rule:
    """A rule between answers: the numbers of the questions that it is about, what it says in English, its check."""

    name: str
    questions: tuple[str, ...]
    says: str
    breaches: Check


def breaches(rules: Sequence[Rule], content: Content) -> Iterator[Breach]:
    """Yield every breach of some rules in a content, or in any JSON."""
    for rule in rules:
        yield from rule.breaches(content)


def refuse_breaches(rules: Sequence[Rule], content: BaseModel) -> None:
    """Raise pydantic's `ValidationError` when a content breaks any of some rules: for a validator of its model."""
    if found := list(breaches(rules, content)):
        raise ValidationError.from_exception_data(
            type(content).__name__,
            [InitErrorDetails(type=breach.error, loc=tuple(steps(breach.path)), input=None) for breach in found],
        )


def items(content: Content, path: str) -> list[Any]:
    """Return the list at a path, empty where there is none."""
    found = value_at(content, path)
    return found if isinstance(found, list) else []


def texts(content: Content, path: str, name: str) -> list[tuple[int, str]]:
    """Return the texts that stand in a field of a list's rows, with the numbers of their rows."""
    found = ((number, field(row, name)) for number, row in enumerate(items(content, path)))
    return [(number, text) for number, text in found if isinstance(text, str)]


def field(row: Any, name: str) -> Any:
    """Return what stands in a field of a row of any shape, none when there is nothing."""
    return value_at(row, name) if isinstance(row, BaseModel | Mapping) else None


def named_once(rows: Mapping[str, str], values: Sequence[str] = (), words: Sequence[str] = ()) -> Check:
    """Return the check that nothing is named twice: in a field of rows, in lists of codes, in lists of words.

    Words are the same whatever their case and accents.
    """

    def check(content: Content) -> Iterator[Breach]:
        lists = {path: [text for _, text in texts(content, path, name)] for path, name in rows.items()}
        lists |= {path: [code for code in items(content, path) if isinstance(code, str)] for path in values}
        lists |= {path: [folded(word) for word in items(content, path) if isinstance(word, str)] for path in words}
        for path, names in lists.items():
            if twice := sorted(name for name, times in Counter(names).items() if times > 1):
                yield Breach(path, PydanticCustomError("twice", "'{code}' is named twice", {"code": twice[0]}))

    return check


def known_sources(*paths: str) -> Check:
    """Return the check that the rows of some lists name a source of the record."""

    def check(content: Content) -> Iterator[Breach]:
        keys = {text for _, text in texts(content, "sources", "key")}
        for path in paths:
            for number, key in texts(content, path, "source"):
                if key not in keys:
                    allowed = ", ".join(sorted(keys)) or "none"
                    message = "'{key}' is not among the record's sources ({allowed})"
                    error = PydanticCustomError("unknown_source", message, {"key": key, "allowed": allowed})
                    yield Breach(f"{path}[{number}].source", error)

    return check


def filled_fields(content: Content) -> Iterator[Breach]:
    """Check that references name fields that are filled."""
    for number, path in texts(content, "references", "field"):
        if value_at(content, path) is None:
            message = "'{field}' is not a filled field of the form"
            yield Breach(f"references[{number}].field", PydanticCustomError("empty_field", message, {"field": path}))
