"""The `praxis-search` command: what is done where the search engine's master key is known."""

from typing import Annotated

import typer
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.search.engines.base import EngineUnavailable
from services.search.engines.meilisearch.keys import ACTIONS, KeysRefused, create, derive
from services.search.settings import Settings as ServiceSettings

app = typer.Typer(no_args_is_help=True, help="Works on Praxis' search engine.", pretty_exceptions_enable=False)


class Settings(BaseSettings):
    """What the command needs to know; the master key is for it alone, and no service is given it."""

    model_config = SettingsConfigDict(
        env_prefix="PRAXIS_SEARCH_", env_file=".env", extra="ignore", hide_input_in_errors=True
    )

    meili_url: str = ServiceSettings.model_fields["meili_url"].default
    meili_index: str = ServiceSettings.model_fields["meili_index"].default
    meili_master_key: Annotated[SecretStr, Field(min_length=16)]
    """Key of the server that makes all others."""


@app.callback()
def main() -> None:
    """Work on Praxis' search engine."""


@app.command()
def keys(
    derived: Annotated[
        bool, typer.Option("--derive", help="Only print them as settings, computed without the server")
    ] = False,
) -> None:
    """Make the keys that the search service works with on the Meilisearch server, where they are missing."""
    try:
        settings = Settings()
    except ValidationError:
        typer.echo("PRAXIS_SEARCH_MEILI_MASTER_KEY must be set, to 16 characters or more", err=True)
        raise typer.Exit(1) from None
    master = settings.meili_master_key.get_secret_value()
    if derived:
        made = derive(master, settings.meili_index)
        for role in ACTIONS:
            typer.echo(f"PRAXIS_SEARCH_MEILI_{role.upper()}_KEY={getattr(made, role)}")
        return
    try:
        create(settings.meili_url, master, settings.meili_index)
    except (KeysRefused, EngineUnavailable) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    typer.echo(f"{settings.meili_url} has the keys for {', '.join(ACTIONS)} on {settings.meili_index}")


if __name__ == "__main__":
    app()
