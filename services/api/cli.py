"""The `praxis` command: what is done at the machine that holds the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from alembic import command
from alembic.config import Config
from sqlmodel import Session

from services.api import backup as backups
from services.api import cli_exchange
from services.api.access import service as access
from services.api.app import open_database
from services.api.authorities import service as authorities
from services.api.changes import service as changes
from services.api.kit.archive import BackupRefused, Manifest
from services.api.kit.db import rfc3339
from services.api.settings import Settings
from services.web.problems import Problem

ROOT = Path(__file__).parent.parent.parent
MIGRATIONS = Config(ROOT / "alembic.ini")

app = typer.Typer(no_args_is_help=True, help="Works on the database of Praxis' api.", pretty_exceptions_enable=False)
key = typer.Typer(no_args_is_help=True, help="Keys of callers.")
epoch = typer.Typer(no_args_is_help=True, help="The change feed's epoch.")
app.add_typer(key, name="key")
app.add_typer(epoch, name="epoch")
app.command("import")(cli_exchange.import_records)
app.command("export")(cli_exchange.export)
app.command("seed")(cli_exchange.seed)


class RoleName(StrEnum):
    """What a key may do: hand in its authority's cases, judge those of peers, decide and publish, or everything."""

    officer = "officer"
    reviewer = "reviewer"
    secretariat = "secretariat"
    admin = "admin"


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except BackupRefused as refused:
        typer.echo(f"refused: {refused}", err=True)
        raise typer.Exit(1) from None


def _described(made: Manifest) -> str:
    rows = sum(table.rows for table in made.tables)
    return (
        f"{rows} rows in {len(made.tables)} tables of {rfc3339(made.moment)}, schema {made.revision}, {made.database}"
    )


@contextmanager
def _transaction(*, write: bool = True) -> Iterator[Session]:
    database = open_database(Settings())
    try:
        with database.transaction(write=write) as session:
            yield session
    except Problem as problem:
        typer.echo(f"refused: {problem.detail}", err=True)
        raise typer.Exit(1) from None
    finally:
        database.close()


@app.command()
def migrate() -> None:
    """Bring the database to this version's schema; creates it when there is none."""
    command.upgrade(MIGRATIONS, "head")


@app.command()
def backup(
    file: Annotated[
        Path, typer.Argument(help="The file to write; it holds hashes of keys, so only its owner may read it")
    ],
    overwrite: Annotated[bool, typer.Option(help="Write over a file that is there")] = False,
) -> None:
    """Write all that the database holds now into a file, while the api goes on."""
    with _refusals():
        made = backups.back_up(Settings(), MIGRATIONS, file, overwrite=overwrite)
    typer.echo(f"{file}: {_described(made)}")


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A file that `praxis backup` wrote, on either kind of database")],
    replace: Annotated[bool, typer.Option(help="Put it in the place of what the database holds")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Only check that the file is sound and can be restored")
    ] = False,
) -> None:
    """Put a backup into the database and start a new epoch, all or nothing; the api may be running."""
    with _refusals():
        if check:
            typer.echo(f"{file} is sound: {_described(backups.check(MIGRATIONS, file))}")
            return
        mark = backups.restore(Settings(), MIGRATIONS, file, replace=replace)
    typer.echo(f"restored; the feed stands at {mark}, and every follower rebuilds")


@key.command("create")
def create_key(
    name: Annotated[str, typer.Argument(help="Who holds it, and where")],
    role: Annotated[RoleName, typer.Option(help="officer, reviewer, secretariat or admin")],
    authority: Annotated[str | None, typer.Option(help="Authority that it belongs to: slug or id")] = None,
    days: Annotated[int, typer.Option(min=1, max=3660, help="Days until it expires")] = 365,
) -> None:
    """Make a key and show its token, this once."""
    if role is RoleName.officer and authority is None:
        raise typer.BadParameter("an officer's key needs --authority")
    with _transaction() as session:
        authority_id = authorities.find(session, authority).id if authority else None
        made, token = access.create_key(session, name, role.value, authority_id, timedelta(days=days))
    typer.echo(f"key {made.id} ({role.value}) until {rfc3339(made.expires_at)}", err=True)
    typer.echo(token)


@key.command("revoke")
def revoke_key(id: Annotated[str, typer.Argument(help="The key's id, as `praxis key list` shows it")]) -> None:
    """Make a key useless at once."""
    with _transaction() as session:
        try:
            access.revoke_key(session, id)
        except KeyError:
            raise typer.BadParameter(f"there is no key {id}") from None
    typer.echo(f"key {id} is revoked")


@key.command("list")
def list_keys() -> None:
    """Show all keys, never their tokens."""
    with _transaction(write=False) as session:
        for found in access.keys(session):
            state = "revoked" if found.revoked_at else f"until {rfc3339(found.expires_at)}"
            typer.echo(f"{found.id}  {found.role:<12} {state:<28} {found.name}")


@epoch.command("new")
def new_epoch() -> None:
    """Start a new epoch, after the database was restored by other means: every follower rebuilds."""
    with _transaction() as session:
        typer.echo(changes.new_epoch(session))


if __name__ == "__main__":
    app()
