"""The table that a run prints: each row a ratio, with its aim and whether it is reached."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

HEADINGS = ("", "measured", "compared with", "ratio", "aim", "reached")


@dataclass(frozen=True)
class Row:
    """One line: what was measured, its ratio to what it is compared with, and whether the aim is reached."""

    name: str
    measured: str
    compared: str
    ratio: float | None
    aim: str = ""
    reached: bool | None = None

    @classmethod
    def at_least(cls, name: str, measured: str, compared: str, ratio: float, aim: float) -> Self:
        """Return a row whose ratio itself has an aim."""
        return cls(name, measured, compared, ratio, f"ratio ≥ {aim:g}", ratio >= aim)

    @classmethod
    def below(cls, name: str, measured: str, compared: str, ratio: float, value: float, most: float, unit: str) -> Self:
        """Return a row with a bound on what was measured; the aim tells which share of the bound was used."""
        aim = f"≤ {most:g} {unit} (uses {value / most:.0%})"
        return cls(name, measured, compared, ratio, aim, value <= most)

    def cells(self) -> tuple[str, ...]:
        """Return the row's text, column by column."""
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}" if self.ratio < 100 else f"{self.ratio:.0f}"
        reached = "" if self.reached is None else "yes" if self.reached else "NO"
        return self.name, self.measured, self.compared, ratio, self.aim, reached


def line(cells: Sequence[str], widths: Sequence[int]) -> str:
    """Return cells side by side."""
    padded = (cell + " " * (width - len(cell)) for cell, width in zip(cells, widths, strict=True))
    return "  ".join(padded).rstrip()


def table(rows: Sequence[Row]) -> str:
    """Return all rows under their headings."""
    cells = [HEADINGS, *(row.cells() for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(HEADINGS))]
    rule = "-" * (sum(widths) + 2 * (len(widths) - 1))
    return "\n".join([line(cells[0], widths), rule, *(line(row, widths) for row in cells[1:])])
