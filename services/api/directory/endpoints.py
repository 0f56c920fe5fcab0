"""HTTP of the directory: who one is, the accounts of people, and the keys of machines."""

from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Path, Query, Request, Response
from sqlmodel import Session

from services.api.access import accounts, tokens
from services.api.access import service as access
from services.api.access.callers import Admin, Person, Secretariat, Somebody, desk_of
from services.api.access.idempotency import IdempotencyKey, once
from services.api.access.models import Account
from services.api.access.service import Caller, Role
from services.api.authorities import service as authorities
from services.api.directory import service
from services.api.directory.schemas import (
    AccountRead,
    AccountWrite,
    KeyCreate,
    KeyCreated,
    KeyRead,
    LanguageWrite,
    Me,
    TokenCreated,
)
from services.api.kit.moments import rfc3339
from services.api.kit.paging import Cursor, Limit, Page, Part, cut, decode, encode, link_next
from services.api.kit.preconditions import IfMatch, expected_version, set_version
from services.api.kit.schema import Slug
from services.api.kit.sessions import ReadSession, WriteSession
from services.web.problems import NotFound, responses

router = APIRouter(prefix="/api/v1")

KeyId = Annotated[str, Path(max_length=16, pattern=r"^[0-9a-z]+$")]
_NO_ID = UUID(int=0)


@router.get("/me", response_model=Me, responses=responses(401, 422), tags=["me"])
def read_me(response: Response, session: ReadSession, caller: Somebody) -> dict[str, Any]:
    """Who you are, and what you may do."""
    response.headers["Cache-Control"] = "no-store"
    return service.me(session, caller)


@router.put("/me/language", response_model=Me, responses=responses(400, 401, 403, 408, 413, 422), tags=["me"])
def set_language(response: Response, session: WriteSession, caller: Person, body: LanguageWrite) -> dict[str, Any]:
    """Say in which language letters to you are written."""
    accounts.speak(session, caller, body.language)
    response.headers["Cache-Control"] = "no-store"
    return service.me(session, caller)


@router.get("/accounts", response_model=Page[AccountRead], responses=responses(401, 403, 404, 422), tags=["accounts"])
def list_accounts(
    request: Request,
    response: Response,
    session: ReadSession,
    caller: Secretariat,
    role: Role | None = None,
    authority: Annotated[Slug | None, Query(description="Slug or id of the authority that they belong to")] = None,
    active: bool | None = None,
    q: Annotated[Part | None, Query(description="Part of a name or e-mail, in any case")] = None,
    cursor: Cursor = None,
    limit: Limit = 20,
) -> dict[str, Any]:
    """Accounts by e-mail."""
    authority_id = authorities.find(session, authority).id if authority else None
    rows, more = cut(accounts.page(session, role, authority_id, active, q, decode(cursor, str), limit), limit)
    next = encode(rows[-1].email, rows[-1].id) if more else None
    link_next(request, response, next)
    response.headers["Cache-Control"] = "no-store"
    return {"items": service.accounts(session, rows), "next": next}


