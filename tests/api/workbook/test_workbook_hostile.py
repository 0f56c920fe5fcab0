"""Thousands of spoilt and hostile files: each is read or refused, soon, and in little memory."""

import json
import random
import subprocess
import sys

from tests.harness.depth import either
from tests.harness.paths import ROOT

FILES = either(60, 5_000)
MOST_SECONDS = 4.0
"""Of the processor, for the worst file on a slow machine."""
MOST_MEGABYTES = 500


def test_hostile_files_are_read_or_refused() -> None:
    seed = random.SystemRandom().randrange(10**6)
    finished = subprocess.run(
        [sys.executable, "-m", "tests.api.workbook.hostile", str(FILES), str(seed)],
        cwd=ROOT,
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
