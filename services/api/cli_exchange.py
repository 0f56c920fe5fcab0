"""The commands `praxis import`, `praxis export` and `praxis seed`: records in files, in and out."""

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, BinaryIO

import typer
from sqlalchemy.exc import SQLAlchemyError

from services.api.app import open_database
from services.api.exchange import exporting
from services.api.exchange.entries import Unreadable, Unwritable
from services.api.exchange.faults import in_words
from services.api.exchange.importing import Importer
from services.api.exchange.items import Options
from services.api.exchange.schemas import Outcome, Rejected
from services.api.exchange.sources import SEED_PREFIX, kinds, open_source
from services.api.forms.types import RecordType
from services.api.kit.db import Database
from services.api.kit.files import written_beside
from services.api.kit.outages import unavailable
from services.api.kit.schema import language_codes
from services.api.settings import Settings
from services.api.types import TYPES, default
from services.api.vocabularies import service as vocabularies
from services.web.problems import Problem

MOST_SHOWN = 20
"""Faults that are told of on the screen; the report has all of them."""
OUTCOMES: tuple[Outcome, ...] = ("added", "changed", "published", "unchanged", "edited here and kept", "rejected")
SEEDS = Path(__file__).parent.parent.parent / "seeds"


class TierName(StrEnum):
    """In which tier records are published."""

    network = "network"
    peer_reviewed = "peer-reviewed"


class State(StrEnum):
    """Which records are exported: the public ones as the public sees them, or the latest revision of all."""

    published = "published"
    all = "all"


def _type(name: str) -> RecordType:
    """Return the type of record of a name; raise `typer.BadParameter` where there is none."""
    if name not in TYPES:
        raise typer.BadParameter(f"'{name}' is no type of record; there are: {', '.join(TYPES)}")
    return TYPES[name]


@contextmanager
def _database() -> Iterator[Database]:
    database = open_database(Settings())
    try:
        yield database
    except (Unreadable, Unwritable) as refused:
        typer.echo(f"refused: {refused}", err=True)
        raise typer.Exit(1) from None
    except Problem as problem:
        typer.echo(f"refused: {problem.detail}", err=True)
        raise typer.Exit(1) from None
    except SQLAlchemyError as error:
        if (reason := unavailable(error)) is None:
            raise
        typer.echo(f"stopped: {reason}; what was done stays, and is not done twice when you run it again", err=True)
        raise typer.Exit(1) from None
    except OSError as error:
        typer.echo(f"refused: {error.filename}: {error.strerror}", err=True)
        raise typer.Exit(1) from None
    finally:
        database.close()


class _Report:
    """Tells of rejected records: the first faults on the screen, all of them in a file, if there is one."""

    def __init__(self, stack: ExitStack, path: Path | None, shown: int) -> None:
        self._stack, self._path, self._shown = stack, path, shown
        self._file: BinaryIO | None = None
        self.written = False

    def add(self, line: Rejected) -> None:
        """Tell of one record."""
        for words in in_words(line)[: max(self._shown, 0)]:
            typer.echo(words, err=True)
            self._shown -= 1
        if self._path is None:
            return
        if self._file is None:
            self._file = self._stack.enter_context(written_beside(self._path, overwrite=True))
            self.written = True
        self._file.write(line.model_dump_json().encode() + b"\n")


def _run(
    database: Database,
    source: Path,
    options: Options,
    report: Path | None,
    *,
    label: str,
    type: RecordType | None = None,
    prefix: str = "",
) -> tuple[Counter[Outcome], bool]:
    """Import a source with a progress bar; return what was done, and whether there is a report."""
    opened = open_source(source, type, prefix)
    done: Counter[Outcome] = Counter()
    with ExitStack() as stack:
        told = _Report(stack, report, MOST_SHOWN if report else 10**6)
        bar = stack.enter_context(typer.progressbar(length=opened.size, label=label))
        importer = Importer(database, options, told.add, lambda position: bar.update(position - bar.pos))
        try:
            done = importer.run(opened.entries)
            bar.update(opened.size - bar.pos)
        except Unreadable as stopped:
            done = importer.done
            done["rejected"] += 1
            told.add(Rejected.of_source(str(source), str(stopped)))
    return done, told.written


