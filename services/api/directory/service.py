"""The directory of callers: accounts and keys, shown with the authorities that they belong to."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session

from services.api.access import accounts as people
from services.api.access.accounts import Person
from services.api.access.models import Account, ApiKey
from services.api.access.service import MANAGES, Caller
from services.api.authorities import service as authorities
from services.api.directory.schemas import AccountWrite, Home
from services.api.kit.moments import moment, rfc3339
from services.api.letters import service as letters
from services.web.problems import Fault, Invalid, NotFound

Json = dict[str, Any]


def person(session: Session, body: AccountWrite) -> Person:
    """Return what a body says of a person; raise `Invalid` for an authority that the base does not know."""
    return Person(body.email, body.name, body.role, authority_id(session, body), body.organisation, body.language)


def authority_id(session: Session, body: Home) -> UUID | None:
    """Return the authority that a body names; raise `Invalid` for one that the base does not know."""
    if body.authority is None:
        return None
    try:
        return authorities.find(session, body.authority).id
    except NotFound as missing:
        fault = Fault(location="body", field="authority", message=missing.detail, value=body.authority)
        raise Invalid([fault]) from None


def accounts(session: Session, rows: Iterable[Account]) -> list[Json]:
    """Return accounts as those see them who look after them (`AccountRead`)."""
    found = list(rows)
    refused = letters.refused(session, [one.email for one in found])
    return [
        {
            "type": "account",
            "id": str(one.id),
            "version": one.version,
            "email": one.email,
            "name": one.name,
            "role": one.role,
            **_home(session, one),
            "language": one.language,
            "active": one.deactivated_at is None,
            "has_password": one.password_hash is not None,
            "refused_at": rfc3339(refused[one.email].at) if one.email in refused else None,
            "created_at": rfc3339(one.created_at),
            "updated_at": rfc3339(one.updated_at),
        }
        for one in found
    ]


def keys(session: Session, rows: Iterable[ApiKey]) -> list[Json]:
    """Return keys as admins see them (`KeyRead`)."""
    return [
        {
            "id": one.id,
            "name": one.name,
            "role": one.role,
            **_home(session, one),
            "created_at": rfc3339(one.created_at),
            "expires_at": rfc3339(one.expires_at),
            "revoked_at": rfc3339(one.revoked_at) if one.revoked_at else None,
        }
        for one in rows
    ]


def me(session: Session, caller: Caller) -> Json:
    """Return a caller and what it may do (`Me`)."""
    return {
        "id": caller.id,
        "kind": "person" if caller.is_person else "key",
        "name": caller.name,
        "email": caller.email,
        "language": people.find(session, UUID(caller.id)).language if caller.is_person else None,
        "role": caller.role,
        **_home(session, caller),
        "rights": {
            "submit": caller.role == "officer" or caller.is_secretariat,
            "review": caller.role == "reviewer" or caller.is_secretariat,
            "decide": caller.is_secretariat,
            "manage_keys": caller.is_admin,
            "manage_accounts": list(MANAGES[caller.role]),
        },
    }


def key_position(text: str) -> tuple[datetime, str]:
    """Read the position of a key in the list: moment and id; raise `ValueError` for anything else."""
    at, _, id = text.partition(" ")
    return moment(at), id


def _home(session: Session, one: Account | ApiKey | Caller) -> Json:
    authority = authorities.get(session, one.authority_id) if one.authority_id else None
    named = {"id": str(authority.id), "slug": authority.slug, "name": authority.name} if authority else None
    return {"authority": named, "organisation": one.organisation}
