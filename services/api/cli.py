"""The `praxis` command: what is done at the machine that holds the database."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated

import typer
from alembic import command
from alembic.config import Config

from services.api import backup as backups
from services.api import cli_exchange
from services.api.app import open_database
from services.api.changes import service as changes
from services.api.cli_accounts import account, key
from services.api.kit.archive import BackupRefused, Manifest
from services.api.kit.moments import rfc3339
from services.api.opening import transaction
from services.api.posting import open_worker
from services.api.settings import Settings
from services.web.observe import configure_logging

ROOT = Path(__file__).parent.parent.parent
MIGRATIONS = Config(ROOT / "alembic.ini")

app = typer.Typer(no_args_is_help=True, help="Works on the database of Praxis' api.", pretty_exceptions_enable=False)
epoch = typer.Typer(no_args_is_help=True, help="The change feed's epoch.")
app.add_typer(account, name="account")
app.add_typer(key, name="key")
app.add_typer(epoch, name="epoch")
app.command("import")(cli_exchange.import_records)
app.command("export")(cli_exchange.export)
app.command("seed")(cli_exchange.seed)


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


@epoch.command("new")
def new_epoch() -> None:
    """Start a new epoch, after the database was restored by other means: every follower rebuilds."""
    with transaction() as session:
        typer.echo(changes.new_epoch(session))


@app.command()
def letters(
    once: Annotated[bool, typer.Option("--once", help="Send what is due now, and end")] = False,
) -> None:
    """Send the letters that wait, as the api does by itself unless PRAXIS_API_SEND_LETTERS is false."""
    settings = Settings()
    configure_logging(settings.log_level, settings.log_json)
    if settings.smtp_url is None:
        typer.echo("refused: PRAXIS_API_SMTP_URL names no server for letters", err=True)
        raise typer.Exit(1)
    database = open_database(settings)
    worker = open_worker(settings, database, sends=True)
    with suppress(KeyboardInterrupt):
        asyncio.run(worker.send_due() if once else worker.run())
    database.close()


if __name__ == "__main__":
    app()
