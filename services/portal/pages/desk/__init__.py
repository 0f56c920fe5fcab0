"""The secretariat's desk, one file an area."""

from services.portal.pages.desk import gaps, imports, keys, people, pipeline, practices, tokens

ROUTERS = (
    pipeline.router,
    practices.router,
    gaps.router,
    imports.router,
    people.router,
    tokens.router,
    keys.router,
)
