"""Cases on their way over HTTP alone: the seven case studies of the JMDI report, by two officers and a secretariat."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import yaml

from tests.api.submissions.support import stored
from tests.harness.paths import ROOT
from tests.harness.server import serving
from tests.harness.support import Json

CASES = {
    "cartaya": "cartaya",
    "bologna-roi": "bologna",
    "madrid": "comunidad-de-madrid",
    "veneto": "veneto",
    "cuenca": "cuenca",
    "confesen": "veneto",
    "tres-por-uno": "zacatecas",
}
"""The case studies V.1 to V.7 by seed file, with the authority whose officers hand them in."""
PASSWORD = "correct horse battery staple"


class Person:
    """Somebody with an account, signed in."""

    def __init__(self, client: httpx.Client, email: str) -> None:
        self._client, self.email = client, email
        signed_in = client.post("/api/v1/sessions", json={"email": email, "password": PASSWORD})
        assert signed_in.status_code == 201, signed_in.text
        self._token: str = signed_in.json()["token"]
        self._headers = {"Authorization": f"Bearer {self._token}"}
        self.name: str = self.ask("GET", "/me")["name"]

    def send(self, method: str, path: str, version: int | None = None, **more: Any) -> httpx.Response:
        """Send a request with this person's token."""
        headers = self._headers | ({"If-Match": f'"{version}"'} if version is not None else {})
        return self._client.request(method, f"/api/v1{path}", headers=headers, **more)

    def ask(self, method: str, path: str, version: int | None = None, **more: Any) -> Any:
        """Send a request that is answered, and return the answer."""
        answer = self.send(method, path, version, **more)
        assert answer.is_success, f"{method} {path}: {answer.text}"
        return answer.json()

    def visit(self, path: str) -> httpx.Response:
        """Open a page of the portal, signed in."""
        return self._client.get(path, headers={"Cookie": f"praxis_session={self._token}"})

    def save(self, case: Json, content: Json, **more: Any) -> Json:
        saved: Json = self.ask("PUT", f"/submissions/{case['id']}", case["version"], json={"content": content} | more)
        return saved

    def step(self, case: Json, action: str, **more: Any) -> Json:
        path = f"/submissions/{case['id']}/transitions"
        taken: Json = self.ask("POST", path, case["version"], json={"action": action} | more)
        return taken

    def read(self, case: Json) -> Json:
        found: Json = self.ask("GET", f"/submissions/{case['id']}")
        return found


class Network:
    """A base that knows its authorities and has no case yet; its people are made over HTTP by its first admin."""

    def __init__(self, client: httpx.Client, admin: Person, database: str) -> None:
        self.client, self._admin, self.database = client, admin, database
        self.secretariat = self.invite("desk@network.example", "The desk", role="secretariat", organisation="Network")
        self._offices: dict[str, tuple[Person, Person]] = {}

    def invite(self, email: str, name: str, **more: Any) -> Person:
        """Make an account, redeem its invitation, sign in."""
        body = {"email": email, "name": name} | more
        made = self._admin.ask("POST", "/accounts", json=body)
        token = made.get("invitation") or self._admin.ask("POST", f"/accounts/{made['id']}/reset")["token"]
        redeemed = self.client.post("/api/v1/password-resets/redeem", json={"token": token, "password": PASSWORD})
        assert redeemed.is_success, redeemed.text
        return Person(self.client, email)

    def close(self, email: str) -> None:
        """Let somebody call no more."""
        (account,) = self._admin.ask("GET", f"/accounts?q={email}")["items"]
        self._admin.ask("POST", f"/accounts/{account['id']}/deactivate", account["version"])

    def office(self, authority: str) -> tuple[Person, Person]:
        """Return two officers of one authority."""
        if authority not in self._offices:
            first, second = (
                self.invite(
                    f"{name}@{authority}.example", f"{name} of {authority}", role="officer", authority=authority
                )
                for name in ("first", "second")
            )
            self._offices[authority] = first, second
        return self._offices[authority]


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    folder = tmp_path_factory.mktemp("network")
    shutil.copytree(ROOT / "seeds" / "authorities", folder / "seeds" / "authorities")
    admin = [
        "account",
        "create",
        "admin@network.example",
        "--name",
        "Admin",
        "--role",
        "admin",
        "--organisation",
        "Network",
    ]
    with serving(folder, seeds=folder / "seeds", commands=[([*admin, "--password-stdin"], PASSWORD)]) as client:
        yield Network(client, Person(client, "admin@network.example"), f"sqlite:///{folder}/praxis.db")


