"""Makes the portal's outline of the world and its table of points: `python -m tools.world FOLDER`.

FOLDER is the unpacked package `world-atlas` 2.0.2 (Natural Earth). What this writes is committed, so that nobody has to
run it again: `services/portal/static/world.svg` and `services/portal/points.json`.
"""

import json
import sys
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pycountry

from services.portal.atlas import POINTS, project
from services.portal.templating import STATIC

Json = dict[str, Any]
Position = tuple[float, float]

SCALE = 10
"""Steps of the outline in one unit of the map: a tenth is finer than the source."""
LEAST_AREA = 0.6
"""Islands smaller than this, in square units of the map, are left out."""
ANTARCTICA = -60.0


def main(folder: Path) -> None:
    """Write both files."""
    (STATIC / "world.svg").write_text(outline(json.loads((folder / "land-110m.json").read_text())))
    points = dict(sorted(centres(json.loads((folder / "countries-50m.json").read_text()))))
    lines = (f'  "{code}": [{longitude:.2f}, {latitude:.2f}]' for code, (longitude, latitude) in points.items())
    POINTS.write_text("{\n" + ",\n".join(lines) + "\n}\n")


def arcs(topology: Json) -> list[list[Position]]:
    """Return the lines of a TopoJSON file as longitudes and latitudes."""
    (scale_x, scale_y), (shift_x, shift_y) = topology["transform"]["scale"], topology["transform"]["translate"]
    found = []
    for arc in topology["arcs"]:
        x = y = 0
        line = []
        for step_x, step_y in arc:
            x, y = x + step_x, y + step_y
            line.append((x * scale_x + shift_x, y * scale_y + shift_y))
        found.append(line)
    return found


def polygons(geometry: Json, lines: list[list[Position]]) -> Iterator[list[list[Position]]]:
    """Yield the polygons of a geometry, each a list of rings."""
    if geometry["type"] == "GeometryCollection":
        for one in geometry["geometries"]:
            yield from polygons(one, lines)
        return
    for polygon in geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]:
        yield [_ring(ring, lines) for ring in polygon]


def _ring(numbers: Iterable[int], lines: list[list[Position]]) -> list[Position]:
    ring: list[Position] = []
    for number in numbers:
        line = lines[number] if number >= 0 else lines[~number][::-1]
        ring += line[1:] if ring else line
    return _unwrapped(ring)


def _unwrapped(ring: list[Position]) -> list[Position]:
    """Return a ring that crosses the 180th meridian as one that goes on beyond it."""
    whole, turns = ring[:1], 0
    for (before, _), (longitude, latitude) in pairwise(ring):
        turns += round((before - longitude) / 360)
        whole.append((longitude + 360 * turns, latitude))
    return whole


def area(ring: list[Position]) -> float:
    """Return the area of a ring, positive or negative by its turn."""
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, ring[1:] + ring[:1], strict=True)) / 2


def outline(topology: Json) -> str:
    """Return the land as an SVG file with one symbol, in steps relative to each other."""
    drawn = []
    for polygon in polygons(topology["objects"]["land"], arcs(topology)):
        for ring in polygon:
            if max(latitude for _, latitude in ring) < ANTARCTICA:
                continue
            for shift in (-360, 0, 360):  # what goes on beyond one edge of the map comes in at the other
                shown = _clipped(_clipped([(x + shift, y) for x, y in ring], 1), -1)
                projected = [project(*position) for position in shown]
                if abs(area(projected)) >= LEAST_AREA:
                    drawn.append(_steps(projected))
    return (
        '<svg xmlns="http://www.w3.org/2000/svg"><symbol id="land" viewBox="0 0 10000 4400">'
        f'<path d="{"".join(drawn)}"/></symbol></svg>\n'
    )


def _clipped(ring: list[Position], side: int) -> list[Position]:
    """Return what of a ring lies on this side of the 180th meridian: of the eastern edge (1) or the western (-1)."""
    kept: list[Position] = []
    for before, after in zip(ring[-1:] + ring[:-1], ring, strict=True):
        inside = side * before[0] <= 180, side * after[0] <= 180
        if inside[0] != inside[1]:
            share = (side * 180 - before[0]) / (after[0] - before[0])
            kept.append((side * 180, before[1] + share * (after[1] - before[1])))
        if inside[1]:
            kept.append(after)
    return kept


def _steps(ring: list[Position]) -> str:
    points = [(round(x * SCALE), round(y * SCALE)) for x, y in ring]
    text, last = f"M{points[0][0]} {points[0][1]}l", points[0]
    for point in points[1:]:
        if point != last:
            x, y = point[0] - last[0], point[1] - last[1]
            text += f"{'' if x < 0 or text[-1] == 'l' else ' '}{x}{'' if y < 0 else ' '}{y}"
            last = point
    return text + "z"


def centres(topology: Json) -> Iterator[tuple[str, Position]]:
    """Yield each country's ISO 3166-1 alpha-2 code with the centroid of its largest piece of land."""
    lines = arcs(topology)
    for country in topology["objects"]["countries"]["geometries"]:
        known = pycountry.countries.get(numeric=str(country.get("id", "")).zfill(3))
        if known is None:
            continue
        ring = max((polygon[0] for polygon in polygons(country, lines)), key=lambda ring: abs(area(ring)))
        yield known.alpha_2, _centroid(ring)


def _centroid(ring: list[Position]) -> Position:
    x = y = 0.0
    for a, b in zip(ring, ring[1:] + ring[:1], strict=True):
        cross = a[0] * b[1] - b[0] * a[1]
        x, y = x + (a[0] + b[0]) * cross, y + (a[1] + b[1]) * cross
    six = 6 * area(ring)
    return (x / six + 180) % 360 - 180, y / six


if __name__ == "__main__":
    main(Path(sys.argv[1]))
