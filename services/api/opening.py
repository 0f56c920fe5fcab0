"""How commands open the database."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from services.api.app import open_database
from services.api.kit.outages import unavailable
from services.api.settings import Settings
from services.web.problems import Problem


@contextmanager
def transaction(*, write: bool = True) -> Iterator[Session]:
    """Open the database of the settings for one transaction; end the command with a reason when it is refused."""
    database = open_database(Settings())
    try:
        with database.transaction(write=write) as session:
            yield session
    except Problem as problem:
        typer.echo(f"refused: {problem.detail}", err=True)
        raise typer.Exit(1) from None
    except SQLAlchemyError as error:
        if (reason := unavailable(error)) is None:
            raise
        typer.echo(f"refused: {reason}", err=True)
        raise typer.Exit(1) from None
    finally:
        database.close()
