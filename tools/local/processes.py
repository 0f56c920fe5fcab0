"""Child processes: they live no longer than this one, are started again when they end, and stop in turn."""

import ctypes
import json
import os
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

STOPPED_WITHIN = 10.0
MOST_ENDS = 3
ENDS_WITHIN = 30.0
"""A process that ends oftener than `MOST_ENDS` times within so many seconds is given up, and all others with it."""

_SET_PARENT_DEATH_SIGNAL = 1
_libc = ctypes.CDLL(None)


class NotRunning(Exception):
    """A process ended, or was not ready in time; the text holds the end of its log."""


@dataclass(frozen=True)
class Process:
    """What to run. `ready` tells whether it can serve; it may raise `OSError` while it cannot."""

    name: str
    command: Sequence[str | Path]
    port: int
    ready: Callable[[], bool]
    environment: Mapping[str, str] = field(default_factory=dict)
    ends_on: signal.Signals = signal.SIGTERM
    account: Mapping[str, Any] = field(default_factory=dict)
    """Whom to run it as, and where, in the words of `subprocess`."""


class Processes:
    """All children, in the stages in which they were started; as a context it stops them at its end."""

    def __init__(self, folder: Path, asked_to_stop: threading.Event) -> None:
        self.folder = folder
        self._asked_to_stop = asked_to_stop
        self.logs = folder / "logs"
        self.logs.mkdir(parents=True, exist_ok=True)
        self._stages: list[list[Process]] = []
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._ends: dict[str, deque[float]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def start(self, *processes: Process, seconds: float = 60) -> None:
        """Start a stage and return when all of it is ready; raise `NotRunning` when it does not get so in time."""
        self._stages.append(list(processes))
        for process in processes:
            self._spawn(process)
        until = time.monotonic() + seconds
        waiting = list(processes)
        while waiting:
            if self._asked_to_stop.is_set():
                raise NotRunning("asked to stop while starting")
            waiting = [process for process in waiting if not self._is_ready(process)]
            for process in waiting:
                if self._running[process.name].poll() is not None:
                    raise NotRunning(f"{process.name} ended: {self.tail(process.name)}")
                if time.monotonic() > until:
                    raise NotRunning(f"{process.name} was not ready in {seconds:g} s: {self.tail(process.name)}")
            time.sleep(0.05 if waiting else 0)

    def once(self, name: str, command: Sequence[str | Path], environment: Mapping[str, str], **account: Any) -> None:
        """Run a process to its end; raise `NotRunning` when that is not a success."""
        with (self.logs / f"{name}.log").open("wb") as log:
            ended = subprocess.run(
                command, env=_environment(environment), stdout=log, stderr=log, timeout=300, **self._at_home(account)
            )
        if ended.returncode:
            raise NotRunning(f"{name} failed: {self.tail(name)}")

    def keep(self) -> None:
        """Start again whatever ended since the last call; raise `NotRunning` for what does so again and again."""
        for process in (process for stage in self._stages for process in stage):
            ended = self._running[process.name].poll()
            if ended is None:
                continue
            ends = self._ends.setdefault(process.name, deque(maxlen=MOST_ENDS))
            if len(ends) == MOST_ENDS and time.monotonic() - ends[0] < ENDS_WITHIN:
                raise NotRunning(f"{process.name} ends again and again: {self.tail(process.name)}")
            ends.append(time.monotonic())
            print(f"{process.name} ended with {ended}; it is started again", flush=True)
            self._spawn(process)

    def stop(self) -> None:
        """Stop the stages, the last first; whoever does not go in time is killed."""
        for stage in reversed(self._stages):
            going = [(process, self._running[process.name]) for process in stage if process.name in self._running]
            for process, running in going:
                with suppress(ProcessLookupError):
                    running.send_signal(process.ends_on)
            until = time.monotonic() + STOPPED_WITHIN
            for _, running in going:
                try:
                    running.wait(max(0.1, until - time.monotonic()))
                except subprocess.TimeoutExpired:
                    running.kill()
                    running.wait()
        self._stages.clear()

    def running(self, name: str) -> "subprocess.Popen[bytes]":
        """Return the present process of a name."""
        return self._running[name]

    def tail(self, name: str) -> str:
        """Return the end of a process' log."""
        return (self.logs / f"{name}.log").read_text(errors="replace")[-2_000:]

    def _at_home(self, account: Mapping[str, Any]) -> dict[str, Any]:
        """Return options for `subprocess`: away from the project's folder, no process finds a `.env` to read."""
        return {"cwd": self.folder, **account}

    def _is_ready(self, process: Process) -> bool:
        with suppress(OSError):
            return process.ready()
        return False

    def _spawn(self, process: Process) -> None:
        parent = os.getpid()

        def bind_to_parent() -> None:
            _libc.prctl(_SET_PARENT_DEATH_SIGNAL, process.ends_on)
            if os.getppid() != parent:  # it was gone before
                os._exit(1)

        with (self.logs / f"{process.name}.log").open("ab") as log:
            self._running[process.name] = subprocess.Popen(
                process.command,
                env=_environment(process.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for this process, which stops the others in turn
                preexec_fn=bind_to_parent,
                **self._at_home(process.account),
            )
        self._write_list()

    def _write_list(self) -> None:
        """Say in a file who runs where: for people, and for those who test what happens when one is killed."""
        ports = {process.name: process.port for stage in self._stages for process in stage}
        listed = {name: {"pid": running.pid, "port": ports[name]} for name, running in self._running.items()}
        written = self.folder / "processes.json.new"
        written.write_text(json.dumps(listed, indent=1))
        written.rename(self.folder / "processes.json")


def _environment(own: Mapping[str, str]) -> dict[str, str]:
    """Return an environment with nothing of this process' but where to find programs."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", **own}
