"""The secretariat's desk, one file an area."""

from services.portal.pages.desk import imports, keys, people, pipeline, tokens

ROUTERS = (pipeline.router, imports.router, people.router, tokens.router, keys.router)
