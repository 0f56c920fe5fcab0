"""HTTP of what becomes of revisions that were public: withdrawn, redacted, brought back."""

from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from services.api.access.callers import Secretariat, Somebody
from services.api.access.idempotency import IdempotencyKey, once
from services.api.access.service import Caller
from services.api.forms.types import RecordType
from services.api.kit.preconditions import IfMatch, expected_version
from services.api.kit.schema import Schema
from services.api.kit.sessions import WriteSession
from services.api.records import revisions, schemas, service
from services.api.records.endpoints import PREFIX, Act, Number, answer, parameter, record_id
from services.api.records.schemas import RecordReason, RecordRedaction
from services.web.problems import responses


def router(type: RecordType) -> APIRouter:
    """Return the addresses of a type at which revisions are withdrawn, redacted and brought back."""
    one, name = f"/{{{parameter(type)}}}/revisions/{{number}}", parameter(type)
    routes = APIRouter(prefix=f"{PREFIX}/{type.plural}{one}", tags=[type.plural])
    edited = schemas.of(type).edit
    if TYPE_CHECKING:
        Id: TypeAlias = str
    else:
        Id = record_id(type)

    def made(
        request: Request,
        session: Session,
        caller: Caller,
        record: str,
        if_match: str | None,
        key: str | None,
        change: Act,
        body: Schema | None = None,
    ) -> Response:
        """Make a change once, and answer with the record as its editors see it."""

        def act() -> Response:
            found = service.find(session, type, record, caller)
            return answer(session, change(session, caller, found, expected_version(if_match)))

        return once(session, caller, request, key, body, act)

    @routes.post(
        "/withdraw",
        name=f"withdraw_{name}_revision",
        response_model=edited,
        responses=responses(400, 401, 403, 404, 408, 409, 412, 413, 422, 428),
    )
    def withdraw_revision(
        request: Request,
        record: Id,
        number: Number,
        session: WriteSession,
        caller: Secretariat,
        body: RecordReason,
        if_match: IfMatch = None,
        idempotency_key: IdempotencyKey = None,
    ) -> Response:
        """Take a revision that was public out of view, for good.

        Was it the public one, the newest other that was public and was not withdrawn takes its place, or none does.
        """
        change = partial(revisions.withdraw, number=number, reason=body.reason)
        return made(request, session, caller, record, if_match, idempotency_key, change, body)

    @routes.post(
        "/redact",
        name=f"redact_{name}_revision",
        response_model=edited,
        responses=responses(400, 401, 403, 404, 408, 409, 412, 413, 422, 428),
    )
    def redact_revision(
        request: Request,
        record: Id,
        number: Number,
        session: WriteSession,
        caller: Secretariat,
        body: RecordRedaction,
        if_match: IfMatch = None,
        idempotency_key: IdempotencyKey = None,
    ) -> Response:
        """Take one value out of a revision that was public, for everybody and for good, with its translations.

        The path is that in the revision as it is now.
        """
        change = partial(revisions.redact, number=number, path=body.path, reason=body.reason)
        return made(request, session, caller, record, if_match, idempotency_key, change, body)

    @routes.post(
        "/bring-back",
        name=f"bring_back_{name}_revision",
        response_model=edited,
        responses=responses(401, 403, 404, 408, 409, 412, 413, 422, 428),
    )
    def bring_back_revision(
        request: Request,
        record: Id,
        number: Number,
        session: WriteSession,
        caller: Somebody,
        if_match: IfMatch = None,
        idempotency_key: IdempotencyKey = None,
    ) -> Response:
        """Make an earlier revision the newest and public again, as it was judged then: for officers of its owner."""
        change = partial(revisions.bring_back, number=number)
        return made(request, session, caller, record, if_match, idempotency_key, change)

    return routes
