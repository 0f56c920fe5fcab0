"""The secretariat's desk, one file an area."""

from services.portal.pages.desk import (
    authorities,
    claims,
    gaps,
    hand_over,
    imports,
    keys,
    messages,
    people,
    pipeline,
    practices,
    thesaurus,
    thesaurus_import,
    tokens,
)

ROUTERS = (
    pipeline.router,
    practices.router,
    authorities.router,
    claims.router,
    hand_over.router,
    gaps.router,
    thesaurus_import.router,
    thesaurus.router,
    imports.router,
    people.router,
    tokens.router,
    messages.router,
    keys.router,
)
