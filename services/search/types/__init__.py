"""The types of records that are found: one file a type, which declares its facets, its texts and its card."""

from services.search.declaring import SearchType
from services.search.types.authority import TYPE as AUTHORITY
from services.search.types.form import TYPE as FORM
from services.search.types.own_account import TYPE as OWN_ACCOUNT
from services.search.types.practice import TYPE as PRACTICE
from services.search.types.programme import TYPE as PROGRAMME
from services.search.types.road_map import TYPE as ROAD_MAP

TYPES: dict[str, SearchType] = {
    type.name: type for type in (PRACTICE, ROAD_MAP, PROGRAMME, OWN_ACCOUNT, AUTHORITY, FORM)
}
"""Every type by its name; where words do not tell which is more relevant, hits of one come before those of the next."""
