"""The printed road maps: found, linked both ways, sent again with what they link to, carried on by steps."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.harness.paths import ROOT
from tests.harness.server import serving_seeds

Json = dict[str, Any]
NETWORK = "local-authorities-network-for-migration-and-development"


@dataclass
class Whole:
    """The server with the printed records, and people with keys."""

    client: httpx.Client
    secretariat: str
    bologna: str
    tirana: str

    def get(self, path: str, **params: str | list[str]) -> Any:
        return self.client.get(path, params=params).raise_for_status().json()

    def send(self, method: str, path: str, key: str, body: Any = None, version: int | None = None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {key}"} | ({} if version is None else {"If-Match": f'"{version}"'})
        return self.client.request(method, f"/api/v1{path}", headers=headers, json=body)

    def version(self, path: str) -> int:
        return int(self.send("GET", f"{path}/latest", self.secretariat).raise_for_status().json()["version"])

    def road_map(self, authority: str, **more: str) -> Json:
        (hit,) = self.get("/search/v1/records", type="road-map", lead_authority=authority, **more)["hits"]
        found: Json = self.get(f"/api/v1/road-maps/{hit['slug']}")
        return found

    def linked(self, name: str) -> Json:
        """Return the practice with a word in its slug."""
        slugs = [one["slug"] for one in self.get("/api/v1/practices", limit="100")["items"]]
        (slug,) = [one for one in slugs if name in one]
        found: Json = self.get(f"/api/v1/practices/{slug}")
        return found


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whole]:
    folder = tmp_path_factory.mktemp("whole")

    def key(*arguments: str) -> str:
        run = [sys.executable, "-m", "services.api.cli", "key", "create", *arguments]
        environment = os.environ | {"PRAXIS_API_DATABASE_URL": f"sqlite:///{folder}/praxis.db"}
        return subprocess.run(run, cwd=ROOT, env=environment, check=True, capture_output=True, text=True).stdout.strip()

    with serving_seeds(folder) as client:
        officers = [key(name, "--role", "officer", "--authority", name) for name in ("bologna", "tirana")]
        yield Whole(client, key("us", "--role", "secretariat"), *officers)


QUESTIONS = {
    "what did a city of departure plan": "tirana",
    "presupuesto de la hoja de ruta de Bolonia": "bologna",
    "actes adoptés par le conseil de Tirana": "tirana",
}


@pytest.mark.parametrize("more", [{"type": "road-map"}, {}], ids=["of-the-type", "of-any"])
@pytest.mark.parametrize(("q", "authority"), QUESTIONS.items())
def test_a_question_finds_the_road_map_that_answers_it(whole: Whole, q: str, authority: str, more: Json) -> None:
    first = whole.get("/search/v1/records", q=q, **more)["hits"][0]
    assert (first["type"], [one["slug"] for one in first["authorities"]]) == ("road-map", [authority])


def test_all_are_found_and_counted_by_what_they_say(whole: Whole) -> None:
    found = whole.get("/search/v1/records", type="road-map")
    counts = {
        name: {one["value"]: one["count"] for one in facet["values"] if one["count"]}
        for name, facet in found["facets"].items()
    }
    assert found["total"] == 3
    assert counts["adoption"] == {"report-approved": 1, "before-council": 1, "not-approved": 1}
    assert counts["area"] == {
        "cross-sectoral-governance": 2,
        "civic-participation": 1,
        "culture-and-heritage": 1,
        "institutional-coordination": 1,
        "non-discriminatory-communication": 1,
    }
    assert counts["lead_authority"] == dict.fromkeys(("bologna", "milan", "tirana"), 1)
    assert (counts["currency"], counts["budget_band"]) == ({"EUR": 3}, {"EUR:10k-100k": 3})
    assert counts["activity_state"] == {"done": 3, "begun": 2}
    assert counts["sdg"] == {}, "said, not named"


def test_they_are_linked_both_ways(whole: Whole) -> None:
    maps = {name: whole.road_map(name) for name in ("bologna", "milan", "tirana")}
    ids = {f"road-map/{one['id']}" for one in maps.values()}
    programme = whole.get(f"/api/v1/programmes/{NETWORK}")
    assert {(one["from"], one["relation"]) for one in programme["incoming"]} == {(id, "part-of") for id in ids}
    for name, authority, relation in (
        ("local-action-plan-pal", "bologna", "linked-plan"),
        ("one-stop-shop", "milan", "linked-plan"),
        ("vademecum", "milan", "produced"),
        ("coordination-mechanism", "tirana", "linked-plan"),
    ):
        practice, own = whole.linked(name), maps[authority]
        assert {(one["from"], one["relation"]) for one in practice["incoming"]} == {(f"road-map/{own['id']}", relation)}
        assert (f"practice/{practice['id']}", relation) in {(one["to"], one["relation"]) for one in own["links"]}
        assert practice["content"]["initiative"]["budget"] == [], "its sums are those of the road map"


def test_an_amended_practice_comes_again_with_what_links_to_it_and_nothing_else(whole: Whole) -> None:
    practice, own = whole.linked("local-action-plan-pal"), whole.road_map("bologna")
    path, head = f"/practices/{practice['id']}", whole.get("/api/v1/changes", after="0", limit="1")["head"]
    latest = whole.send("GET", f"{path}/latest", whole.secretariat).json()
    content = latest["content"] | {"rights": "Told anew."}
    body = {"content": content, "translations": latest["translations"]}
    whole.send("PUT", path, whole.secretariat, body, latest["version"]).raise_for_status()
    whole.send("POST", f"{path}/publish", whole.secretariat, None, latest["version"] + 1).raise_for_status()
    again = whole.get("/api/v1/changes", after=str(head), limit="100")["changes"]
    assert {(one["type"], one["id"]) for one in again} == {("practice", practice["id"]), ("road-map", own["id"])}
    (sent,) = [one["record"] for one in again if one["type"] == "road-map"]
    assert sent == own | {
        "links": [
            one | {"revision": practice["revision"] + 1} if one["to"] == f"practice/{practice['id']}" else one
            for one in own["links"]
        ]
    }


def test_an_activity_goes_done_by_its_unit_without_a_new_revision(whole: Whole) -> None:
    before = whole.road_map("tirana")
    path = f"/road-maps/{before['id']}"
    (begun,) = [one for one in before["content"]["plan"]["activities"] if one["state"] == "begun"]
    step = {"kind": "done", "path": f"plan.activities[key={begun['key']}]", "date": "2022-06", "note": "It ran."}
    theirs = {"authority": "tirana", "reason": "It is theirs."}
    whole.send("POST", f"{path}/owner", whole.secretariat, theirs, whole.version(path)).raise_for_status()
    assert whole.send("POST", f"{path}/steps", whole.bologna, step).status_code == 403
    told = whole.send("POST", f"{path}/steps", whole.tirana, step)
    assert told.status_code == 201, told.text
    after = whole.get(f"/api/v1{path}")
    assert [{name: one[name] for name in step} for one in after["progress"]] == [step]
    assert (after["revision"], after["content"]) == (before["revision"], before["content"])
    head = whole.get("/api/v1/changes", after="0", limit="1")
    mark = {"min_seq": f"{head['epoch']}.{head['head']}"}
    found = whole.get("/search/v1/records", type="road-map", lead_authority="tirana", activity_state="begun", **mark)
    assert found["total"] == 0
    assert whole.road_map("tirana", activity_state="done")["id"] == before["id"]
