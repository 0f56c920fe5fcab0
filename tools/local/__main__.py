"""Runs the whole topology until interrupted: `make up-local`."""

import argparse
import os
import signal
import sys
import threading
import time
from pathlib import Path

from tools.local import servers, topology
from tools.local.processes import NotRunning, Processes

LOOKED_AFTER = 0.2
"""Seconds between two looks at the processes."""


def main() -> None:
    """Start everything, start again what ends, and stop it all at the first signal."""
    options = _options()
    if missing := servers.missing():
        sys.exit(f"not installed: {', '.join(missing)} (Debian's packages of these names)")
    engine: str = options.engine or topology.best_engine()
    if engine == "embedded" and not options.engine:
        print("No `meilisearch` is found on PATH: one node searches, on the embedded engine", flush=True)
    asked_to_stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: asked_to_stop.set())
    started = time.monotonic()
    options.folder.mkdir(parents=True, exist_ok=True)
    with Processes(options.folder.resolve(), asked_to_stop) as processes:
        try:
            topology.start(processes, options.port, engine, options.seeds and options.seeds.resolve())
            url = f"http://127.0.0.1:{options.port}"
            print(f"Praxis is at {url} on {engine} after {time.monotonic() - started:.1f} s", flush=True)
            print(f"  read    {url}/api/docs\n  search  {url}/search/docs", flush=True)
            print(f"  logs    {processes.logs}\nCtrl-C stops it.", flush=True)
            while not asked_to_stop.wait(LOOKED_AFTER):
                processes.keep()
        except NotRunning as error:
            if not asked_to_stop.is_set():
                sys.exit(str(error))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tools.local", description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("data/local"), help="where everything is kept")
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8080")), help="the gateway's")
    parser.add_argument("--engine", choices=("embedded", "meilisearch"), help="by default the best that is installed")
    parser.add_argument("--seeds", type=Path, help="folder with records to load")
    return parser.parse_args()


if __name__ == "__main__":
    main()
