"""What the portal looks like: the pictures of docs/portal, taken anew into `PRAXIS_SCREENSHOTS` when that is set."""

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.harness.paths import ROOT
from tests.portal.site import CARTAYA, Visits

FOUND = "/practices?q=who+has+managed+seasonal+migration+together+with+a+country+of+origin%3F"
PICTURES: dict[str, tuple[str, dict[str, Any]]] = {
    "find-desktop": (FOUND, {}),
    "find-phone": (FOUND, {"device": "phone"}),
    "find-dark": (FOUND, {"theme": "dark"}),
    "practice-desktop": (CARTAYA, {}),
    "practice-phone-dark": (CARTAYA, {"device": "phone", "theme": "dark"}),
    "practice-print": (CARTAYA, {}),
    "map-desktop": ("/map", {}),
    "matrix-dark": ("/matrix", {"theme": "dark"}),
}
DOCS = ROOT / "docs" / "portal"


def taken(page: Page, name: str, folder: Path) -> Path:
    """Take a picture of a page as its name says."""
    if name.endswith("print"):
        page.set_viewport_size({"width": 794, "height": 1123})  # A4 at 96 dots an inch
        page.emulate_media(media="print")
    path = folder / f"{name}.png"
    page.screenshot(path=path, animations="disabled", scale="css")
    return path


@pytest.mark.parametrize("name", PICTURES)
def test_pictures_can_be_taken(visits: Visits, name: str, tmp_path: Path) -> None:
    where, how = PICTURES[name]
    folder = Path(os.environ.get("PRAXIS_SCREENSHOTS", tmp_path))
    with visits.open(where, **how) as page:
        size = taken(page, name, folder).stat().st_size
    assert 10_000 < size < 400_000


def test_the_docs_show_each_of_them() -> None:
    shown = (DOCS / "README.md").read_text(encoding="utf-8")
    for name in PICTURES:
        assert f"({name}.png)" in shown
        assert (DOCS / f"{name}.png").exists()
