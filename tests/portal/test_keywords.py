"""Keywords as readers meet them: on a record, among the filters, and on records from before they were asked for."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from sqlalchemy import select
from sqlmodel import Session, col

from services.api.access.service import OPERATOR
from services.api.records import service as practices
from services.api.records.models import Record
from tests.harness.server import serving_seeds
from tests.portal.links import behind, read

WRITTEN = ("Trabajo Estacional", 'A "b" & <c> #1/2 100%+', "عمل موسمي")
TOLD = ("trabajo estacional", 'a "b" & <c> #1/2 100%+', "عمل موسمي")


def name(session: Session) -> None:
    """Give the first practice keywords, the second one of them in another writing, and the third is older than that."""
    given: tuple[Any, ...] = (list(WRITTEN), ["TRABAJO  estaciónal"], None)
    found = session.scalars(select(Record).order_by(col(Record.slug)))
    for practice, keywords in zip(found, given, strict=False):
        revision = practices.latest(session, practice)
        what = {name: value for name, value in revision.content["what"].items() if name != "keywords"}
        what |= {} if keywords is None else {"keywords": keywords}
        revision.content = revision.content | {"what": what}
        practices.publish(session, OPERATOR, practice, practice.version)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with serving_seeds(tmp_path_factory.mktemp("keywords"), name) as client:
        yield client


@pytest.fixture(scope="module")
def slugs(server: httpx.Client) -> list[str]:
    items = server.get("/api/v1/practices", params={"limit": 100}).json()["items"]
    return sorted(item["slug"] for item in items)[:3]


def test_a_record_leads_from_its_keywords_to_all_that_have_them(server: httpx.Client, slugs: list[str]) -> None:
    page = read(server.get(f"/practices/{slugs[0]}"))
    tags = [link for link in page.all("a", "tag") if "keyword=" in link.attributes["href"]]
    assert [link.text for link in tags] == list(WRITTEN)
    assert [behind(server, link.attributes["href"]) for link in tags] == [2, 1, 1]
    for link, told in zip(tags, TOLD, strict=True):
        found = read(server.get(link.attributes["href"]))
        (chip,) = found.all("a", "chip")
        assert chip.text.startswith(f"Keyword: {told}")
        assert chip.attributes["href"] == "/practices"
        boxes = [one.attributes for one in found.all("input") if one.attributes.get("name") == "keyword"]
        assert [one["value"] for one in boxes if "checked" in one] == [told]
        assert all(not any(sign.isspace() for sign in one["id"]) for one in boxes if "id" in one)


@pytest.mark.parametrize("lang", ["en", "es", "fr", "it"])
def test_all_keywords_are_listed_and_are_picked_and_left(server: httpx.Client, slugs: list[str], lang: str) -> None:
    page = read(server.get("/facets/keyword", params={"lang": lang}))
    (listed,) = page.all("ul", "value-list")
    links = listed.all("a")
    assert [link.text for link in links] == sorted(TOLD, key=lambda told: (told != TOLD[0], told))
    assert [behind(server, link.attributes["href"]) for link in links] == [2, 1, 1]
    picked = read(server.get(f"/facets/keyword?{urlencode({'keyword': WRITTEN[0], 'q': 'TRABÁJO', 'lang': lang})}"))
    (link,) = picked.all("ul", "value-list")[0].all("a")
    assert link.attributes["href"] == "/practices"
    several = [("keyword", WRITTEN[0]), ("keyword", WRITTEN[2]), ("q", "trab")]
    (link,) = read(server.get(f"/facets/keyword?{urlencode(several)}")).all("ul", "value-list")[0].all("a")
    assert WRITTEN[2] in httpx.URL(link.attributes["href"]).params.get_list("keyword"), (
        "what is not listed stays picked"
    )


def test_what_two_cases_share_is_told(server: httpx.Client, slugs: list[str]) -> None:
    hits = server.get(f"/search/v1/records/{slugs[0]}/similar", params={"limit": 20}).json()["hits"]
    shared = {hit["slug"]: hit["shared"].get("keyword") for hit in hits}
    assert {slug: codes for slug, codes in shared.items() if codes} == {slugs[1]: [TOLD[0]]}


def test_a_record_from_before_keywords_is_shown(server: httpx.Client, slugs: list[str]) -> None:
    record = server.get(f"/api/v1/practices/{slugs[2]}").json()
    assert "keywords" not in record["content"]["what"]
    for path in ("", "/history", "/download.xlsx", "/download.json"):
        assert server.get(f"/practices/{slugs[2]}{path}").status_code == 200, path
    assert server.get("/compare", params={"practice": slugs}).status_code == 200
