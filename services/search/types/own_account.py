"""Accounts: what authorities tell of their own practices."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from services.search import codes
from services.search.cards import HitRead
from services.search.codes import Record
from services.search.declaring import SearchType
from services.search.naming import each_language
from services.search.types import shared

if TYPE_CHECKING:
    from services.search.labels import Labels

Json = dict[str, Any]


def _strand(record: Record) -> tuple[str, ...]:
    strand = codes.section_of(record, "account").get("strand")
    return (strand,) if strand else ()


class OwnAccountHitRead(HitRead):
    """An authority's own account of a practice found."""

    type: Literal["own-account"]
    practice: str = Field(description="The practice that it is an account of: its id, else its slug")
    authorities: list[shared.NamedRead] = Field(description="The authority that tells it")
    strand: str | None = Field(description="Its thematic strand, a code of `priorities`")


def _card(record: Record, found: Mapping[str, tuple[str, ...]]) -> Json:
    account = codes.section_of(record, "account")
    ends = (one["to"] for one in record.get("links") or () if one["path"] == "account.practice" and one["to"])
    return {
        "practice": next((end.partition("/")[2] for end in ends), account["practice"]),
        "authorities": shared.named(record, account.get("authority")),
        "strand": account.get("strand"),
    }


def _shown(stored: Mapping[str, Any], labels: "Labels", language: str | None) -> Json:
    named = shared.named_shown(stored["authorities"], labels, language)
    return {"practice": stored["practice"], "authorities": named, "strand": stored["strand"]}


TYPE = SearchType(
    name="own-account",
    labels=each_language(("Own account", "Relato propio", "Récit propre", "Racconto proprio")),
    facets=(
        shared.AUTHORITY,
        shared.PRIORITY.of(_strand),
        shared.STATE,
        shared.COMPLETENESS,
        shared.RELATION,
        shared.LANGUAGE,
        shared.TYPE,
    ),
    hit=OwnAccountHitRead,
    parts={"account.title": "title", "account.description": "summary", "account.results": "key"},
    silent=shared.SOURCED,
    card=_card,
    shown=_shown,
)
