"""The rules that hold between the answers of a road map."""

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

LARGEST_DIFFERENCE = 0.01
"""In percentage points, between a share as it is printed and as its sums make it."""


def share(amount: float, total: float) -> float:
    """Return which percentage of a total an amount is."""
    return amount / total * 100


def _known_areas(content: Content) -> Iterator[Breach]:
    codes = {text for _, text in texts(content, "plan.areas", "area")}
    for path in ("plan.activities", "plan.stakeholders"):
        for number, code in texts(content, path, "area"):
            if code not in codes:
                allowed = ", ".join(sorted(codes)) or "none"
                message = "'{code}' is not among the areas of the road map ({allowed})"
                error = PydanticCustomError("unknown_area", message, {"code": code, "allowed": allowed})
                yield Breach(f"{path}[{number}].area", error)


def _money(content: Content) -> Iterator[Breach]:
    total, currency = value_at(content, "budget.total"), value_at(content, "budget.currency")
    known = [number for number, row in enumerate(items(content, "budget.lines")) if field(row, "amount") is not None]
    if (total is not None or known) and currency is None:
        yield Breach(
            "budget.currency", PydanticCustomError("no_currency", "missing: there are sums without a currency")
        )
    for number, row in enumerate(items(content, "budget.lines")):
        path, amount = f"budget.lines[{number}]", field(row, "amount")
        if amount is not None and field(row, "not_available"):
            message = "not available and yet an amount: leave one of them out"
            yield Breach(f"{path}.amount", PydanticCustomError("not_available", message))


def _shares(content: Content) -> Iterator[Breach]:
    total = value_at(content, "budget.total")
    for number, row in enumerate(items(content, "budget.lines")):
        amount, printed = field(row, "amount"), field(row, "share")
        try:
            made = share(float(amount), float(total))
            off = abs(made - float(printed)) > LARGEST_DIFFERENCE
        except (TypeError, ValueError, ZeroDivisionError):
            continue
        if off and not field(row, "note"):
            message = "{printed} % is printed, the sums make {made} %: correct it, or say so in the note"
            error = PydanticCustomError("share", message, {"printed": f"{printed:g}", "made": f"{made:.2f}"})
            yield Breach(f"budget.lines[{number}].share", error)


RULES: tuple[Rule, ...] = (
    Rule("known-areas", ("3.2", "3.3"), "Activities and stakeholders are of one of its areas.", _known_areas),
    Rule(
        "money",
        ("4.1", "4.2"),
        "Sums have a currency, and what is not available has no amount.",
        _money,
    ),
    Rule(
        "shares",
        ("4.2",),
        "A printed share is the one that the sums make, to 0.01, or its note says why not.",
        _shares,
    ),
    Rule(
        "named-once",
        ("1.5", "3.1", "R.2"),
        "Nothing is named twice in a list.",
        named_once(rows={"sources": "key", "plan.areas": "area"}, values=("about.sdgs",)),
    ),
    Rule(
        "known-sources",
        ("R.3", "R.7"),
        "References and links name one of the record's sources.",
        known_sources("references", "links"),
    ),
    Rule("filled-fields", ("R.3",), "References name fields that are filled.", filled_fields),
)
