"""Backup and restore of the system of record: all tables, of one moment, in one file that either database takes."""

import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, SQLModel

from services.api.access import service as access
from services.api.access.service import OPERATOR
from services.api.app import OF_THIS_VERSION, bring_up_to_date, open_database
from services.api.changes import service as changes
from services.api.changes.models import FeedState
from services.api.changes.service import Mark
from services.api.kit import bulk
from services.api.kit.archive import Archive, BackupRefused, Manifest, State, writing
from services.api.kit.db import Database, take_over
from services.api.kit.moments import now, rfc3339
from services.api.kit.outages import said
from services.api.letters import service as letters
from services.api.notices import service as notices
from services.api.records import revisions
from services.api.settings import Settings

_FIRST = ("given_answer", "feed_state", "authority", "record")
_LAST = ("audit_event", "record_mention", "public_record")
"""Tables that most writes come to first and last: who takes them in another order may have to try again."""


def back_up(settings: Settings, migrations: Config, path: Path, *, overwrite: bool = False) -> Manifest:
    """Write everything that the database holds now into a file, while others go on writing.

    Raise `BackupRefused` when the database is not at this version's schema, or the file cannot be written.
    """
    database = open_database(settings)
    try:
        with writing(path, overwrite=overwrite) as writer, database.transaction(write=False) as session:
            revision = _require_head(session, migrations)
            mark, kind = changes.head(session), database.engine.dialect.name
            state = State(revision=revision, epoch=mark.epoch, head=mark.seq, moment=now(), database=kind)
            for shape in bulk.shapes(SQLModel.metadata):
                with closing(bulk.rows(session, shape)) as rows:
                    writer.add(shape, rows)
            return writer.finish(state)
    except DBAPIError as error:
        raise BackupRefused(f"the database cannot be read ({said(error)})") from error
    finally:
        database.close()


def check(migrations: Config, path: Path) -> Manifest:
    """Read a whole backup; raise `BackupRefused` when it is damaged or of a schema that this version does not know."""
    with Archive.reading(path) as archive:
        _require_known(archive.manifest, migrations)
        archive.check()
        return archive.manifest


def restore(settings: Settings, migrations: Config, path: Path, *, replace: bool = False) -> Mark:
    """Put a backup in the place of all that the database holds, and start a new epoch; return where the feed stands.

    All is checked before anything is written, and written in one transaction. A database without tables is migrated
    first. Raise `BackupRefused`, with nothing changed, when the backup is damaged or not known, or when the database
    holds rows already and `replace` is not given. Records that an older version rendered are rendered anew. What was
    withdrawn or redacted in the database that is replaced is so in what is put in its place. Letters that waited
    when the backup was made are not sent: they have been, or are not to be from here.
    """
    database = open_database(settings)
    try:
        with Archive.reading(path) as archive:
            _require_known(archive.manifest, migrations)
            with database.transaction(write=False) as session:
                empty = _revision(session) is None
                if not empty:
                    _require_room(session, migrations, replace)
            archive.check()
            if empty:
                _migrate(migrations, settings, "head")
            with _at_head(archive, settings, migrations) as present:
                return _put(database, settings, migrations, present, replace)
    except DBAPIError as error:
        raise BackupRefused(f"the database does not take it ({said(error)}); nothing was restored") from error
    finally:
        database.close()


