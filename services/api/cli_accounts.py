"""`praxis account` and `praxis key`: who may call."""

import sys
from datetime import timedelta
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import typer
from pydantic import ValidationError
from sqlmodel import Session

from services.api.access import accounts, emails, passwords, tokens
from services.api.access import service as access
from services.api.access.models import Account
from services.api.access.service import OPERATOR
from services.api.authorities import service as authorities
from services.api.directory import service as directory
from services.api.directory.schemas import AccountWrite
from services.api.kit.moments import rfc3339
from services.api.kit.paging import Position
from services.api.opening import transaction
from services.api.settings import Settings
from services.api.signing_in import rules_of
from services.web.problems import Invalid, fault_of

account = typer.Typer(no_args_is_help=True, help="Accounts of people.")
key = typer.Typer(no_args_is_help=True, help="Keys of machines.")
_PAGE = 500


class RoleName(StrEnum):
    """What a caller may do: hand in its authority's cases, judge those of peers, decide and publish, or everything."""

    officer = "officer"
    reviewer = "reviewer"
    secretariat = "secretariat"
    admin = "admin"


Email = Annotated[str, typer.Argument(help="The person's e-mail")]
Role = Annotated[RoleName, typer.Option(help="officer, reviewer, secretariat or admin")]
Authority = Annotated[str | None, typer.Option(help="Authority that it belongs to: slug or id")]


@account.command("create")
def create_account(
    email: Email,
    name: Annotated[str, typer.Option(help="The person's name")],
    role: Role,
    authority: Authority = None,
    organisation: Annotated[str | None, typer.Option(help="Organisation, where there is no authority")] = None,
    password_stdin: Annotated[bool, typer.Option("--password-stdin", help="Read a password, one line")] = False,
) -> None:
    """Give a person an account, and show an invitation, this once, by which a password is set."""
    said = {"email": email, "name": name, "role": role.value, "authority": authority, "organisation": organisation}
    try:
        body = AccountWrite.model_validate(said)
    except ValidationError as error:
        raise typer.BadParameter(Invalid([fault_of(entry) for entry in error.errors()]).detail) from None
    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else None
    with transaction() as session:
        made = accounts.create(session, OPERATOR, directory.person(session, body))
        session.flush()
        if password is not None:
            passwords.check(password, made.email, made.name)
            tokens.set_password(session, made, passwords.hash_of(password), "password.set")
            issued = None
        else:
            issued = tokens.issue_for_password(session, OPERATOR, made, rules_of(Settings()))
    typer.echo(f"account {made.id} ({role.value})", err=True)
    if issued:
        typer.echo(f"invitation until {rfc3339(issued.expires_at)}:", err=True)
        typer.echo(issued.token)


@account.command("list")
def list_accounts() -> None:
    """Show all accounts by e-mail."""
    with transaction(write=False) as session:
        after: Position[str] | None = None
        while True:
            rows = accounts.page(session, None, None, None, None, after, _PAGE)
            for one in rows[:_PAGE]:
                state = "deactivated" if one.deactivated_at else "active" if one.password_hash else "invited"
                typer.echo(f"{one.id}  {one.role:<12} {state:<12} {one.email}  {one.name}")
            if len(rows) <= _PAGE:
                return
            after = Position(rows[_PAGE - 1].email, UUID(int=0))


@account.command("reset")
def reset_account(email: Email) -> None:
    """Show a token, this once, by which the person sets a password."""
    with transaction() as session:
        found = _found(session, email)
        issued = tokens.issue_for_password(session, OPERATOR, found, rules_of(Settings()))
    typer.echo(f"token until {rfc3339(issued.expires_at)}:", err=True)
    typer.echo(issued.token)


@account.command("deactivate")
def deactivate_account(email: Email) -> None:
    """Let a person call no more, from now on."""
    with transaction() as session:
        found = _found(session, email)
        accounts.deactivate(session, OPERATOR, found, found.version)
    typer.echo(f"account {found.email} is deactivated")


@account.command("reactivate")
def reactivate_account(email: Email) -> None:
    """Let a person call again, with the password of before."""
    with transaction() as session:
        found = _found(session, email)
        accounts.reactivate(session, OPERATOR, found, found.version)
    typer.echo(f"account {found.email} is active")


@key.command("create")
def create_key(
    name: Annotated[str, typer.Argument(help="Who holds it, and where")],
    role: Role,
    authority: Authority = None,
    organisation: Annotated[str | None, typer.Option(help="Organisation; by default whom the name names")] = None,
    days: Annotated[int, typer.Option(min=1, max=3660, help="Days until it expires")] = 365,
) -> None:
    """Make a key and show its token, this once."""
    if role is RoleName.officer and authority is None:
        raise typer.BadParameter("an officer's key needs --authority")
    if authority and organisation:
        raise typer.BadParameter("give --authority or --organisation, not both")
    with transaction() as session:
        authority_id = authorities.find(session, authority).id if authority else None
        made, token = access.create_key(session, name, role.value, authority_id, timedelta(days=days), organisation)
    typer.echo(f"key {made.id} ({role.value}) until {rfc3339(made.expires_at)}", err=True)
    typer.echo(token)


@key.command("revoke")
def revoke_key(id: Annotated[str, typer.Argument(help="The key's id, as `praxis key list` shows it")]) -> None:
    """Make a key useless at once."""
    with transaction() as session:
        try:
            access.revoke_key(session, id)
        except KeyError:
            raise typer.BadParameter(f"there is no key {id}") from None
    typer.echo(f"key {id} is revoked")


@key.command("list")
def list_keys() -> None:
    """Show all keys, never their tokens."""
    with transaction(write=False) as session:
        for found in access.keys(session):
            state = "revoked" if found.revoked_at else f"until {rfc3339(found.expires_at)}"
            typer.echo(f"{found.id}  {found.role:<12} {state:<28} {found.name}")


def _normal(email: str) -> str:
    try:
        return emails.normal(email)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def _found(session: Session, email: str) -> Account:
    return accounts.find_by_email(session, _normal(email))
