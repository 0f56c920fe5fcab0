"""Services as processes of their own, started, killed and started again by tests."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress

import httpx

from tests.harness.paths import ROOT
from tests.harness.ports import PLAIN, free_port


class Process:
    """One service: `args` are Python's (`["-m", "services.api"]`), `env` is added to this process' environment."""

    def __init__(self, name: str, args: Sequence[str], env: Mapping[str, str], port: int | None = None) -> None:
        self.name = name
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._args = list(args)
        self._env = {**os.environ, "PYTHONPATH": str(ROOT), **env, "PORT": str(self.port)}
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - `close` closes it
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; it may be started again after it has ended, on the same port."""
        assert not self.alive, f"{self.name} runs already"
        command = [sys.executable, *self._args]
        self._process = subprocess.Popen(
            command, cwd=ROOT, env=self._env, stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log
        )

    def wait(self, path: str, seconds: float = 60) -> None:
        """Return when an address, such as `/api/readyz`, answers 200; fail with the log when it does not in time."""
        until = time.monotonic() + seconds
        while True:
            with suppress(httpx.TransportError):
                if httpx.get(self.url + path, timeout=5, verify=PLAIN).status_code == 200:
                    return
            assert self.alive, f"{self.name} ended with {self._process and self._process.returncode}:\n{self.log}"
            assert time.monotonic() < until, f"{self.name} does not answer {path}:\n{self.log}"
            time.sleep(0.05)

    @property
    def alive(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self._process is not None, f"{self.name} was not started"
        return self._process.pid

    @property
    def log(self) -> str:
        """The end of what it has written since its first start."""
        written = os.fstat(self._log.fileno()).st_size  # read apart from the place where the process writes
        return os.pread(self._log.fileno(), 5_000, max(0, written - 5_000)).decode(errors="replace")

    def send(self, what: signal.Signals) -> None:
        """Send it a signal, such as SIGSTOP; none when it has ended."""
        if self._process is not None:
            self._process.send_signal(what)

    def kill(self) -> None:
        """End it at once, as a loss of power does."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Stop it as Ctrl-C does; kill it when it does not go within 10 s."""
        self._end(signal.SIGINT)

    def close(self) -> None:
        """Kill it if it still runs, and forget its log."""
        self.kill()
        self._log.close()

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        self.send(how)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


@contextmanager
def serving(*processes: Process, ready: str) -> Iterator[None]:
    """Run processes that answer 200 at `ready`; they are stopped at the end."""
    try:
        for process in processes:
            process.start()
        for process in processes:
            process.wait(ready)
        yield
        for process in processes:
            process.stop()
    finally:
        for process in processes:
            process.close()
