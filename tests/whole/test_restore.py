"""A backup put back under the running services: search is rebuilt, and equals the database again."""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx

from tests.harness.mirror import Mirror, State, public_state
from tests.harness.paths import ROOT
from tests.harness.server import serving_seeds
from tests.harness.support import practice_body

QUESTIONS = ({"type": "practice"}, {"q": "strawbery seasnal workers"}, {"q": "rimesse"}, {"priority": "remittances"})


def test_search_equals_the_database_after_a_restore(tmp_path: Path) -> None:
    def praxis(*arguments: str) -> str:
        run = [sys.executable, "-m", "services.api.cli", *arguments]
        environment = os.environ | {"PRAXIS_API_DATABASE_URL": f"sqlite:///{tmp_path}/praxis.db"}
        return subprocess.run(run, cwd=ROOT, env=environment, check=True, capture_output=True, text=True).stdout.strip()

    with serving_seeds(tmp_path) as client:
        key = praxis("key", "create", "us", "--role", "secretariat")
        editor = httpx.Client(base_url=client.base_url, timeout=10, headers={"Authorization": f"Bearer {key}"})
        before, state = answers(client), records(client)
        praxis("backup", str(tmp_path / "backup.zip"))
        mark = change(editor, list(state))
        assert answers(client, min_seq=mark) != before
        praxis("restore", str(tmp_path / "backup.zip"), "--replace")
        wait_for_another_epoch(client, mark.split(".")[0])
        assert answers(client) == before
        assert records(client) == state
        assert found(client) == practices(state)
        late = client.get("/search/v1/records", params={"min_seq": mark})
        assert late.status_code == 409, late.text
        mark = change(editor, list(state))
        assert found(client, min_seq=mark) == practices(records(client)) != practices(state)
        editor.close()


def change(editor: httpx.Client, keys: list[tuple[str, str]]) -> str:
    """Take a practice out, change another and add one; return the mark of the last write."""
    out, other = [id for type, id in sorted(keys) if type == "practice"][:2]
    version = {id: editor.get(f"/api/v1/practices/{id}/latest").json()["version"] for id in (out, other)}
    write(editor, "POST", f"/practices/{out}/unpublish", version[out])
    write(editor, "PUT", f"/practices/{other}", version[other], practice_body("A changed title", authority="cartaya"))
    write(editor, "POST", f"/practices/{other}/publish", version[other] + 1)
    made = write(editor, "POST", "/practices", None, practice_body("A new one", authority="cartaya")).json()
    return write(editor, "POST", f"/practices/{made['id']}/publish", 1).headers["praxis-seq"]


def write(editor: httpx.Client, method: str, path: str, version: int | None, body: Any = None) -> httpx.Response:
    headers = {} if version is None else {"If-Match": f'"{version}"'}
    return editor.request(method, f"/api/v1{path}", headers=headers, json=body).raise_for_status()


def answers(client: httpx.Client, **more: str) -> list[Any]:
    """Return what is found, with all facets, but for what differs from one time to the next."""
    given = []
    for question in QUESTIONS:
        asked = {"per_page": "100", **question, **more}
        body = client.get("/search/v1/records", params=asked).raise_for_status().json()
        hits = [(hit["title"], hit["summary"], hit["priorities"]) for hit in body["hits"]]
        given.append((body["total"], hits, body["facets"]))
    return given


def found(client: httpx.Client, **more: str) -> set[str]:
    asked = {"type": "practice", "per_page": "100", **more}
    body = client.get("/search/v1/records", params=asked).raise_for_status().json()
    return {hit["id"] for hit in body["hits"]}


def practices(state: State) -> set[str]:
    return {id for type, id in state if type == "practice"}


def records(client: httpx.Client) -> State:
    """Return every public record, as the rooms and the feed agree on it."""

    def get(path: str) -> Any:
        return client.get(f"/api/v1{path}").raise_for_status().json()

    mirror, state = Mirror(), public_state(get)
    mirror.catch_up(get, 1000)
    mirror.check_digest(get)
    assert mirror.records == state
    return state


def wait_for_another_epoch(client: httpx.Client, epoch: str) -> None:
    """Wait until search answers from an index of another epoch; it must not take long."""
    until = time.monotonic() + 15
    while True:
        answer = client.get("/search/v1/records")
        assert answer.status_code == 200, "the old index answers until the new one is there"
        if answer.json()["index"]["epoch"] != epoch:
            return
        assert time.monotonic() < until
        time.sleep(0.1)
