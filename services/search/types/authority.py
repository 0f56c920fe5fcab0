"""Authorities: local, regional and national ones, found by their names and by what they are."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal

from services.search.cards import HitRead
from services.search.codes import Record
from services.search.declaring import Facet, SearchType
from services.search.engines.base import Text
from services.search.naming import Vocabulary, each_language
from services.search.types import shared

if TYPE_CHECKING:
    from services.search.labels import Labels

Json = dict[str, Any]


class AuthorityHitRead(HitRead):
    """An authority found."""

    type: Literal["authority"]
    name: str
    level: str
    country: str
    country_label: str


def _titles(record: Record) -> Mapping[str, str]:
    names = record.get("names") or {}
    return {shared.UNKNOWN_LANGUAGE: record["name"], **names}


def _texts(record: Record) -> Iterable[Text]:
    for language, name in _titles(record).items():
        yield Text("title", language, name, "name")
    if networks := record.get("networks"):
        yield Text("body", shared.UNKNOWN_LANGUAGE, "\n".join(networks), "networks")


def _shown(stored: Mapping[str, Any], labels: "Labels", language: str | None) -> Json:
    return {
        "name": labels.own({"": stored["name"], **(stored.get("names") or {})}, language),
        "level": stored["level"],
        "country": stored["country"],
        "country_label": labels.label("country", stored["country"], language),
    }


TYPE = SearchType(
    name="authority",
    labels=each_language(("Authority", "Autoridad", "Collectivité", "Ente")),
    facets=(
        shared.COUNTRY.of(lambda record: (record["country"],)),
        shared.LEVEL.of(lambda record: (record["level"],), searched=True),
        Facet(
            "country_role",
            "Role of an authority in migration: place of origin, transit or destination",
            lambda record: record.get("migration_roles") or (),
            Vocabulary("country-roles"),
            searched=True,
        ),
        shared.TYPE,
    ),
    hit=AuthorityHitRead,
    titles=_titles,
    texts=_texts,
    card=lambda record, codes: record,
    shown=_shown,
    apart=True,  # they have few words, so that each tells more
    titled=False,  # its names are suggested as values to filter by
)
