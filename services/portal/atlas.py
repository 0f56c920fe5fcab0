"""The map's geometry: where countries lie, circles that do not overlap, curves between them. Pure.

The map is 1000 units wide in the Equal Earth projection (Šavrič, Patterson and Jenny 2018), which keeps areas true.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

POINTS = Path(__file__).parent / "points.json"
"""Longitude and latitude of a point in each country, by ISO 3166-1 code."""

Position = tuple[float, float]

_A = (1.340264, -0.081106, 0.000893, 0.003796)
_ROOT = math.sqrt(3) / 2
_UNIT = 1000 / 5.41326
"""Units of the map in one of the projection, whose width is about 5.413."""
_TOP = 1.32
"""The northern edge in units of the projection, just beyond the last land."""

WIDTH, HEIGHT = 1000, 440
"""The size of every drawing; land further south than this is ice."""

VIEWS: Mapping[str, tuple[float, float, float, float]] = {
    "world": (-180, -56, 180, 84),
    "europe": (-24, 27, 46, 62),
    "africa": (-24, -36, 56, 38),
    "americas": (-120, -56, -30, 34),
    "asia": (42, -12, 146, 52),
}
"""Parts of the world that can be looked at: west, south, east and north in degrees."""

LARGEST, SMALLEST, GAP = 30.0, 10.0, 2.0
"""Radii of circles in the drawing, and the least distance between two; the smallest still holds its number."""
MOST_IN_CIRCLE = 50
"""Countries in one circle: as many as the search service takes in one request."""
ROOM, NARROWEST = 1.3, 130.0
"""How much wider than what it is to hold a view is, and the width of the smallest one: its outline is rough."""
WIDEST, THINNEST = 9.0, 1.5
"""Widths of lines."""


def project(longitude: float, latitude: float) -> Position:
    """Return where a place lies on the map: x from 0 to 1000 eastward, y from 0 southward."""
    t = math.asin(_ROOT * math.sin(math.radians(latitude)))
    a1, a2, a3, a4 = _A
    across = math.radians(longitude) * math.cos(t) / (_ROOT * (a1 + 3 * a2 * t**2 + t**6 * (7 * a3 + 9 * a4 * t**2)))
    up = t * (a1 + a2 * t**2 + t**6 * (a3 + a4 * t**2))
    return 500 + across * _UNIT, (_TOP - up) * _UNIT


@cache
def points() -> Mapping[str, Position]:
    """Return where each country lies on the map, by ISO 3166-1 code."""
    found: dict[str, Position] = {
        code: project(*position) for code, position in json.loads(POINTS.read_text(encoding="utf-8")).items()
    }
    return found


@dataclass(frozen=True)
class View:
    """A part of the map, drawn `scale` times as large, its corner at `x` and `y`."""

    name: str
    x: float
    y: float
    scale: float

    @classmethod
    def of(cls, name: str) -> "View":
        """Return the part of a name in `VIEWS`, the world for any other."""
        name = name if name in VIEWS else "world"
        west, south, east, north = VIEWS[name]
        if name == "world":
            return cls(name, 0, 0, 1)
        corners = [project(x, y) for x in (west, (west + east) / 2, east) for y in (south, (south + north) / 2, north)]
        left, right = min(x for x, _ in corners), max(x for x, _ in corners)
        top, bottom = min(y for _, y in corners), max(y for _, y in corners)
        width = max(right - left, (bottom - top) * WIDTH / HEIGHT)
        middle = (left + right) / 2, (top + bottom) / 2
        return cls(name, middle[0] - width / 2, middle[1] - width * HEIGHT / WIDTH / 2, WIDTH / width)

    @classmethod
    def around(cls, found: Sequence[Position]) -> "View":
        """Return the part of the map that some places fill, the world where there are none."""
        if not found:
            return cls.of("world")
        left, right = min(x for x, _ in found), max(x for x, _ in found)
        top, bottom = min(y for _, y in found), max(y for _, y in found)
        width = min(max((right - left) * ROOM, (bottom - top) * ROOM * WIDTH / HEIGHT, NARROWEST), WIDTH)
        x, y = (left + right) / 2 - width / 2, (top + bottom) / 2 - width * HEIGHT / WIDTH / 2
        return cls("around", x, y, WIDTH / width)

    def drawn(self, point: Position) -> Position:
        """Return where a place of the map lies in the drawing, perhaps beyond its edges."""
        return (point[0] - self.x) * self.scale, (point[1] - self.y) * self.scale

    def place(self, code: str) -> Position | None:
        """Return where a country lies in the drawing, perhaps beyond its edges; none for what has no point."""
        point = points().get(code)
        return point and self.drawn(point)

    @property
    def land(self) -> tuple[float, float, float, float]:
        """Where the outline of the world lies in the drawing: x, y, width and height."""
        return (-self.x * self.scale, -self.y * self.scale, WIDTH * self.scale, HEIGHT * self.scale)


def within(place: Position) -> bool:
    """Whether a place is inside the drawing."""
    return 0 <= place[0] <= WIDTH and 0 <= place[1] <= HEIGHT


@dataclass(frozen=True)
class Circle:
    """Countries drawn as one: their codes, most practices first, and at most so many practices in all."""

    codes: tuple[str, ...]
    x: float
    y: float
    most: int
    weight: int


def radius(count: int, total: int) -> float:
    """Return the radius of a circle whose area is in proportion to its count, but for the smallest."""
    return max(SMALLEST, LARGEST * math.sqrt(count / max(total, 1)))


def circles(counts: Mapping[str, int], total: int, view: View) -> list[Circle]:
    """Return circles for the countries that lie within a view; those that would overlap are one.

    A circle of several is as large as it can get: no practice of one country is also one of another.
    """
    waiting = [
        Circle((code,), *place, count, count)
        for code, count in sorted(counts.items(), key=lambda one: (one[1], one[0]))
        if count and (place := view.place(code)) and within(place)
    ]
    return _apart(waiting, total)


def clusters(places: Mapping[str, Position], view: View) -> list[Circle]:
    """Return circles for places of the map that lie within a view, by their codes; those that would overlap are one."""
    cells: dict[tuple[int, int], list[tuple[str, Position]]] = {}
    for code, point in places.items():
        x, y = view.drawn(point)
        if within((x, y)):
            cells.setdefault((int(x / SMALLEST / 2), int(y / SMALLEST / 2)), []).append((code, (x, y)))
    waiting = []
    for cell in cells.values():  # neighbours first: thousands of places are compared with each other too slowly
        x, y = (sum(point[axis] for _, point in cell) / len(cell) for axis in (0, 1))
        waiting.append(Circle(tuple(code for code, _ in cell), x, y, len(cell), len(cell)))
    return _apart(sorted(waiting, key=lambda one: (one.weight, one.codes)), max(len(places), 1), len(places))


def _apart(waiting: list[Circle], total: int, most: int = MOST_IN_CIRCLE) -> list[Circle]:
    placed: list[Circle] = []
    while waiting:
        one = waiting.pop()
        near = next((other for other in placed if _meet(one, other, total, most)), None)
        if near is None:
            placed.append(one)
        else:
            placed.remove(near)
            waiting.append(_joined(near, one, total))
    return sorted(placed, key=lambda circle: (-circle.most, circle.codes))


def _meet(one: Circle, other: Circle, total: int, most: int) -> bool:
    if len(one.codes) + len(other.codes) > most:
        return False
    room = radius(one.most, total) + radius(other.most, total) + GAP
    return math.hypot(one.x - other.x, one.y - other.y) < room


def _joined(one: Circle, other: Circle, total: int) -> Circle:
    first, second = (one, other) if one.weight >= other.weight else (other, one)
    weight = one.weight + other.weight
    return Circle(
        first.codes + second.codes,
        (one.x * one.weight + other.x * other.weight) / weight,
        (one.y * one.weight + other.y * other.weight) / weight,
        min(one.most + other.most, total),
        weight,
    )


@dataclass(frozen=True)
class Curve:
    """A line from one country to another: its path, and where an arrow on it stands and points (degrees)."""

    path: str
    x: float
    y: float
    turn: float


def curve(code: str, view: View) -> Curve | None:
    """Return the line of a corridor such as `MA-ES`; none where an end has no point, or both lie outside."""
    start, end = (view.place(one) for one in code.split("-"))
    if not start or not end or not (within(start) or within(end)):
        return None
    across, down = end[0] - start[0], end[1] - start[1]
    bend = (start[0] + across / 2 + down * 0.18, start[1] + down / 2 - across * 0.18)
    middle = ((start[0] + 2 * bend[0] + end[0]) / 4, (start[1] + 2 * bend[1] + end[1]) / 4)
    path = f"M{start[0]:.1f} {start[1]:.1f}Q{bend[0]:.1f} {bend[1]:.1f} {end[0]:.1f} {end[1]:.1f}"
    return Curve(path, round(middle[0], 1), round(middle[1], 1), round(math.degrees(math.atan2(down, across)), 1))


def width(count: int, most: int) -> float:
    """Return the width of a line in proportion to its count, but for the thinnest."""
    return round(max(THINNEST, WIDEST * count / max(most, 1)), 1)
