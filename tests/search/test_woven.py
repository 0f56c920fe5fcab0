"""The benchmark's feed of woven records: each is one that search can index, and no two are alike."""

import json
import shutil
from pathlib import Path

import pytest

from services.search.document import document
from services.search.labels import terms_of
from tests.harness.paths import SEEDS
from tests.harness.server import seeded
from tools.bench.client import ask_each, body_of, get
from tools.bench.multiplied import Multiplied
from tools.bench.recorder import recording
from tools.bench.servers import multiplied, plain

RECORDS = 300


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copy(seeded(SEEDS), tmp_path_factory.mktemp("woven") / "praxis.db"))


def test_records_are_indexed_and_differ(database: Path) -> None:
    changes = [json.loads(change) for change in Multiplied(database, RECORDS).page(0, RECORDS)]
    assert [change["seq"] for change in changes] == list(range(1, RECORDS + 1))
    assert len({change["id"] for change in changes}) == RECORDS
    terms = {change["id"]: terms_of(change["record"]) for change in changes if change["type"] == "vocabulary"}
    made = [document(change["seq"], change["record"], terms) for change in changes if change["type"] == "practice"]
    assert len({tuple(text.value for text in one.texts) for one in made}) == len(made)
    assert len({one.slug for one in made}) == len(made)


def test_pages_are_always_the_same_and_end_at_the_head(database: Path) -> None:
    with multiplied(database, RECORDS) as feed:
        whole = json.loads(body_of(feed.port, "/api/v1/changes?after=0&limit=1000"))
        assert whole["head"] == RECORDS == whole["changes"][-1]["seq"]
        cursor, parts = 0, []
        while page := json.loads(body_of(feed.port, f"/api/v1/changes?after={cursor}&limit=70"))["changes"]:
            parts += page
            cursor = page[-1]["seq"]
        assert parts == whole["changes"]


def test_recorder_passes_on_and_keeps_what_was_asked() -> None:
    with plain("bare", b'{"some": "answer"}') as server, recording(server.port, "/asked") as recorder:
        post = b'POST /asked HTTP/1.1\r\nHost: x\r\nContent-Length: 7\r\n\r\n{"q":1}'
        assert ask_each(recorder.port, [get("/other"), post]).count == 2
        kept = recorder.taken()
        assert [request.partition(b"\r\n\r\n")[2] for request in kept] == [b'{"q":1}']
        assert ask_each(server.port, kept).count == 1
        assert recorder.taken() == []
