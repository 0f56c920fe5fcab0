"""The rules that hold between the answers of a practice."""

import math
from collections.abc import Iterator

from pydantic_core import PydanticCustomError

from services.api.forms.paths import value_at
from services.api.forms.rules import (
    Breach,
    Content,
    Rule,
    field,
    filled_fields,
    items,
    known_sources,
    named_once,
    texts,
)

LOCAL_LEVELS = frozenset(("municipality", "association-of-municipalities", "province-county", "region"))
"""Administrative levels of local authorities, regions among them as in the JMDI report."""
LOCAL_BUDGETS = frozenset(("local", "regional"))


def _local_authority(content: Content) -> Iterator[Breach]:
    """Annex II: what is submitted must be funded, promoted or in any regard involve a local authority.

    Whoever named it as promoter, source of funding or partner need not name it again at 5.3.
    """
    if value_at(content, "provenance.kind") == "extracted" or items(content, "who.authorities"):
        return
    named = (
        ("initiative.promoters", "level", LOCAL_LEVELS),
        ("initiative.budget_sources", "kind", LOCAL_BUDGETS),
        ("initiative.partners", "kind", frozenset(("local-authority",))),
    )
    if any(text in local for path, field, local in named for _, text in texts(content, path, field)):
        return
    yield Breach(
        "who.authorities",
        PydanticCustomError(
            "unanswered",
            "empty: a local authority must fund, promote or be involved in what is submitted; "
            "name it here (5.3), or as promoter (1.2), source of funding (1.3) or partner (1.4)",
        ),
    )


def _shares(content: Content) -> Iterator[Breach]:
    path = "initiative.budget_sources"
    shares = [field(row, "share") for row in items(content, path)]
    known = [share for share in shares if isinstance(share, int | float) and 0 <= share <= 100]
    if (total := math.fsum(known)) > 100.5:
        message = "the shares add up to {sum} %, more than 100"
        yield Breach(path, PydanticCustomError("shares", message, {"sum": f"{total:g}"}))


RULES = (
    Rule(
        "local-authority",
        ("5.3", "1.2", "1.3", "1.4"),
        "A local authority funds or promotes the initiative, or is involved in it in some other way.",
        _local_authority,
    ),
    Rule(
        "named-once",
        ("2.1", "IV.19", "R.6", "R.2"),
        "Nothing is named twice in a list.",
        named_once(
            rows={"sources": "key", "what.priorities": "priority"},
            values=("what.policy_areas",),
            words=("what.keywords",),
        ),
    ),
    Rule("shares", ("1.3",), "The shares of the sources of funding add up to 100 % at most.", _shares),
    Rule(
        "known-sources",
        ("7.1", "R.3"),
        "Evidence and references name a source of the record.",
        known_sources("references", "why.features", "links"),
    ),
    Rule("filled-fields", ("R.3",), "References name fields that are filled.", filled_fields),
)
