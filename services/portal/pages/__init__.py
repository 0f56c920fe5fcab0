"""The pages, by what people come for."""

from services.portal.pages import (
    answers,
    answers_excel,
    compare,
    developers,
    embed,
    facet,
    feed,
    find,
    home,
    map,
    matrix,
    practice,
    preferences,
)

ROUTERS = (
    home.router,
    find.router,
    facet.router,
    feed.router,
    map.router,
    matrix.router,
    compare.router,
    practice.router,
    embed.router,
    developers.router,
    preferences.router,
    answers_excel.router,
    answers.router,
)
