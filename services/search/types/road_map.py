"""Road maps: what authorities plan on migration, and what came of it."""

from services.search.cards import HitRead
from services.search.declaring import SearchType
from services.search.naming import each_language
from services.search.types import shared

TYPE = SearchType(
    name="road-map",
    labels=each_language(("Road map", "Hoja de ruta", "Feuille de route", "Road map")),
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
