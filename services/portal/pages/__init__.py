"""The pages, by what people come for."""

from services.portal.pages import find, home, practice, preferences

ROUTERS = (
    home.router,
    find.router,
    practice.router,
    preferences.router,
)
