"""The README's server, started as its readers start it: what it promises, asked over HTTP."""

import json
import re
import subprocess
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.harness.paths import ROOT
from tests.harness.server import serving_seeds

README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```console\n\$ (.*)\n((?:.*\n)*?)```", README)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """The one process on the seed records."""
    with serving_seeds(tmp_path_factory.mktemp("server")) as client:
        yield client


def found(server: httpx.Client, **parameters: Any) -> list[str]:
    answer = server.get("/search/v1/records", params={"per_page": 100, **parameters})
    assert answer.status_code == 200, answer.text
    return [hit["slug"] for hit in answer.json()["hits"]]


def place(slugs: list[str], name: str) -> int:
    return next(number for number, slug in enumerate(slugs, 1) if name in slug)


@pytest.mark.parametrize(("command", "printed"), BLOCKS, ids=[f"request{n}" for n in range(1, len(BLOCKS) + 1)])
def test_requests_of_the_readme_answer_as_printed(server: httpx.Client, command: str, printed: str) -> None:
    here = command.replace("localhost:8000", str(server.base_url).removeprefix("http://").rstrip("/"))
    answer = subprocess.run(["bash", "-c", here], capture_output=True, text=True, check=True).stdout
    assert answer == printed


def test_readme_has_five_requests() -> None:
    assert README.split("## Five requests")[1].split("\n## ")[0].count("```console") == 5


def test_a_question_with_typos_finds_cartaya(server: httpx.Client) -> None:
    assert place(found(server, q="strawbery seasnal workers"), "cartaya") == 1


def test_a_whole_sentence_finds_cartaya(server: httpx.Client) -> None:
    question = "who has managed seasonal migration together with a country of origin, and what made it work?"
    assert place(found(server, q=question), "cartaya") == 1


def test_spanish_words_find_the_return_programme(server: httpx.Client) -> None:
    assert place(found(server, q="micro-crédito retorno"), "bologna") <= 3


def test_remittances_are_found_by_tag_and_by_italian_word(server: httpx.Client) -> None:
    tagged = found(server, priority="remittances")
    for name in ("tres-por-uno", "confesen", "redel", "sicily", "united-in-solidarity"):
        assert place(tagged, name)
    records = [server.get(f"/api/v1/practices/{slug}").json() for slug in tagged]
    assert all("remittances" in [tag["priority"] for tag in r["content"]["what"]["priorities"]] for r in records)
    assert place(found(server, q="rimesse"), "tres-por-uno")


def test_senegal_as_country_of_origin(server: httpx.Client) -> None:
    slugs = found(server, country_of_origin="SN")
    for name in ("confesen", "redel", "veneto"):
        assert place(slugs, name)


def test_pages_need_nothing_from_elsewhere(server: httpx.Client) -> None:
    for path in ("/api/docs", "/search/docs"):
        page = server.get(path).text
        assert not re.findall(r'(?:src|href)="https?://', page)
        for address in re.findall(r'(?:src|href)="(/[^"]+)"', page):
            assert server.get(address).status_code == 200
    assert "Praxis" in server.get("/").text


def test_no_address_answers_without_a_problem(server: httpx.Client) -> None:
    for path in ("/api/nothing", "/search/nothing", "/api/v1/practices/none"):
        answer = server.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
        assert json.loads(answer.text)["status"] == 404
