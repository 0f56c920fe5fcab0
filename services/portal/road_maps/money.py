"""The money of a road map: each part beside its total, never added up. Pure."""

from dataclasses import dataclass

from services.portal.record import Reading
from services.portal.upstream import Json

LEFT, RIGHT, ROW = 10.0, 710.0, 48
"""Where bars begin and where the total would end, and how high each row is."""


@dataclass(frozen=True)
class Part:
    """A part of the money: `share` is what its amount makes of the total, in per cent to 0.01."""

    number: int
    path: str
    row: Json
    label: str
    amount: Json | None
    share: float | None
    y: int
    width: float


@dataclass(frozen=True)
class Money:
    """The total, the parts in their order, and how high the drawing of them is."""

    total: Json | None
    lines: tuple[Part, ...]
    height: int
    drawn: bool
    """Whether there is a bar at all."""


def money(read: Reading) -> Money:
    """Return the money of a road map."""
    budget = read.content["budget"]
    total, currency = budget["total"], budget["currency"]
    rows = read.rows("budget.lines")
    most = max([total or 0, *(row["amount"] or 0 for _, row in rows)])
    lines = []
    for number, (path, row) in enumerate(rows):
        amount = row["amount"]
        share = round(amount / total * 100, 2) if amount is not None and total else None
        width = round((RIGHT - LEFT) * (amount or 0) / most, 1) if most else 0.0
        label = read.labels("budget-line-kinds", row["kind"])
        lines.append(Part(number + 1, path, row, label, _sum(amount, currency), share, (number + 1) * ROW, width))
    drawn = any(one.amount for one in lines)
    return Money(_sum(total, currency), tuple(lines), (len(lines) + 1) * ROW, drawn)


def _sum(amount: float | None, currency: str | None) -> Json | None:
    return None if amount is None or currency is None else {"amount": amount, "currency": currency}
