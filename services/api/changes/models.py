"""Tables of the change feed."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Column, LargeBinary
from sqlmodel import Field, SQLModel

from services.api.kit.columns import UtcDateTime


class FeedState(SQLModel, table=True):
    """The one counter row: its lock puts the numbers in the order of commits."""

    __tablename__ = "feed_state"
    __table_args__ = (CheckConstraint("id = 1", name="single_row"),)

    id: int = Field(default=1, primary_key=True)
    epoch: str = Field(max_length=32)
    head: int = Field(sa_type=BigInteger)


class PublicRecord(SQLModel, table=True):
    """The last public state of each record: change feed, compaction and public read cache at once."""

    __tablename__ = "public_record"
    __table_args__ = (CheckConstraint("op IN ('upsert', 'delete')", name="op"),)

    type: str = Field(primary_key=True, max_length=40)
    id: str = Field(primary_key=True, max_length=80)
    seq: int = Field(unique=True, sa_type=BigInteger)
    op: str = Field(max_length=6)
    body: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    changed_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
