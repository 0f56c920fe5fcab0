"""The rules that hold between answers, each stated once: the model refuses what breaks them, drafts are told of it.

They are checked on a valid content and on any JSON alike, so that a draft hears of all of them at once: what is of
another shape than a rule expects is left to the model to refuse.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from pydantic_core import PydanticCustomError

from services.api.kit.folding import folded
from services.api.questionnaire.paths import value_at

Content = BaseModel | Mapping[str, Any]

LOCAL_LEVELS = frozenset(("municipality", "association-of-municipalities", "province-county", "region"))
"""Administrative levels of local authorities, regions among them as in the JMDI report."""
LOCAL_BUDGETS = frozenset(("local", "regional"))


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
    breaches: Callable[[Content], Iterator[Breach]]


def breaches(content: Content) -> Iterator[Breach]:
    """Yield every breach of a rule in a content, or in any JSON."""
    for rule in RULES:
        yield from rule.breaches(content)


def _items(content: Content, path: str) -> list[Any]:
    found = value_at(content, path)
    return found if isinstance(found, list) else []


def _texts(content: Content, path: str, field: str) -> list[tuple[int, str]]:
    """Return the texts that stand in a field of a list's rows, with the numbers of their rows."""
    found = ((number, _field(row, field)) for number, row in enumerate(_items(content, path)))
    return [(number, text) for number, text in found if isinstance(text, str)]


def _field(row: Any, name: str) -> Any:
    return value_at(row, name) if isinstance(row, BaseModel | Mapping) else None


def _local_authority(content: Content) -> Iterator[Breach]:
    """Annex II: what is submitted must be funded, promoted or in any regard involve a local authority.

    Whoever named it as promoter, source of funding or partner need not name it again at 5.3.
    """
    if value_at(content, "provenance.kind") == "extracted" or _items(content, "who.authorities"):
        return
    named = (
        ("initiative.promoters", "level", LOCAL_LEVELS),
        ("initiative.budget_sources", "kind", LOCAL_BUDGETS),
        ("initiative.partners", "kind", frozenset(("local-authority",))),
    )
    if any(text in local for path, field, local in named for _, text in _texts(content, path, field)):
        return
    yield Breach(
        "who.authorities",
        PydanticCustomError(
            "no_authority",
            "empty: a local authority must fund, promote or be involved in what is submitted; "
            "name it here (5.3), or as promoter (1.2), source of funding (1.3) or partner (1.4)",
        ),
    )


def _named_once(content: Content) -> Iterator[Breach]:
    lists = {
        "sources": [text for _, text in _texts(content, "sources", "key")],
        "what.priorities": [text for _, text in _texts(content, "what.priorities", "priority")],
        "what.policy_areas": [code for code in _items(content, "what.policy_areas") if isinstance(code, str)],
        "what.keywords": [folded(word) for word in _items(content, "what.keywords") if isinstance(word, str)],
    }
    for path, names in lists.items():
        if twice := sorted(name for name, times in Counter(names).items() if times > 1):
            yield Breach(path, PydanticCustomError("twice", "'{code}' is named twice", {"code": twice[0]}))


def _shares(content: Content) -> Iterator[Breach]:
    path = "initiative.budget_sources"
    shares = [_field(row, "share") for row in _items(content, path)]
    known = [share for share in shares if isinstance(share, int | float) and 0 <= share <= 100]
    if (total := math.fsum(known)) > 100.5:
        message = "the shares add up to {sum} %, more than 100"
        yield Breach(path, PydanticCustomError("shares", message, {"sum": f"{total:g}"}))


def _known_sources(content: Content) -> Iterator[Breach]:
    keys = {text for _, text in _texts(content, "sources", "key")}
    for path in ("references", "why.features"):
        for number, key in _texts(content, path, "source"):
            if key not in keys:
                allowed = ", ".join(sorted(keys)) or "none"
                message = "'{key}' is not among the practice's sources ({allowed})"
                error = PydanticCustomError("unknown_source", message, {"key": key, "allowed": allowed})
                yield Breach(f"{path}[{number}].source", error)


def _filled_fields(content: Content) -> Iterator[Breach]:
    for number, field in _texts(content, "references", "field"):
        if value_at(content, field) is None:
            message = "'{field}' is not a filled field of the questionnaire"
            error = PydanticCustomError("empty_field", message, {"field": field})
            yield Breach(f"references[{number}].field", error)


RULES = (
    Rule(
        "local-authority",
        ("5.3", "1.2", "1.3", "1.4"),
        "A local authority funds or promotes the initiative, or is involved in it in some other way.",
        _local_authority,
    ),
    Rule("named-once", ("2.1", "IV.19", "R.6", "R.2"), "Nothing is named twice in a list.", _named_once),
    Rule("shares", ("1.3",), "The shares of the sources of funding add up to 100 % at most.", _shares),
    Rule("known-sources", ("7.1", "R.3"), "Evidence and references name a source of the record.", _known_sources),
    Rule("filled-fields", ("R.3",), "References name fields that are filled.", _filled_fields),
)
