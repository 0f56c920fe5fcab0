"""Concepts that tests of the thesaurus begin with."""

from typing import Any

import httpx

from tests.harness.support import Api, Json

CONCEPTS = "/vocabularies/thesaurus/concepts"
NEW = {"If-None-Match": "*"}

WORKERS: Json = {"labels": {"en": "migrant workers", "es": "trabajadores migrantes"}}
SEASONAL: Json = {
    "labels": {"en": "seasonal workers", "es": "trabajadores de temporada", "ar": "عمال موسميون"},
    "alternatives": {"es": ["temporeros", "jornaleros"]},
    "broader": ["migrant-workers"],
    "related": ["circular-migration"],
}
CIRCULAR: Json = {"labels": {"en": "circular migration", "pt-BR": "migração circular"}}


def add(api: Api, key: str, code: str, body: Json) -> httpx.Response:
    """Add a concept."""
    answer = api.put(f"{CONCEPTS}/{code}", key, json=body, headers=NEW)
    assert answer.status_code == 201, answer.text
    return answer


def add_three(api: Api, key: str) -> None:
    """Add three concepts that hang together."""
    add(api, key, "migrant-workers", WORKERS)
    add(api, key, "circular-migration", CIRCULAR)
    add(api, key, "seasonal-workers", SEASONAL)


def terms(api: Api) -> dict[str, Any]:
    """Return the thesaurus' terms as everybody reads them, by code."""
    return {term["code"]: term for term in api.get("/vocabularies/thesaurus").json()["terms"]}


def change(api: Api) -> Json:
    """Return the thesaurus' row of the feed."""
    rows = api.get("/changes?limit=1000").json()["changes"]
    (found,) = [row for row in rows if (row["type"], row["id"]) == ("vocabulary", "thesaurus")]
    return dict(found)
