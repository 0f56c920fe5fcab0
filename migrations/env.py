"""Runs migrations on the database that the api's settings name, or on a connection handed in."""

from typing import Any

from alembic import context
from sqlalchemy import Connection
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import AutoString

from services.api.access import models as access
from services.api.app import open_database
from services.api.authorities import models as authorities
from services.api.changes import models as changes
from services.api.kit.db import UtcDateTime
from services.api.practices import models as practices
from services.api.settings import Settings

ROOMS = (access, authorities, changes, practices)
"""Importing the rooms' models fills the metadata that `alembic check` compares with."""


def run(connection: Connection) -> None:
    """Run migrations; SQLite rebuilds tables, which foreign keys would hinder, and is checked afterwards."""
    sqlite = connection.dialect.name == "sqlite"
    if sqlite:
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.rollback()
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        render_as_batch=sqlite,
        compare_type=True,
        render_item=render_item,
    )
    with context.begin_transaction():
        context.run_migrations()
        if sqlite and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").all()):
            raise RuntimeError(f"Migrations left rows without what they refer to: {broken[:5]}")


def render_item(type_: str, item: Any, autogen_context: Any) -> str | bool:
    """Write the project's own column types as what they are in SQL."""
    if type_ == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if type_ == "type" and isinstance(item, AutoString):
        return f"sa.String(length={item.length})"
    return False


database = open_database(Settings())
with database.engine.execution_options(praxis_write=True).connect() as connection:
    run(connection)
database.close()
