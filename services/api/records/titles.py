"""HTTP of titles: what several public records are called, of whatever type, in one answer."""

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query
from pydantic import BaseModel, StringConstraints
from sqlmodel import Session

from services.api.changes import service as changes
from services.api.kit.schema import Language
from services.api.kit.sessions import ReadSession
from services.api.records.names import Names
from services.api.types import TYPES
from services.web.problems import responses

router = APIRouter(prefix="/api/v1/titles", tags=["titles"])

MOST = 100
Named = Annotated[str, StringConstraints(max_length=120, pattern=r"^[a-z0-9-]+/[A-Za-z0-9-]+$")]


class TitleRead(BaseModel):
    """What a public record is called, by language, its own first; `plural` and `slug` make its address."""

    type: str
    plural: str
    id: str
    slug: str
    title: dict[Language, str]


@router.get("", response_model=list[TitleRead], responses=responses(422))
def read_titles(
    session: ReadSession,
    of: Annotated[
        list[Named], Query(min_length=1, max_length=MOST, description="Records, each as `type/id` or `type/slug`")
    ],
) -> list[dict[str, Any]]:
    """The titles of some records, in the order asked for; those that are not public, or unknown, are left out."""
    return titles(session, of)


def titles(session: Session, names: list[str]) -> list[dict[str, Any]]:
    """Return what public records are called (`TitleRead`), each once; those that are not public are left out."""
    asked = [(type, name) for type, _, name in (one.partition("/") for one in names) if type in TYPES]
    known = Names(session)
    known.look_up(set(asked))
    keys = list(dict.fromkeys((type, str(one.id)) for type, name in asked if (one := known.target((type, name)))))
    bodies = changes.bodies_of(session, keys)
    found = (orjson.loads(bodies[key]) for key in keys if key in bodies)
    return [
        {name: one[name] for name in ("type", "id", "slug", "title")} | {"plural": TYPES[one["type"]].plural}
        for one in found
    ]
