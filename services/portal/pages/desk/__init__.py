"""The secretariat's desk, one file an area."""

from services.portal.pages.desk import gaps, imports, keys, people, pipeline, tokens

ROUTERS = (pipeline.router, gaps.router, imports.router, people.router, tokens.router, keys.router)
