"""The pages, by what people come for."""

from services.portal.pages import account, find, home, practice, preferences, sign_in

ROUTERS = (
    home.router,
    find.router,
    practice.router,
    preferences.router,
    sign_in.router,
    account.router,
)
