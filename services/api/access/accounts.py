"""Accounts of people: who may look after whom, and the last admin, who cannot go."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session

from services.api.access import repository, service, sessions
from services.api.access.models import Account
from services.api.access.service import Caller, Role, Spoken
from services.api.kit.moments import now
from services.api.kit.paging import Position
from services.api.kit.preconditions import stale
from services.api.letters import service as letters
from services.web.problems import Conflict, Forbidden, NotFound


@dataclass(frozen=True)
class Person:
    """What is said of a person: e-mail in its normal form, name, role, and an authority or an organisation."""

    email: str
    name: str
    role: Role
    authority_id: UUID | None = None
    organisation: str | None = None
    language: Spoken = "en"
    """In which letters to the person are written."""


def find(session: Session, id: UUID) -> Account:
    """Return an account; raise `NotFound`."""
    found = repository.account(session, id)
    if found is None:
        raise NotFound(f"There is no account {id}")
    return found


def find_by_email(session: Session, email: str) -> Account:
    """Return the account of an e-mail; raise `NotFound`."""
    found = repository.account_of(session, email)
    if found is None:
        raise NotFound(f"There is no account of {email}")
    return found


def active(session: Session, ids: Collection[UUID]) -> Sequence[Account]:
    """Return those of some accounts that may call now, by e-mail."""
    return repository.active_accounts(session, ids)


def officers(session: Session, authority_id: UUID) -> set[UUID]:
    """Return the officers of an authority who may call now."""
    return repository.account_ids(session, "officer", authority_id)


def secretariat(session: Session) -> set[UUID]:
    """Return the people of the secretariat, or the admins where it has none."""
    return repository.account_ids(session, "secretariat") or repository.account_ids(session, "admin")


def standing(account: Account) -> list[str | None]:
    """Return what a person may see depends on: the role and the authority."""
    return [account.role, str(account.authority_id) if account.authority_id else None]


def page(
    session: Session,
    role: Role | None,
    authority_id: UUID | None,
    active: bool | None,
    part: str | None,
    after: Position[str] | None,
    limit: int,
) -> Sequence[Account]:
    """Return up to `limit + 1` accounts by e-mail, after a position; `part` of their name or e-mail in any case."""
    return repository.accounts(session, role, authority_id, active, part, after, limit)


def create(session: Session, caller: Caller, person: Person) -> Account:
    """Add an account without password; raise `Forbidden` beyond the caller's rights, `Conflict` for a known e-mail."""
    _hold(session, caller)
    _require_managed(caller, person.role)
    service.check_home(person.role, person.authority_id, person.organisation)
    _require_free(session, person.email)
    moment = now()
    account = Account(**_columns(person), created_at=moment, updated_at=moment, updated_by=caller.id)
    repository.add(session, account)
    service.audit(session, caller, "account.create", "account", str(account.id), {"role": person.role}, moment)
    return account


def update(session: Session, caller: Caller, account: Account, person: Person, version: int) -> Account:
    """Replace what is said of a person; raise 412 when the version is stale.

    Who gets another role, home or e-mail has to sign in again, and another e-mail is another identity at issuers. That
    letters to the e-mail came back is forgotten: whoever saves it has found it to be good.
    """
    _hold(session, caller, account)
    _require_managed(caller, account.role, person.role)
    service.check_home(person.role, person.authority_id, person.organisation)
    if account.role == "admin" != person.role:
        _require_another_admin(session, account)
    if person.email != account.email:
        _require_free(session, person.email)
    before = account.model_copy()
    _claim(session, caller, account, version, **_columns(person))
    changed = [name for name, value in _columns(person).items() if getattr(before, name) != value]
    if "email" in changed:
        repository.forget_identities(session, account.id)
        repository.drop_tokens(session, account.id)
    for email in {before.email, account.email}:
        letters.confirm(session, email)
    if set(changed) - {"name", "language"}:
        sessions.end_all(session, account)
    detail = {"changed": changed, "role": person.role, "version": account.version}
    service.audit(session, caller, "account.update", "account", str(account.id), detail)
    service.changed(session, caller, str(account.id))
    return account


def speak(session: Session, caller: Caller, language: Spoken) -> None:
    """Have letters to a person written in a language from now on."""
    account = find(session, UUID(caller.id))
    sessions.hold(session, account)
    if account.language != language:
        _claim(session, caller, account, account.version, language=language)
        service.audit(session, caller, "account.language", "account", caller.id, {"language": language})


def deactivate(session: Session, caller: Caller, account: Account, version: int) -> Account:
    """Let a person call no more, from now on; raise `Conflict` for the last active admin."""
    _hold(session, caller, account)
    _require_managed(caller, account.role)
    if account.deactivated_at is not None:
        raise Conflict("The account is deactivated already")
    if account.role == "admin":
        _require_another_admin(session, account)
    _claim(session, caller, account, version, deactivated_at=now())
    sessions.end_all(session, account)
    repository.drop_tokens(session, account.id)
    service.audit(session, caller, "account.deactivate", "account", str(account.id))
    service.changed(session, caller, str(account.id))
    return account


def reactivate(session: Session, caller: Caller, account: Account, version: int) -> Account:
    """Let a person call again, with the password of before; raise `Conflict` for one who may already."""
    _hold(session, caller, account)
    _require_managed(caller, account.role)
    if account.deactivated_at is None:
        raise Conflict("The account is active")
    _claim(session, caller, account, version, deactivated_at=None)
    service.audit(session, caller, "account.reactivate", "account", str(account.id))
    return account


def require_managed(session: Session, caller: Caller, account: Account) -> None:
    """Raise `Forbidden` unless the caller looks after an account, at this moment."""
    _hold(session, caller, account)
    _require_managed(caller, account.role)


def _hold(session: Session, caller: Caller, account: Account | None = None) -> None:
    """Be alone among those who say who may do what, and see what they have done."""
    service.require_still(session, caller)
    if account is not None:
        sessions.hold(session, account)


def _require_managed(caller: Caller, *roles: str) -> None:
    for role in roles:
        if not caller.manages(role):
            raise Forbidden(f"Accounts of the role {role} are looked after by others")


def _require_another_admin(session: Session, account: Account) -> None:
    if account.deactivated_at is None and repository.other_admins(session, account.id) == 0:
        raise Conflict("This is the last active admin: make another one first")


def _require_free(session: Session, email: str) -> None:
    if repository.account_of(session, email) is not None:
        raise Conflict("There is an account of this e-mail already")


def _claim(session: Session, caller: Caller, account: Account, version: int, **values: Any) -> None:
    moment: datetime = now()
    claimed = repository.claim_account(session, account.id, version, updated_at=moment, updated_by=caller.id, **values)
    session.refresh(account)
    if not claimed:
        raise stale(version, account.version)


def _columns(person: Person) -> dict[str, Any]:
    return {
        "email": person.email,
        "name": person.name,
        "role": person.role,
        "authority_id": person.authority_id,
        "organisation": person.organisation,
        "language": person.language,
    }
