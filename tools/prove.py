"""`python -m tools.prove [PART…]`: the proofs that take too long for every day, with a table at their end.

Without a name it runs the parts that are not proved at the present commit, so that a run which was stopped goes on.
What each part last proved, and at which commit, is kept in `.proofs/` and written into docs/measurements.md.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).parent.parent
KEPT = ROOT / ".proofs"
TOLD = ROOT / "docs" / "measurements.md"
BEGIN, END = "<!-- proofs: written by make prove -->\n", "<!-- end of proofs -->\n"
ALONE, BY_ALL = ("-n0",), ("-n", "auto", "--dist", "worksteal")


@dataclass(frozen=True)
class Part:
    """A part: what it proves, and the tests that do so, on all processors or one by one."""

    what: str
    tests: tuple[str, ...]
    spread: tuple[str, ...] = BY_ALL


PARTS = {
    "pure": Part("properties without services, with all their examples", ("tests/pure", "tests/web")),
    "api": Part(
        "every test of the api on SQLite and PostgreSQL, its models at full depth, every case of the OpenAPI document",
        ("tests/api", "--ignore=tests/api/workbook"),
    ),
    "workbooks": Part(
        "5 000 hostile uploads; every printed case through LibreOffice in four languages; on both databases",
        ("tests/api/workbook",),
    ),
    "search": Part("both engines under the same contract, and beside each other", ("tests/search",)),
    "portal": Part(
        "every page in both themes, every journey on desktop and phone, weight and first paint on a slow phone",
        ("tests/portal",),
    ),
    "whole": Part("the services together: 50 kills, 300 combinations of filters", ("tests/whole",)),
    "topology": Part(
        "every process apart behind the gateway, killed and hung in turn", ("tests/prove/test_topology.py",)
    ),
    "images": Part("what the images hold, installed anew and started", ("tests/prove/test_images.py",)),
    "clients": Part(
        "clients in Python and TypeScript, generated from openapi/, type-checked, reading and following",
        ("tests/prove/test_clients.py",),
    ),
    "faults": Part("200 faults on each engine while writers go on", ("tests/prove/test_faults.py",), ALONE),
    "feed": Part(
        "20 000 public writes by 16 writers, two followers that miss nothing",
        ("tests/prove/test_feed_never_misses.py",),
        ALONE,
    ),
    "scaling": Part(
        "search of 100 000 records beside 10 000: time, memory, disk", ("tests/prove/test_scaling.py",), ALONE
    ),
    "soak": Part(
        "the one process under mixed load: memory, files and threads stay", ("tests/prove/test_soak.py",), ALONE
    ),
}


@dataclass(frozen=True)
class Proof:
    """What a part gave the last time."""

    part: str
    commit: str
    on: str
    minutes: float
    passed: int
    failed: int
    left_out: int

    @property
    def line(self) -> str:
        """The row of a table."""
        passed = f"{self.passed:,}".replace(",", " ")
        counts = f"{passed} passed, {self.failed} failed, {self.left_out} left out"
        what = PARTS[self.part].what
        return f"| {self.part} | {what} | {counts} | {self.minutes:.1f} min | {self.commit}, {self.on} |"


def main() -> int:
    """Prove what was asked for; return 1 if anything failed or proved nothing."""
    asked = _parser().parse_args()
    commit = _commit()
    known = kept()
    wanted = asked.parts or [name for name in PARTS if name not in known or not good(known[name], commit)]
    KEPT.mkdir(exist_ok=True)
    for name in wanted:
        print(f"== {name}: {PARTS[name].what}", flush=True)
        proof = prove(name, commit)
        (KEPT / f"{name}.json").write_text(json.dumps(asdict(proof)))
        known[name] = proof
        tell(known.values())
    rows = [known[name] for name in PARTS if name in known]
    print("\n" + table(rows))
    return int(any(not proof.passed or proof.failed for proof in rows))


def good(proof: Proof, commit: str) -> bool:
    """Tell whether nothing needs to be proved again: it held, of this very commit."""
    return proof.commit == commit and bool(proof.passed) and not proof.failed and "+" not in commit


def prove(name: str, commit: str) -> Proof:
    """Run a part."""
    part, report = PARTS[name], KEPT / f"{name}.xml"
    report.unlink(missing_ok=True)
    began = time.monotonic()
    command = [sys.executable, "-m", "pytest", *part.spread, "-s", f"--junitxml={report}", *part.tests]
    code = subprocess.run(command, cwd=ROOT, env=os.environ | {"PRAXIS_PROVE": "1"}).returncode
    minutes = (time.monotonic() - began) / 60
    passed, failed, left_out = counted(report) if report.exists() else (0, 1, 0)
    return Proof(name, commit, f"{datetime.now(UTC):%Y-%m-%d}", minutes, passed, failed or int(code != 0), left_out)


def counted(report: Path) -> tuple[int, int, int]:
    """Return how many tests of a report passed, failed and were left out."""
    suites = list(ElementTree.parse(report).getroot().iter("testsuite"))
    total, failed, left_out = (
        sum(int(suite.get(key, 0)) for suite in suites for key in keys)
        for keys in (("tests",), ("failures", "errors"), ("skipped",))
    )
    return total - failed - left_out, failed, left_out


def kept() -> dict[str, Proof]:
    """Return what is known of earlier runs."""
    files = [path for path in KEPT.glob("*.json") if path.stem in PARTS]
    return {path.stem: Proof(**json.loads(path.read_text())) for path in files}


def table(proofs: Iterable[Proof]) -> str:
    """Return what parts gave as a table in Markdown."""
    rows = {proof.part: proof.line for proof in proofs}
    head = "| part | what it proves | last run | time | at commit |\n|---|---|---|---|---|\n"
    return head + "".join(f"{rows[name]}\n" for name in PARTS if name in rows)


def tell(proofs: Iterable[Proof]) -> None:
    """Write the table into the docs."""
    before, _, rest = TOLD.read_text(encoding="utf-8").partition(BEGIN)
    TOLD.write_text(before + BEGIN + table(proofs) + END + rest.partition(END)[2], encoding="utf-8")


def _commit() -> str:
    """Return the present commit, with a plus when files differ from it beside the table that is written here."""
    git = ["git", "-C", str(ROOT)]
    commit = subprocess.run([*git, "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True)
    others = ["--", ".", f":!{TOLD.relative_to(ROOT)}"]
    changed = subprocess.run([*git, "status", "--porcelain", *others], capture_output=True, text=True, check=True)
    return commit.stdout.strip() + ("+" if changed.stdout else "")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools.prove", description="Prove what takes long.")
    parser.add_argument("parts", nargs="*", metavar="PART", choices=[*PARTS, []], help=f"one of {', '.join(PARTS)}")
    return parser


if __name__ == "__main__":
    sys.exit(main())
