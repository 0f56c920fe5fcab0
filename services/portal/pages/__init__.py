"""The pages, by what people come for."""

from services.portal.pages import (
    account,
    case,
    comments,
    contribute,
    desk,
    find,
    home,
    practice,
    preferences,
    sign_in,
    step,
)

ROUTERS = (
    home.router,
    find.router,
    practice.router,
    preferences.router,
    sign_in.router,
    account.router,
    contribute.router,
    case.router,
    step.router,
    comments.router,
    *desk.ROUTERS,
)
