"""`python -m tools.changed`: the tests that `make test FAST=1` runs: of changed rooms, and all that are pure.

Changed is what differs from the last commit, or, where nothing does, what the last commit changed.
"""

import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
PURE = "tests/pure"


def main() -> None:
    """Print paths for pytest, what was changed itself before what may depend on it."""
    files = _git("status", "--porcelain", "--no-renames", "--untracked-files=all")
    changed = [line[3:] for line in files] or _git("diff", "--name-only", "--no-renames", "HEAD~1", "HEAD")
    tests = {path for path in changed if path.startswith("tests/") and Path(path).name.startswith("test_")}
    own = sorted(path for path in tests if "prove" not in Path(path).parts)  # proofs take what they need
    rooms = sorted({room for path in changed for room in rooms_of(path)})
    print(*[path for path in [*own, PURE, *rooms] if (ROOT / path).exists()])


def rooms_of(path: str) -> Iterator[str]:
    """Yield the folder of tests of the room that a file belongs to."""
    parts = Path(path).parts
    match parts:
        case ("services", "api", "submissions", "workbook", *_):
            yield "tests/api/workbook"
        case ("services", "api", room, _, *_) | ("tests", "api", room, _, *_):
            yield f"tests/api/{room}"
        case ("services" | "tests", "search" | "portal" | "web" as service, *_):
            yield f"tests/{service}"


def _git(*arguments: str) -> list[str]:
    done = subprocess.run(["git", "-C", ROOT, *arguments], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


if __name__ == "__main__":
    main()