def _in_words(done: Counter[Outcome], always: tuple[Outcome, ...]) -> str:
    return ", ".join(f"{done[what]} {what}" for what in OUTCOMES if done[what] or what in always)


def import_records(
    source: Annotated[
        Path, typer.Argument(help="A .jsonl, .csv, .xlsx or .yaml file, or a folder of YAML files (as seeds/ is one)")
    ],
    type: Annotated[
        RecordType | None,
        typer.Option(parser=_type, metavar="TYPE", help=f"Type of the records of a file; without it {default().name}"),
    ] = None,
    publish: Annotated[
        bool, typer.Option("--publish", help="Make the records public; without it they wait for the secretariat")
    ] = False,
    tier: Annotated[TierName, typer.Option(help="Tier in which those are published that name none")] = TierName.network,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would be done")] = False,
    whole: Annotated[
        bool, typer.Option("--all-or-nothing", help="Take in nothing when one record is wrong; all are held in memory")
    ] = False,
    report: Annotated[
        Path | None, typer.Option(help="Where to report rejected records [default: SOURCE.rejected.jsonl]")
    ] = None,
) -> None:
    """Take in records, known by their external ids; those that are here and unchanged are left alone.

    Ends with code 1 when a record was rejected. Whatever stops an import, run it again.
    """
    target = report or source.absolute().with_name(f"{source.absolute().name}.rejected.jsonl")
    options = Options(publish=publish, tier=tier.value, dry_run=dry_run, whole=whole)
    with _database() as database:
        done, reported = _run(database, source, options, target, label="records", type=type)
    if not reported and report is None:
        target.unlink(missing_ok=True)  # of an earlier run
    total = f"{done.total()} records: {_in_words(done, ()) or 'nothing to do'}"
    typer.echo(f"nothing was written; this would be done: {total}" if dry_run else total)
    if whole and done["rejected"]:
        typer.echo("nothing was taken in: all or nothing was asked for", err=True)
    elif done["added"] and not publish and not dry_run:
        typer.echo("the new ones are not public: see them through, or run this again with --publish")
    if done["rejected"]:
        typer.echo(f"the rejected ones are in {target}", err=True)
        raise typer.Exit(1)


def export(
    target: Annotated[
        Path, typer.Argument(help="A .jsonl, .csv, .xlsx or .yaml file, or a new folder (a name without an end)")
    ],
    type: Annotated[
        RecordType | None,
        typer.Option(
            parser=_type,
            metavar="TYPE",
            help=f"Type of the records; without it {default().name} in a file, all types in a folder",
        ),
    ] = None,
    state: Annotated[
        State, typer.Option(help="published: as the public sees them; all: drafts too, each in its latest revision")
    ] = State.published,
    lang: Annotated[
        str | None, typer.Option(help="Read them in this language, where they are translated; not to be imported")
    ] = None,
    template: Annotated[
        bool,
        typer.Option("--template", help="Only the headings of a table, to be filled in; --lang is that of their notes"),
    ] = False,
    overwrite: Annotated[bool, typer.Option(help="Write over a file that is there")] = False,
) -> None:
    """Write all records of one moment into a file, or with their authorities into a folder."""
    if lang is not None and lang.split("-")[0] not in language_codes():
        raise typer.BadParameter(f"'{lang}' is not a language tag, such as 'es' or 'pt-BR'", param_hint="--lang")
    with _database() as database, database.transaction(write=False) as session:
        asked = exporting.Asked(published=state is State.published, language=lang, type=type, template=template)
        counts = exporting.export(session, target, asked, overwrite=overwrite)
    typer.echo(f"{target}: {', '.join(f'{count} {plural}' for plural, count in counts.items())}")


def seed(
    folder: Annotated[Path, typer.Argument(help=f"Folder with {', '.join(f'{kind}/' for kind in kinds())}")] = SEEDS,
) -> None:
    """Load the printed cases and the thesaurus; what is already there and unchanged is left alone."""
    with _database() as database:
        with database.transaction() as session:
            vocabularies.publish(session)
        done, _ = _run(
            database, folder, Options(publish=True, whole=True), None, label="seed records", prefix=SEED_PREFIX
        )
    if done["rejected"]:
        typer.echo(f"nothing was loaded; files with faults: {done['rejected']}", err=True)
        raise typer.Exit(1)
    typer.echo(_in_words(done, ("added", "changed", "unchanged")))
