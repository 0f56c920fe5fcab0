"""Every page: accessible in both themes on desktop and phone, as wide as its window, nothing for the console."""

import pytest

from tests.portal.site import CARTAYA, Device, Visits, check_accessible, no_sideways_scroll

SLUG = CARTAYA.rsplit("/", 1)[1]
PAGES = (
    "/",
    "/practices",
    "/practices?q=seasonal+workers&priority=capacities",
    "/practices?q=zzzqqq+cartaya&priority=rights",
    CARTAYA,
    f"{CARTAYA}?lang=fr",
    f"{CARTAYA}/history",
    "/map",
    "/map?view=europe&country=MA&corridor=MA-ES&q=workers",
    "/matrix",
    "/matrix?priority=rights&q=zzzqqq+women",
    "/facets/country?query=migration",
    "/compare",
    f"/compare?practice={SLUG}&q=return",
    f"/compare?practice={SLUG}&practice=senegal-regional-development-agencies-plan-together-with&practice=nowhere",
    "/embed",
    "/developers",
    "/developers/api",
    "/developers/search",
    "/nowhere",
)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_pages_are_accessible(visits: Visits, path: str, device: Device, theme: str) -> None:
    with visits.open(path, device, theme=theme) as page:
        check_accessible(page)
        no_sideways_scroll(page)


def test_the_check_finds_what_is_wrong(visits: Visits) -> None:
    with visits.open("/") as page:
        page.evaluate("document.querySelector('h1').outerHTML = '<img src=\"/static/icon.svg\"><p></p>'")
        with pytest.raises(AssertionError, match="image-alt"):
            check_accessible(page)
