"""Every page: accessible in both themes on desktop and phone, as wide as its window, nothing for the console."""

import pytest

from tests.portal.site import Device, Visits, check_accessible, no_sideways_scroll
from tests.portal.test_pages import PAGES


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_pages_are_accessible(visits: Visits, path: str, device: Device, theme: str) -> None:
    with visits.open(path, device, theme=theme) as page:
        check_accessible(page)
        no_sideways_scroll(page)