@router.post(
    "/accounts",
    status_code=201,
    response_model=AccountRead,
    responses=responses(400, 401, 403, 408, 409, 413, 422),
    tags=["accounts"],
)
def create_account(
    request: Request,
    session: WriteSession,
    caller: Secretariat,
    body: AccountWrite,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Give a person an account. An invitation goes out by e-mail, or `POST /api/v1/accounts/{id}/reset` makes one."""

    def act() -> Response:
        made = accounts.create(session, caller, service.person(session, body))
        desk_of(request).invite(session, made.email)
        return _answer(session, made, created=True)

    return once(session, caller, request, idempotency_key, body, act)


@router.get("/accounts/{id}", response_model=AccountRead, responses=responses(401, 403, 404, 422), tags=["accounts"])
def read_account(id: UUID, session: ReadSession, caller: Secretariat) -> Response:
    """One account."""
    return _answer(session, accounts.find(session, id))


@router.put(
    "/accounts/{id}",
    response_model=AccountRead,
    responses=responses(400, 401, 403, 404, 408, 409, 412, 413, 422, 428),
    tags=["accounts"],
)
def update_account(
    id: UUID, session: WriteSession, caller: Secretariat, body: AccountWrite, if_match: IfMatch = None
) -> Response:
    """Replace what is said of a person; another role, home or e-mail ends the person's sessions."""
    found = accounts.find(session, id)
    changed = accounts.update(session, caller, found, service.person(session, body), expected_version(if_match))
    return _answer(session, changed)


@router.post(
    "/accounts/{id}/deactivate",
    response_model=AccountRead,
    responses=responses(401, 403, 404, 408, 409, 412, 413, 422, 428),
    tags=["accounts"],
)
def deactivate_account(
    request: Request,
    id: UUID,
    session: WriteSession,
    caller: Secretariat,
    if_match: IfMatch = None,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Let a person call no more; sessions end at once."""
    return _change(request, session, caller, id, if_match, idempotency_key, accounts.deactivate)


@router.post(
    "/accounts/{id}/reactivate",
    response_model=AccountRead,
    responses=responses(401, 403, 404, 408, 409, 412, 413, 422, 428),
    tags=["accounts"],
)
def reactivate_account(
    request: Request,
    id: UUID,
    session: WriteSession,
    caller: Secretariat,
    if_match: IfMatch = None,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Let a person call again."""
    return _change(request, session, caller, id, if_match, idempotency_key, accounts.reactivate)


@router.post(
    "/accounts/{id}/reset",
    status_code=201,
    response_model=TokenCreated,
    responses=responses(401, 403, 404, 408, 409, 413, 422),
    tags=["accounts"],
)
def create_reset_token(request: Request, id: UUID, session: WriteSession, caller: Secretariat) -> Response:
    """Make the token by which a person sets a password, to be handed over; it is shown this once."""
    issued = tokens.issue_for_password(session, caller, accounts.find(session, id), desk_of(request).rules)
    body = {"token": issued.token, "expires_at": rfc3339(issued.expires_at)}
    return Response(orjson.dumps(body), 201, {"Cache-Control": "no-store"}, "application/json")


@router.get("/keys", response_model=Page[KeyRead], responses=responses(401, 403, 422), tags=["keys"])
def list_keys(
    request: Request,
    response: Response,
    session: ReadSession,
    caller: Admin,
    cursor: Cursor = None,
    limit: Limit = 20,
) -> dict[str, Any]:
    """Keys, the newest first."""
    rows, more = cut(access.page_of_keys(session, decode(cursor, service.key_position), limit), limit)
    next = encode(f"{rows[-1].created_at.isoformat()} {rows[-1].id}", _NO_ID) if more else None
    link_next(request, response, next)
    response.headers["Cache-Control"] = "no-store"
    return {"items": service.keys(session, rows), "next": next}


@router.post(
    "/keys",
    status_code=201,
    response_model=KeyCreated,
    responses=responses(400, 401, 403, 408, 413, 422),
    tags=["keys"],
)
def create_key(session: WriteSession, caller: Admin, body: KeyCreate) -> Response:
    """Make a key for a machine; its token is shown this once."""
    access.require_still(session, caller)
    home = service.authority_id(session, body)
    lifetime = timedelta(days=body.days)
    key, token = access.create_key(session, body.name, body.role, home, lifetime, body.organisation, caller)
    (shown,) = service.keys(session, [key])
    headers = {"Cache-Control": "no-store", "Location": f"{router.prefix}/keys/{key.id}"}
    return Response(orjson.dumps(shown | {"token": token}), 201, headers, "application/json")


@router.delete(
    "/keys/{id}", status_code=204, response_class=Response, responses=responses(401, 403, 404, 422), tags=["keys"]
)
def revoke_key(id: KeyId, session: WriteSession, caller: Admin) -> None:
    """Make a key useless at once; it stays in the list."""
    access.require_still(session, caller)
    try:
        access.revoke_key(session, id, caller)
    except KeyError:
        raise NotFound(f"There is no key '{id}'") from None


def _change(
    request: Request,
    session: Session,
    caller: Caller,
    id: UUID,
    if_match: str | None,
    key: str | None,
    change: Callable[[Session, Caller, Account, int], Account],
) -> Response:
    def act() -> Response:
        changed = change(session, caller, accounts.find(session, id), expected_version(if_match))
        return _answer(session, changed)

    return once(session, caller, request, key, None, act)


def _answer(session: Session, account: Account, *, created: bool = False) -> Response:
    (shown,) = service.accounts(session, [account])
    answer = Response(orjson.dumps(shown), media_type="application/json")
    set_version(answer, account.version)
    if created:
        answer.status_code = 201
        answer.headers["Location"] = f"{router.prefix}/accounts/{account.id}"
    return answer
