"""Runs migrations, in one transaction, on the database that the api's settings name: those handed in, or its own."""

from typing import Any

from alembic import context
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import AutoString

from services.api.access import models as access
from services.api.app import open_database
from services.api.authorities import models as authorities
from services.api.changes import models as changes
from services.api.claims import models as claims
from services.api.kit.columns import UtcDateTime
from services.api.kit.outages import said, unavailable
from services.api.letters import models as letters
from services.api.notices import models as notices
from services.api.readers import models as readers
from services.api.records import models as practices
from services.api.settings import Settings
from services.api.submissions import models as submissions
from services.api.thesaurus import models as thesaurus

ROOMS = (access, authorities, changes, claims, letters, notices, practices, readers, submissions, thesaurus)
"""Importing the rooms' models fills the metadata that `alembic check` compares with."""


def run(connection: Connection) -> None:
    """Run migrations in the transaction that the connection is in."""
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
        render_item=render_item,
    )
    with context.begin_transaction():
        context.run_migrations()


def render_item(type_: str, item: Any, autogen_context: Any) -> str | bool:
    """Write the project's own column types as what they are in SQL."""
    if type_ == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if type_ == "type" and isinstance(item, AutoString):
        return f"sa.String(length={item.length})"
    return False


settings: Settings = context.config.attributes.get("settings") or Settings()
database = open_database(settings)
try:
    with database.migration(settings.migration_timeout) as connection:
        run(connection)
except SQLAlchemyError as error:
    if reason := unavailable(error):
        raise SystemExit(f"nothing was migrated: {reason} ({said(error)})") from None
    raise
finally:
    database.close()