@pytest.mark.parametrize("name", CASES)
def test_a_case_study_goes_the_whole_way(network: Network, name: str) -> None:
    seed = yaml.safe_load((ROOT / "seeds" / "practices" / f"{name}.yaml").read_text(encoding="utf-8"))
    content, translations = seed["content"], seed["translations"]
    content["provenance"] = content["provenance"] | {"kind": "submitted"}
    first, second = network.office(CASES[name])
    desk = network.secretariat

    # The first officer begins with what is at hand; the two work at the same time, and nobody's words are lost.
    begun = {part: content[part] for part in ("initiative", "what") if part in content}
    case = first.ask("POST", "/submissions", json={"content": begun})
    assert case["owner"] == CASES[name]
    assert not case["ready"]
    assert "6.1" in {finding["question"] for finding in case["findings"]}
    refused = first.send("POST", f"/submissions/{case['id']}/transitions", case["version"], json={"action": "submit"})
    assert refused.status_code == 422
    seen = second.read(case)
    case = first.save(case, case["content"] | {"how": content["how"]})
    overtaken = second.send("PUT", f"/submissions/{case['id']}", seen["version"], json={"content": content})
    assert overtaken.status_code == 412
    link = overtaken.headers["link"]
    diff = network.client.get(link[1 : link.index(">")], headers=second._headers).json()
    assert {change["path"].split(".")[1] for change in diff["differences"]} == {"how"}
    assert [person["name"] for person in diff["by"]] == [first.name]
    case = second.save({"id": case["id"], "version": diff["version"]}, content, translations=translations)
    assert case["ready"], case["findings"]

    # It is handed in, somebody asks for more, and says of which field.
    case = first.step(case, "submit")
    waiting = desk.ask("GET", "/inbox")["waiting_for_me"]["items"]
    assert case["id"] in {one["id"] for one in waiting}
    case = desk.step(case, "take-up")
    remark = {"text": "Please say in the title that it is yours.", "path": "initiative.title"}
    comment = desk.ask("POST", f"/submissions/{case['id']}/comments", json=remark)
    path = f"/submissions/{case['id']}/transitions"
    assert first.send("POST", path, case["version"], json={"action": "publish"}).status_code == 403
    back = desk.step(case, "request-changes", reason="The title", comments=[comment["id"]])
    mine = second.ask("GET", "/inbox")["waiting_for_me"]["items"]
    assert case["id"] in {one["id"] for one in mine}
    own = content | {"initiative": content["initiative"] | {"title": f"{content['initiative']['title']} (ours)"}}
    second.ask("POST", f"/submissions/{case['id']}/comments", json={"text": "Done.", "parent": comment["id"]})
    case = second.save(back, own)
    second.ask("POST", f"/submissions/{case['id']}/comments/{comment['id']}/resolve")
    case = first.step(case, "submit")

    # The secretariat publishes it, and readers find it.
    case = desk.step(desk.step(case, "take-up"), "publish", reason="A strong case")
    public = network.client.get(f"/api/v1/practices/{case['practice']}").json()
    assert public["content"] == stored(own)
    assert (public["revision"], public["tier"], public["state"]) == (1, "network", "published")
    assert public["completeness"] == case["completeness"]
    assert search(network, own["initiative"]["title"])[0]["slug"] == case["practice"]

    # A second revision goes the same way while the first one stays public.
    draft = first.step(case, "revise")
    later = own | {"lessons": own.get("lessons", {}) | {"comment": "Told again a year later."}}
    draft = second.step(first.save(draft, later), "submit")
    assert network.client.get(f"/api/v1/practices/{case['practice']}").json() == public
    done = desk.step(desk.step(draft, "take-up"), "publish")
    again = network.client.get(f"/api/v1/practices/{case['practice']}").json()
    assert (again["revision"], again["content"]) == (2, stored(later))
    told = [(event["action"], event["by"]["name"]) for event in first.ask("GET", f"/submissions/{done['id']}/events")]
    assert told == [
        ("create", first.name),
        ("submit", first.name),
        ("take-up", desk.name),
        ("request-changes", desk.name),
        ("submit", first.name),
        ("take-up", desk.name),
        ("publish", desk.name),
        ("revise", first.name),
        ("submit", second.name),
        ("take-up", desk.name),
        ("publish", desk.name),
    ]


def search(network: Network, title: str, tier: str = "network") -> list[Json]:
    """Search for a title, once what is public now is in the index."""
    feed = network.client.get("/api/v1/changes?after=0&limit=1").json()
    query: dict[str, Any] = {"q": title, "tier": tier, "min_seq": f"{feed['epoch']}.{feed['head']}"}
    answer = network.client.get("/search/v1/records", params=query)
    assert answer.status_code == 200, answer.text
    hits: list[Json] = answer.json()["hits"]
    return hits


def test_another_office_sees_none_of_it(network: Network) -> None:
    first, _ = network.office("cartaya")
    stranger, _ = network.office("zacatecas")
    case = first.ask("POST", "/submissions", json={"content": {}})
    assert stranger.send("GET", f"/submissions/{case['id']}").status_code == 404
    assert network.client.get(f"/api/v1/submissions/{case['id']}").status_code == 401


def test_the_readme_collects_a_case_in_five_commands(network: Network) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"In five commands:\n\n```sh\n(.*?)```", text, re.DOTALL)
    commands = block.strip().splitlines()
    assert len(commands) == 5
    script = "\n".join(["set -e", *commands[:2], *(f"{command}; echo" for command in commands[2:])])
    script = script.replace(".venv/bin/praxis", f"{sys.executable} -m services.api.cli")
    script = script.replace("localhost:8000", str(network.client.base_url).removeprefix("http://").rstrip("/"))
    environment = os.environ | {"PRAXIS_API_DATABASE_URL": network.database}
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, env=environment, cwd=ROOT, check=True)
    states = [json.loads(line)["state"] for line in done.stdout.splitlines()]
    assert states == ["submitted", "in-review", "published"]
    assert search(network, "desk for returning nurses")[0]["title"] == "A desk for returning nurses"
