"""The commands `praxis import` and `praxis export`."""

from pathlib import Path
from typing import Annotated

import typer

from services.api.app import open_database
from services.api.exchange import exporting
from services.api.exchange.entries import Unreadable
from services.api.exchange.faults import in_words
from services.api.exchange.formats import jsonl
from services.api.exchange.importing import Importer, Options
from services.api.exchange.schemas import Rejected
from services.api.kit.files import written_beside
from services.api.settings import Settings

MOST_SHOWN = 20
"""Rejected records that are told of on the screen."""


def import_records(
    source: Annotated[Path, typer.Argument(help="File or folder of records")],
    publish: Annotated[bool, typer.Option("--publish", help="Make the records public at once")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would be done")] = False,
    report: Annotated[Path | None, typer.Option(help="Where rejected records are reported")] = None,
) -> None:
    """Take in practices; those that are here and unchanged are left alone."""
    target = report or source.with_name(f"{source.name}.rejected.jsonl")
    rejected: list[Rejected] = []
    database = open_database(Settings())
    try:
        with typer.progressbar(length=source.stat().st_size, label="records") as bar:
            importer = Importer(
                database,
                Options(publish=publish, dry_run=dry_run),
                rejected.append,
                lambda position: bar.update(position - bar.pos),
            )
            done = importer.run(jsonl.read(source))
    except Unreadable as refused:
        typer.echo(f"refused: {refused}", err=True)
        raise typer.Exit(1) from None
    finally:
        database.close()
    for line in rejected[:MOST_SHOWN]:
        for words in in_words(line):
            typer.echo(words, err=True)
    typer.echo(", ".join(f"{count} {what}" for what, count in done.items()))
    if rejected:
        with written_beside(target, overwrite=True) as file:
            file.writelines(line.model_dump_json().encode() + b"\n" for line in rejected)
        raise typer.Exit(1)


def export(target: Annotated[Path, typer.Argument(help="File or folder to write")]) -> None:
    """Write practices into a file."""
    database = open_database(Settings())
    try:
        with written_beside(target) as file, database.transaction(write=False) as session:
            jsonl.write(file, exporting.records(session, published=False))
    finally:
        database.close()
