"""Language and look, kept in the browser."""

from typing import Annotated

from fastapi import APIRouter, Form, Response

from services.portal import visitor
from services.portal.page import AnyPage

router = APIRouter()


@router.post("/preferences")
async def keep(page: AnyPage, theme: Annotated[str, Form()], next: Annotated[str, Form()] = "/") -> Response:
    """Keep the look: light, dark, or anything else for what the system says."""
    answer = page.redirect(visitor.within(next))
    if theme in visitor.THEMES:
        visitor.keep(answer, page.request, visitor.THEME, theme)
    else:
        answer.delete_cookie(visitor.THEME)
    return answer
