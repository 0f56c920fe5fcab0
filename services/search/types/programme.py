"""Programmes and networks that practices and road maps are part of."""

from services.search.cards import HitRead
from services.search.declaring import SearchType
from services.search.naming import each_language
from services.search.types import shared

TYPE = SearchType(
    name="programme",
    labels=each_language(("Programme", "Programa", "Programme", "Programma")),
    facets=(
        shared.AUTHORITY,
        shared.STATE,
        shared.COMPLETENESS,
        shared.RELATION,
        shared.LANGUAGE,
        shared.TYPE,
    ),
    hit=HitRead,
    parts={"about.title": "title", "about.summary": "summary"},
    silent=shared.SOURCED,
)
