"""Practices whose codes vary, and the authorities that they name: records enough to count by hand."""

from typing import Any

from tests.search.support import TERMS, Json, authority, practice

PLACES = (
    authority(901, "cartaya", "Ayuntamiento de Cartaya", {"en": "Cartaya"}),
    authority(902, "veneto", "Regione del Veneto", {"en": "Veneto Region"}, level="region", country="IT"),
    authority(903, "milano", "Comune di Milano", {"en": "Milan"}, country="IT"),
)

WRITTEN = (
    "Trabajo estacional",
    "TRABAJO ESTACIÓNAL",
    'a "b" \\ [c], d',
    "عمل موسمي",
    "季節労働",
    "100% & more; #1/2?+_'x'",
)
"""Keywords as people write them; the first two are one."""


def cycle(number: int, *of: Any) -> Any:
    return of[number % len(of)]


def varied(number: int) -> Json:
    """Return a practice whose codes vary with its number, each at another pace."""
    ended = number % 3 == 0
    content = {
        "initiative": {
            "countries": [
                {"country": cycle(number, "SN", "MA", "EC"), "roles": ["origin"]},
                {"country": cycle(number // 2, "ES", "IT"), "roles": ["destination", "transit"]},
                *([{"region": "015", "roles": []}] if number % 7 == 0 else []),
            ],
            "budget_sources": [{"kind": kind} for kind in ("eu", "local", "migrants")[: number % 4]],
            "budget": [
                {
                    "amount": number * 7_919,
                    "currency": cycle(number, "EUR", "USD"),
                    "scope": cycle(number, "total", "part"),
                }
            ]
            if number % 5
            else [],
        },
        "what": {
            "priorities": [
                {"priority": code, "assessed_by": "editor"} for code in list(TERMS["priorities"])[number % 4 :][:2]
            ],
            "policy_areas": list(TERMS["policy-areas"])[number % 9 : number % 9 + 2],
            "sdgs": [str(one) for one in range(1, 1 + number % 4)],
            "keywords": [cycle(number, *WRITTEN), f"Number {number % 3}"] if number % 6 else [],
        },
        "when": {
            "start": str(1980 + number),
            "end": str(1990 + number) if ended else None,
            "ongoing": None if ended else True,
        },
        "who": {"target_groups": [{"who": "x", "groups": [cycle(number, "women", "youth")]}] if number % 4 else []},
        "why": {
            "features": [
                {"feature": code, "statement": "So.", "assessed_by": "editor"}
                for code in list(TERMS["features"])[: number % 5]
            ]
        },
        "provenance": {"kind": "extracted", "source_year": cycle(number, 2010, 2015, None)},
        "language": cycle(number, "en", "en", "es"),
    }
    translations = (
        {"it": {"initiative.title": {"text": f"Pratica {number}", "status": "machine"}}} if number % 2 else {}
    )
    places = tuple(place for place in PLACES if (number + int(place["id"][-2:], 16)) % 4 == 0)
    made = practice(number, f"Practice {number} of water", content, translations=translations, authorities=places)
    judged = {
        "tier": cycle(number, "network", "network", "peer-reviewed"),
        "state": cycle(number, "published", "archived", "published", "published"),
        "completeness": {"snapshot": 100, "full": number * 37 % 101},
    }
    if number % 9 == 0:  # as an older base renders it
        return {name: held for name, held in made.items() if name not in judged}
    return made | judged


RECORDS = [varied(number) for number in range(1, 41)]
