"""How pledges, and the actions in them, are found."""

from services.search.cards import HitRead
from services.search.codes import Record, section_of
from services.search.declaring import Facet, SearchType
from services.search.naming import Authorities, Vocabulary, each_language
from services.search.types import shared


def _partner(record: Record) -> tuple[str, ...]:
    partner = section_of(record, "promise").get("partner")
    return (partner,) if partner else ()


PLEDGE = SearchType(
    name="pledge",
    labels=each_language(("Pledge", "Promesa", "Engagement", "Impegno")),
    facets=(
        shared.AUTHORITY,
        Facet("partner", "Authority that it is promised to", _partner, Authorities("^[a-z0-9]+(-[a-z0-9]+)*$")),
        shared.STATE,
        shared.COMPLETENESS,
        shared.RELATION,
        shared.LANGUAGE,
        shared.TYPE,
    ),
    hit=HitRead,
    parts={"promise.title": "title", "promise.summary": "summary"},
    silent=shared.SOURCED,
)
ACTION = SearchType(
    name="action",
    labels=each_language(("Action", "Acción", "Action", "Azione")),
    facets=(
        Facet(
            "progress",
            "How far an action has come",
            lambda record: (record["content"]["state"],) if record["content"].get("state") else (),
            Vocabulary("submission-states"),
        ),
        shared.LANGUAGE,
        shared.TYPE,
    ),
    hit=HitRead,
    parts={"text": "title"},
    derived=True,
)
TYPES = (PLEDGE, ACTION)
