"""Processes that `make up-local` keeps: started in stages, started again when they end, and never left behind."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.paths import ROOT
from tests.harness.ports import free_port
from tests.harness.topology import alive
from tests.harness.waiting import until
from tools.local.processes import NotRunning, Process, Processes
from tools.local.servers import answers

SERVER = [sys.executable, "-m", "http.server", "--bind", "127.0.0.1"]
KEEPER = """
import sys, threading
from pathlib import Path
from tools.local.processes import Process, Processes
with Processes(Path(sys.argv[1]), threading.Event()) as kept:
    kept.start(Process("sleeper", ["sleep", "60"], 0, lambda: True))
    threading.Event().wait()
"""
HEADLESS = """
import ctypes, sys, threading
threading.Thread(target=sys.stdin.read).start()
ctypes.CDLL(None).pthread_exit(None)
"""
"""Its first thread ends before the second, as may happen when one is killed: it shows as ended, but is not yet."""


def server(name: str) -> Process:
    port = free_port()
    return Process(name, [*SERVER, str(port)], port, lambda: answers(port, "/"))


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Processes]:
    with Processes(tmp_path, threading.Event()) as kept:
        yield kept


def pid(kept: Processes, name: str) -> int:
    return kept.running(name).pid


def test_a_stage_begins_when_the_one_before_is_ready(kept: Processes) -> None:
    first, second = server("first"), server("second")
    kept.start(first)
    assert answers(first.port, "/")
    kept.start(second)
    pids = [pid(kept, name) for name in ("first", "second")]
    kept.stop()
    assert not any(alive(number) for number in pids)


def test_what_ends_is_started_again(kept: Processes) -> None:
    one = server("one")
    kept.start(one)
    before = pid(kept, "one")
    kept.keep()
    assert pid(kept, "one") == before
    os.kill(before, signal.SIGKILL)
    until(lambda: not alive(before))
    kept.keep()
    assert pid(kept, "one") != before
    until(lambda: answers_somehow(one.port))


def answers_somehow(port: int) -> bool:
    try:
        return answers(port, "/")
    except OSError:
        return False


def test_what_has_threads_left_has_not_ended() -> None:
    with subprocess.Popen([sys.executable, "-c", HEADLESS], stdin=subprocess.PIPE) as process:
        state = Path(f"/proc/{process.pid}/stat")
        until(lambda: ") Z " in state.read_text())
        assert alive(process.pid)
        assert process.poll() is None
        assert process.stdin
        process.stdin.close()
        until(lambda: not alive(process.pid))
        assert process.poll() == 0


def test_what_ends_again_and_again_is_given_up(kept: Processes) -> None:
    kept.start(Process("weak", ["sh", "-c", "echo why it failed; sleep 0.1"], 0, lambda: True))

    def keep() -> bool:
        kept.keep()
        return False

    with pytest.raises(NotRunning, match=r"again and again: .*why it failed"):
        until(keep)


def test_what_does_not_get_ready_is_told_with_its_log(kept: Processes) -> None:
    with pytest.raises(NotRunning, match="broken ended: out of luck"):
        kept.start(Process("broken", ["sh", "-c", "echo out of luck; exit 3"], 0, lambda: False))
    with pytest.raises(NotRunning, match=r"slow was not ready in 0\.2 s"):
        kept.start(Process("slow", ["sleep", "60"], 0, lambda: False), seconds=0.2)
    with pytest.raises(NotRunning, match="once failed: no"):
        kept.once("once", ["sh", "-c", "echo no; exit 1"], {})


def test_processes_get_no_settings_of_ours(kept: Processes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRAXIS_API_DATABASE_URL", "sqlite:///elsewhere.db")
    kept.once("env", ["env"], {"OWN": "1"})
    assert "OWN=1" in kept.tail("env")
    assert "PRAXIS_" not in kept.tail("env")


def test_the_stubborn_are_killed(kept: Processes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tools.local.processes.STOPPED_WITHIN", 0.3)
    kept.start(Process("deaf", ["sh", "-c", "trap '' TERM; echo; while :; do sleep 0.1; done"], 0, lambda: True))
    until(lambda: bool(kept.tail("deaf")))
    number = pid(kept, "deaf")
    kept.stop()
    assert not alive(number)


def test_nobody_is_left_when_the_keeper_is_killed(tmp_path: Path) -> None:
    keeper = subprocess.Popen([sys.executable, "-c", KEEPER, tmp_path], cwd=ROOT)
    try:
        listed = tmp_path / "processes.json"
        until(listed.exists)
        sleeper = int(listed.read_text().split('"pid":')[1].split(",")[0])
        assert alive(sleeper)
    finally:
        keeper.kill()
        keeper.wait()
    until(lambda: not alive(sleeper))
