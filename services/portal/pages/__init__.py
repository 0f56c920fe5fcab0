"""The pages, by what people come for, and what the features that they show give to templates."""

from collections.abc import Iterator

from fastapi import APIRouter

from services.portal import facets, types
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
    follow,
    home,
    letters,
    map,
    matrix,
    own_words,
    practice,
    preferences,
    readers,
    record,
    road_map,
    sign_in,
    step,
    telling,
    write,
)

_OF_TYPES = (find.router, facet.router, feed.router, compare.router, record.router, embed.cards)
"""What each type has at addresses of its own; what is no record, such as a comparison, comes before records."""

_OF_THE_SITE = (
    home.router,
    map.router,
    matrix.router,
    practice.router,
    road_map.router,
    authorities.router,
    write.router,
    follow.router,
    readers.router,
    embed.router,
    developers.router,
    preferences.router,
    sign_in.router,
    account.router,
    letters.router,
    contribute.router,
    own_words.router,
    claims.router,
    case.router,
    step.router,
    telling.router,
    comments.router,
    answers_excel.router,
    answers.router,
    *desk.ROUTERS,
)


def routers() -> Iterator[APIRouter]:
    """Yield the addresses of all pages: those of the site, then those of each type."""
    yield from _OF_THE_SITE
    for type in types.TYPES.values():
        yield from (of_type(type) for of_type in _OF_TYPES)


TEMPLATE_GLOBALS = (
    facets.template_globals,
    types.template_globals,
    cases.template_globals,
    claiming.template_globals,
    people.template_globals,
    answering.template_globals,
)
