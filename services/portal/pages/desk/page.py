"""What every page of the desk is made with: who may see it, and the way to the other areas."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Depends, Form, Query
from fastapi.responses import HTMLResponse

from services.portal import desk
from services.portal.page import AnyPage, Page
from services.portal.upstream import Json, Refused

Said = Annotated[str, Query(max_length=40)]
"""What was just done, for a page that a form has led to."""
Cursor = Annotated[str, Query(max_length=300)]
Typed = Annotated[str, Form(max_length=1000)]


async def _desk(page: AnyPage) -> Page:
    page.must_be(*desk.SECRETARIAT)
    if page.me and page.me["role"] not in desk.area_of(page.request.url.path).roles:
        raise Refused(403, page.gettext("This page is for administrators."))
    return page


DeskPage = Annotated[Page, Depends(_desk)]
"""A page of the desk, asked for by somebody who may see it as the table of areas says."""


def shown(page: Page, template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """Render a page of the desk."""
    me = page.must_be()
    here = desk.area_of(page.request.url.path)
    return page.html(f"desk/{template}", status, areas=desk.areas(me["role"]), here=here, **values)


def shown_once(page: Page, template: str, **values: Any) -> HTMLResponse:
    """Render a page that holds a secret, which nobody may keep."""
    answer = shown(page, template, **values)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def home(typed: Json) -> Json:
    """Return where somebody belongs as a form says it, for the api; what was left empty is nothing."""
    return {name: str(typed[name]).strip() or None for name in ("role", "authority", "organisation")}


def matching(version: str) -> dict[str, str]:
    """Return the header that lets a change through only where nobody was faster; none for what is no version."""
    return {"If-Match": f'"{version}"'} if version.isascii() and version.isdigit() else {}


def faults(page: Page, refusal: Refused, fields: Sequence[str]) -> list[Json]:
    """Say of each field of a form what is wrong with it; what is wrong with none of them in the api's own words."""
    words = {
        "email": page.gettext("Write an e-mail, such as name@town.example.org."),
        "name": page.gettext("Write a name on one line, of at most 300 characters."),
        "role": page.gettext("Choose one of these roles."),
        "authority": page.gettext("Give an authority or an organisation, and not both; an officer has an authority."),
        "organisation": page.gettext("Write a name on one line, of at most 300 characters."),
        "days": page.gettext("Give a number of days from 1 to 3660."),
    }
    named = dict.fromkeys(str(fault["field"]).split(".")[-1] for fault in refusal.errors)
    found = [{"field": field, "message": words[field]} for field in named if field in fields]
    return found or [{"field": "", "message": refusal.detail, "lang": "en"}]
