"""Authorities as their pages show them: which a list holds, where they are on the map, what is around one. Pure."""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from services.portal import atlas
from services.portal.atlas import View
from services.portal.upstream import Json

PER_PAGE = 30
FILTERS = ("q", "country", "level", "network")
MOST_TOLD = 12
"""Names of authorities that a circle tells."""


@dataclass(frozen=True)
class Asked:
    """What a list of authorities is narrowed by, as its address says it."""

    q: str = ""
    country: str = ""
    level: str = ""
    network: str = ""
    view: str = ""

    @property
    def filters(self) -> list[tuple[str, str]]:
        """What narrows the list, as the api takes it."""
        return [(name, value) for name in FILTERS if (value := getattr(self, name))]

    def address(self, **changes: str) -> str:
        """Return the address of the list with some parameters set, from its first page unless that is one."""
        kept = {name: getattr(self, name) for name in (*FILTERS, "view")} | changes
        query = urlencode([(name, value) for name, value in kept.items() if value])
        return "/authorities" + (f"?{query}" if query else "")


def named(one: Json, lang: str) -> tuple[str, str]:
    """Return what an authority is called in a language, else in its own, and the tag of that, `und` for its own."""
    names: Mapping[str, str] = one["names"]
    return (names[lang], lang) if lang in names else (str(one["name"]), "und")


def other_names(one: Json, lang: str) -> list[tuple[str, str]]:
    """Return what an authority is called in other languages than one, each name once: tags and names."""
    told = {named(one, lang)[0], str(one["name"])}
    return [(tag, name) for tag, name in one["names"].items() if name not in told]


def listed(features: Iterable[Json], lang: str) -> list[Json]:
    """Return authorities of a map as a list shows them, by their names."""
    rows: list[Json] = []
    for one in features:
        told = one["properties"]
        title, language = named(told, lang)
        rows.append({**told, "title": title, "language": language})
    return sorted(rows, key=lambda row: (_plain(row["title"]), row["slug"]))


def options(features: Iterable[Json], labels: Any) -> dict[str, list[tuple[str, str, int]]]:
    """Return what a list can be narrowed to: code, label and how many there are, of each filter, by label."""
    told = [one["properties"] for one in features]
    counts = {
        "country": Counter(str(one["country"]) for one in told),
        "level": Counter(str(one["level"]) for one in told),
        "network": Counter(str(name) for one in told for name in {*one["networks"]}),
    }
    vocabularies = {"country": "countries", "level": "authority-levels"}
    found = {}
    for name, values in counts.items():
        rows = [(code, str(labels(vocabularies.get(name), code)), count) for code, count in values.items()]
        found[name] = sorted(rows, key=lambda row: _plain(row[1]))
    return found


def drawn(features: Sequence[Json], asked: Asked, lang: str) -> Json:
    """Return the map of some authorities: the part of the world, its land, and circles that lead on.

    A narrowed list is looked at from near. A circle of one leads to its page, one of several to those of their country,
    or to the list where they are of several countries, or of the one that is picked.
    """
    told = {one["properties"]["slug"]: one["properties"] for one in features}
    places = {one["properties"]["slug"]: place for one in features if (place := _place(one["geometry"]))}
    part = View.around([*places.values()]) if asked.filters and not asked.view else View.of(asked.view)
    circles = []
    for circle in atlas.clusters(places, part):
        several = len(circle.codes) > 1
        countries = {str(told[slug]["country"]) for slug in circle.codes}
        near = len(countries) == 1 and not asked.country
        on = asked.address(country=next(iter(countries)), view="") if near else "#list"
        names = [named(told[slug], lang)[0] for slug in circle.codes]
        circles.append(
            {
                "count": len(names),
                "names": names[:MOST_TOLD] + (["…"] if len(names) > MOST_TOLD else []),
                "several": several,
                "address": on if several else f"/authorities/{circle.codes[0]}",
                "x": round(circle.x, 1),
                "y": round(circle.y, 1),
                "r": round(atlas.radius(circle.most, len(places)) if several else atlas.SMALLEST, 1),
            }
        )
    return {"view": part.name, "land": part.land, "circles": circles, "missing": len(told) - len(places)}


def drawn_alone(authority: Json) -> Json | None:
    """Return the map of one authority, none where it has no coordinates."""
    point = authority["coordinates"]
    if point is None:
        return None
    place = atlas.project(point["longitude"], point["latitude"])
    part = View.around([place])
    x, y = part.drawn(place)
    return {"land": part.land, "x": round(x, 1), "y": round(y, 1), "r": atlas.SMALLEST}


def others(authorities: Iterable[Json], lang: str) -> list[Json]:
    """Return authorities as another one's page names them, by their names."""
    rows = []
    for one in authorities:
        title, language = named(one, lang)
        rows.append({"slug": one["slug"], "title": title, "language": language, "ended": one.get("ended")})
    return sorted(rows, key=lambda row: (_plain(row["title"]), row["slug"]))


def _place(geometry: Json | None) -> atlas.Position | None:
    return atlas.project(*geometry["coordinates"]) if geometry else None


def _plain(text: str) -> str:
    """Return a text without case and accents, to be sorted by."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))
