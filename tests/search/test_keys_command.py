"""`praxis-search keys`: makes the keys on a server, or prints them without one, and never logs them."""

import httpx
import pytest
from typer.testing import CliRunner

from services.search.cli import app
from services.search.engines.meilisearch.keys import Keys, derive
from tests.harness.meili import Meili
from tests.harness.ports import free_port

MASTER = "a master key of many characters"
NAMES = ("SEARCH", "WRITE", "TASKS")


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str, **settings: str) -> tuple[int, str]:
    for name, value in settings.items():
        monkeypatch.setenv(f"PRAXIS_SEARCH_MEILI_{name}", value)
    result = CliRunner().invoke(app, ["keys", *arguments])
    return result.exit_code, result.output


def values(keys: Keys) -> tuple[str, ...]:
    return (keys.search, str(keys.write), str(keys.tasks))


def test_derived_keys_are_printed_as_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    code, output = run(monkeypatch, "--derive", MASTER_KEY=MASTER, INDEX="other")
    lines = zip(NAMES, values(derive(MASTER, "other")), strict=True)
    assert (code, output) == (0, "".join(f"PRAXIS_SEARCH_MEILI_{name}_KEY={value}\n" for name, value in lines))


@pytest.mark.parametrize("master", [None, "too short"])
def test_a_good_master_key_is_needed(monkeypatch: pytest.MonkeyPatch, master: str | None) -> None:
    monkeypatch.delenv("PRAXIS_SEARCH_MEILI_MASTER_KEY", raising=False)
    code, output = run(monkeypatch, **({"MASTER_KEY": master} if master else {}))
    assert code == 1
    assert "PRAXIS_SEARCH_MEILI_MASTER_KEY must be set" in output
    assert "too short" not in output


def test_a_server_that_is_away_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    code, output = run(monkeypatch, MASTER_KEY=MASTER, URL=f"http://127.0.0.1:{free_port()}")
    assert code == 1
    assert output.startswith("no answer from")


def test_keys_are_made_on_the_server_and_not_shown(monkeypatch: pytest.MonkeyPatch, meili: Meili) -> None:
    if not meili.master_key:
        pytest.skip("the server runs without a master key, and makes no keys")
    settings = {"MASTER_KEY": meili.master_key, "URL": meili.url, "INDEX": "testkeyscommand"}
    keys = derive(meili.master_key, "testkeyscommand")
    for _ in range(2):
        code, output = run(monkeypatch, **settings)
        assert code == 0, output
        assert not any(key in output for key in (meili.master_key, *values(keys)))
    searching = {"Authorization": f"Bearer {keys.search}"}
    assert httpx.post(f"{meili.url}/multi-search", json={"queries": []}, headers=searching).status_code == 200
    assert httpx.get(f"{meili.url}/tasks", headers=searching).status_code == 403
    wrong = run(monkeypatch, **settings | {"MASTER_KEY": "x" * 32})
    assert wrong[0] == 1
    assert "refused" in wrong[1]
