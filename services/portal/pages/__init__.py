"""The pages, by what people come for."""

from services.portal.pages import answers, answers_excel, find, home, practice, preferences

ROUTERS = (
    home.router,
    find.router,
    practice.router,
    preferences.router,
    answers_excel.router,
    answers.router,
)
