"""Accounts: what authorities tell of their own practices."""

from services.search.cards import HitRead
from services.search.declaring import SearchType
from services.search.naming import each_language
from services.search.types import shared

TYPE = SearchType(
    name="own-account",
    labels=each_language(("Own account", "Relato propio", "Récit propre", "Racconto proprio")),
    facets=(
        shared.AUTHORITY,
        shared.STATE,
        shared.COMPLETENESS,
        shared.RELATION,
        shared.LANGUAGE,
        shared.TYPE,
    ),
    hit=HitRead,
    parts={"account.title": "title", "account.description": "summary"},
    silent=shared.SOURCED,
)
