"""HTTP of what happens to public records after their publication."""

from typing import TYPE_CHECKING, Any, TypeAlias

import orjson
from fastapi import APIRouter, Request, Response

from services.api.access.callers import Anybody, Somebody
from services.api.access.idempotency import IdempotencyKey, once
from services.api.forms.types import RecordType
from services.api.kit.sessions import ReadSession, WriteSession
from services.api.records import progress, rendering
from services.api.records.endpoints import PREFIX, parameter, record_id
from services.api.records.schemas import StepCreate, StepRead
from services.web.problems import responses


def router(type: RecordType) -> APIRouter:
    """Return the addresses of the steps of a type's records."""
    routes = APIRouter(prefix=f"{PREFIX}/{type.plural}", tags=[type.plural])
    one, name = f"/{{{parameter(type)}}}", parameter(type)
    if TYPE_CHECKING:
        Id: TypeAlias = str
    else:
        Id = record_id(type)

    @routes.get(
        f"{one}/steps",
        name=f"list_{name}_steps",
        response_model=list[StepRead],
        responses=responses(401, 404, 422),
    )
    def list_steps(record: Id, session: ReadSession, caller: Anybody) -> list[dict[str, Any]]:
        """What happened to a record since it became public, the first first."""
        return [rendering.progress(step) for step in progress.listed(session, type, record, caller)]

    @routes.post(
        f"{one}/steps",
        name=f"add_{name}_step",
        status_code=201,
        response_model=StepRead,
        responses=responses(400, 401, 403, 404, 408, 409, 413, 422),
    )
    def add_step(
        request: Request,
        record: Id,
        session: WriteSession,
        caller: Somebody,
        body: StepCreate,
        idempotency_key: IdempotencyKey = None,
    ) -> Response:
        """Tell what happened to a public record, or to a row of it; it is shown there, and stays."""

        def act() -> Response:
            step = progress.add(session, caller, type, record, body)
            return Response(orjson.dumps(rendering.progress(step)), 201, media_type="application/json")

        return once(session, caller, request, idempotency_key, body, act)

    return routes
