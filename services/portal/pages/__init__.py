"""The pages, by what people come for, and what the features that they show give to templates."""

from services.portal import facets
from services.portal.answering import answers as answering
from services.portal.casework import cases, people
from services.portal.casework import claims as claiming
from services.portal.pages import (
    account,
    answers,
    answers_excel,
    authorities,
    case,
    claims,
    comments,
    compare,
    contribute,
    desk,
    developers,
    embed,
    facet,
    feed,
    find,
    home,
    letters,
    map,
    matrix,
    practice,
    preferences,
    sign_in,
    step,
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
    authorities.router,
    embed.router,
    developers.router,
    preferences.router,
    sign_in.router,
    account.router,
    letters.router,
    contribute.router,
    claims.router,
    case.router,
    step.router,
    comments.router,
    answers_excel.router,
    answers.router,
    *desk.ROUTERS,
)

TEMPLATE_GLOBALS = (
    facets.template_globals,
    cases.template_globals,
    claiming.template_globals,
    people.template_globals,
    answering.template_globals,
)
