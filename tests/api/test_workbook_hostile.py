"""Thousands of spoilt and hostile files: each is read or refused, soon, and in little memory.

A sample in every run; `PRAXIS_HOSTILE_UPLOADS=5000` reads as many.
"""

import json
import os
import random
import subprocess
import sys
from pathlib import Path

FILES = int(os.environ.get("PRAXIS_HOSTILE_UPLOADS", "150"))
MOST_SECONDS = 4.0
"""Of the processor, for the worst file on a slow machine."""
MOST_MEGABYTES = 500


def test_hostile_files_are_read_or_refused() -> None:
    seed = random.SystemRandom().randrange(10**6)
    finished = subprocess.run(
        [sys.executable, "-m", "tests.api.hostile", str(FILES), str(seed)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr[-3_000:]
    figures = json.loads(finished.stdout)
    assert figures["files"] >= FILES
    assert figures["slowest"][0] < MOST_SECONDS, figures
    assert figures["peak_mb"] < MOST_MEGABYTES, figures
    assert {"413", "422"} <= figures["ends"].keys()