def _put(database: Database, settings: Settings, migrations: Config, archive: Archive, replace: bool) -> Mark:
    """Write an archive of the present schema into the database, in one transaction."""
    made, schema = archive.manifest, SQLModel.metadata
    if {table.shape for table in made.tables} != set(bulk.shapes(schema)):
        raise BackupRefused(f"{archive.path} is damaged: its tables are not those of schema {made.revision}")
    with database.transaction() as session:
        tables = [*_FIRST, *sorted(schema.tables.keys() - {*_FIRST, *_LAST}), *_LAST]
        take_over(session, tables, 3 * settings.busy_timeout, settings.migration_timeout)
        _require_room(session, migrations, replace)
        taken_out = revisions.taken_out(session)
        bulk.replace(session, archive, schema)
        if changes.head(session) != Mark(made.epoch, made.head):
            raise BackupRefused(f"{archive.path} is damaged: its feed is not where its manifest says")
        epoch = changes.new_epoch(session)
        detail = {"moment": rfc3339(made.moment), "epoch": made.epoch, "head": made.head}
        access.audit(session, OPERATOR, "database.restore", "database", epoch, detail)
        revisions.take_out_again(session, taken_out)
        notices.forget_untold(session)
        letters.drop_waiting(session)
        for room in OF_THIS_VERSION:  # as a start of the api would: the backup may be of an older version
            room.publish(session)
    mark = changes.committed(session) or Mark(epoch, made.head)
    with suppress(DBAPIError):  # it is restored all the same, and the api's next start does what is left
        bring_up_to_date(database)
        with database.transaction(write=False) as session:
            mark = changes.head(session)
    return mark


@contextmanager
def _at_head(archive: Archive, settings: Settings, migrations: Config) -> Iterator[Archive]:
    """Give the archive as one of the present schema: an older one is restored aside at its own, migrated, backed up."""
    if archive.manifest.revision == _head(migrations):
        yield archive
        return
    with tempfile.TemporaryDirectory(prefix="praxis-restore-") as name:
        folder = Path(name)
        aside = settings.model_copy(update={"database_url": f"sqlite:///{folder / 'aside.db'}"})
        _migrate(migrations, aside, archive.manifest.revision)
        database = open_database(aside)
        try:
            with database.transaction() as session:
                schema = bulk.present(session)
                _require_same(archive, schema)
                bulk.replace(session, archive, schema)
        finally:
            database.close()
        _migrate(migrations, aside, "head")
        back_up(aside, migrations, folder / "present.zip")
        with Archive.reading(folder / "present.zip") as present:
            yield present


def _migrate(migrations: Config, settings: Settings, revision: str) -> None:
    migrations.attributes["settings"] = settings
    try:
        command.upgrade(migrations, revision)
    finally:
        del migrations.attributes["settings"]


def _head(migrations: Config) -> str:
    return str(ScriptDirectory.from_config(migrations).get_current_head())


def _revision(session: Session) -> str | None:
    """Return the revision of the database's schema, none when it has no tables yet."""
    return MigrationContext.configure(session.connection()).get_current_revision()


def _require_head(session: Session, migrations: Config) -> str:
    found, head = _revision(session), _head(migrations)
    if found != head:
        raise BackupRefused(f"the database is at schema {found or 'none'}, this version's is {head}: `praxis migrate`")
    return head


def _require_room(session: Session, migrations: Config, replace: bool) -> None:
    """Refuse a database of another schema, and one with rows that nobody said to replace."""
    _require_head(session, migrations)
    tables = [shape.name for shape in bulk.shapes(SQLModel.metadata) if shape.name != FeedState.__tablename__]
    held = {name: count for name in tables if (count := bulk.count(session, name))}
    if held and not replace:
        shown = ", ".join(f"{count} in {name}" for name, count in held.items())
        raise BackupRefused(f"the database holds rows ({shown}); --replace puts the backup in their place")


def _require_known(manifest: Manifest, migrations: Config) -> None:
    """Refuse a backup of a schema that this version has no migration of: a newer version made it."""
    known = {script.revision for script in ScriptDirectory.from_config(migrations).walk_revisions()}
    if manifest.revision not in known:
        raise BackupRefused(
            f"the backup is of schema {manifest.revision}, which is newer than this version's {_head(migrations)}: "
            "restore it with the version of Praxis that made it, or a later one"
        )


def _require_same(archive: Archive, schema: MetaData) -> None:
    """Refuse a backup whose tables or columns are not those of its schema."""
    said = {table.name: sorted(column.name for column in table.columns) for table in archive.manifest.tables}
    found = {table.name: sorted(column.name for column in table.columns) for table in schema.sorted_tables}
    found.pop("alembic_version", None)
    if said != found:
        raise BackupRefused(
            f"{archive.path} is damaged: its tables are not those of schema {archive.manifest.revision}"
        )
