"""Synthetic practices that look like the real ones to a search engine, the same for the same number and size."""

from collections.abc import Sequence
from random import Random
from typing import Any
from uuid import UUID

from services.api.records import schemas
from services.api.records.schemas import RecordWrite
from services.api.types import default
from services.api.vocabularies.terms import codes
from tools.bench.lexicon import LANGUAGES, Lexicon

VERSION = 2
"""Raise it when the records come out otherwise: collections made before are made anew."""

CURRENCIES = ("EUR", "EUR", "EUR", "USD", "MAD", "MXN", "GBP", "XOF")
COUNTRIES = ("MA", "SN", "ES", "IT", "FR", "MX", "EC", "RO", "DE", "BE", "PT", "AL", "TN", "DZ", "GH", "ML", "PH", "GE")

Json = dict[str, Any]


class Writer:
    """Writes practices of about `size` characters of text, involving the authorities of the given slugs."""

    def __init__(self, lexicons: dict[str, Lexicon], authorities: Sequence[str], size: int) -> None:
        self._lexicons = lexicons
        self._authorities = authorities
        self._size = size

    def practice(self, number: int) -> tuple[UUID, RecordWrite]:
        """Return the id and the checked questionnaire of one record."""
        random = Random(f"practice {number}")
        id = UUID(int=random.getrandbits(128), version=4)
        language = random.choices(LANGUAGES, (40, 25, 20, 15))[0]
        content = self._content(random, language)
        return id, schemas.of(default()).write.model_validate(
            {"content": content, "translations": self._translations(random, language, content)}
        )

    def _content(self, random: Random, language: str) -> Json:
        lexicon, size = self._lexicons[language], self._size

        def text(share: float) -> str:
            return lexicon.prose(random, round(size * share))

        def lines(share: float, least: int, most: int) -> list[str]:
            count = random.randint(least, most)
            return [text(share / count)[:2_000] for _ in range(count)]

        def name() -> str:
            return " ".join(lexicon.take(random, random.randint(2, 6))).title()

        return {
            "language": language,
            "initiative": {
                "title": " ".join(lexicon.take(random, random.randint(5, 10))).capitalize()[:300],
                "promoters": [{"name": name(), "level": _frequent(random, "authority-levels")}],
                "budget_sources": [{"kind": kind} for kind in _several(random, "budget-source-kinds", 3)],
                "partners": [
                    {
                        "name": name[:300],
                        "kind": _frequent(random, "partner-kinds"),
                        "country": random.choice(COUNTRIES),
                    }
                    for name in lines(0.05, 1, 4)
                ],
                "countries": _countries(random),
                "budget": _budget(random),
            },
            "what": {
                "priorities": [{"priority": p, "assessed_by": "authority"} for p in _several(random, "priorities", 2)],
                "policy_areas": _several(random, "policy-areas", 4),
                "sdgs": _several(random, "sdgs", 3) if random.random() < 0.3 else [],
            },
            "when": _when(random),
            "where": {"places": [{"name": name(), "country": random.choice(COUNTRIES)}]},
            "who": {
                "target_groups": [{"who": text(0.04)[:2_000], "groups": _several(random, "target-groups", 3)}],
                "authorities": [
                    {"authority": slug, "name": slug.replace("-", " ").title()}
                    for slug in dict.fromkeys(_zipf(random, self._authorities) for _ in range(random.randint(1, 2)))
                ],
            },
            "how": {
                "summary": text(0.12)[:1_200].strip(),
                "description": text(0.25)[:20_000],
                "needs": lines(0.07, 1, 3),
                "activities": lines(0.12, 2, 6),
                "objectives": lines(0.08, 1, 4),
                "results": lines(0.08, 1, 4),
            },
            "why": {
                "features": [
                    {"feature": feature, "statement": text(0.02), "assessed_by": "editor"}
                    for feature in _several(random, "features", 4)
                ],
                "success_factors": lines(0.06, 1, 4),
            },
            "lessons": {"challenges": [{"challenge": text(0.05)}]},
            "provenance": {
                "kind": _frequent(random, "provenances"),
                "source_year": random.randint(2005, 2025),
            },
        }

    def _translations(self, random: Random, language: str, content: Json) -> Json:
        """Translate title and summary of every third record into one, two or three languages."""
        if random.random() > 1 / 3:
            return {}
        others = random.sample([other for other in LANGUAGES if other != language], random.randint(1, 3))
        originals = {
            "initiative.title": content["initiative"]["title"],
            "how.summary": content["how"]["summary"],
        }
        return {
            other: {
                path: {"text": self._lexicons[other].prose(random, len(original))[:1_200], "status": "machine"}
                for path, original in originals.items()
            }
            for other in others
        }


def _zipf(random: Random, values: Sequence[str]) -> str:
    """Choose one value, the first ones far more often than the last ones."""
    return values[min(int(len(values) ** random.random()) - 1, len(values) - 1)]


def _frequent(random: Random, vocabulary: str) -> str:
    return _zipf(random, codes(vocabulary))


def _several(random: Random, vocabulary: str, most: int) -> list[str]:
    return list(dict.fromkeys(_frequent(random, vocabulary) for _ in range(random.randint(1, most))))


def _countries(random: Random) -> list[Json]:
    involved = list(dict.fromkeys(_zipf(random, COUNTRIES) for _ in range(random.randint(2, 3))))
    roles = (["origin"], ["destination"], ["transit", "origin"])
    return [{"country": country, "roles": role} for country, role in zip(involved, roles, strict=False)]


def _budget(random: Random) -> list[Json]:
    if random.random() < 0.3:
        return []
    amount = round(10 ** random.uniform(3.5, 7.5), -2)
    return [{"amount": amount, "currency": random.choice(CURRENCIES), "scope": "total"}]


def _when(random: Random) -> Json:
    start = random.randint(1988, 2024)
    precision = random.choice(
        (f"{start}", f"{start}-{random.randint(1, 12):02d}", f"{start}-06-{random.randint(1, 30):02d}")
    )
    if random.random() < 0.5:
        return {"start": precision, "ongoing": True}
    return {"start": precision, "end": str(start + random.randint(1, 8))}
