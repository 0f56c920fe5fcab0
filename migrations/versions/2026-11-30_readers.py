"""readers without an account

Revision ID: 0011
Revises: 0010
Create Date: 2026-11-30 21:30:00+00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

KIND = "kind IN ('message', 'search', 'overview')"
EVERY = "every IN ('weekly', 'monthly')"
PURPOSE = "purpose IN ('request', 'report')"


def moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def email() -> sa.Column[object]:
    return sa.Column("email", sa.String(length=254), nullable=False)


def language() -> sa.Column[object]:
    return sa.Column("language", sa.String(length=2), nullable=False)


def upgrade() -> None:
    op.create_table(
        "reader_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        email(),
        language(),
        sa.Column("data", sa.JSON(none_as_null=True), nullable=False),
        moment("created_at"),
        sa.CheckConstraint(KIND, name=op.f("ck_reader_request_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reader_request")),
    )
    op.create_table(
        "reader_message",
        sa.Column("id", sa.Uuid(), nullable=False),
        email(),
        sa.Column("name", sa.String(length=300), nullable=False),
        language(),
        sa.Column("to_type", sa.String(length=40), nullable=False),
        sa.Column("to_id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        moment("sent_at"),
        moment("reported_at", nullable=True),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["authority.id"], name=op.f("fk_reader_message_authority_id_authority")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reader_message")),
    )
    op.create_table(
        "followed_search",
        sa.Column("id", sa.Uuid(), nullable=False),
        email(),
        language(),
        sa.Column("question", sa.String(length=2000), nullable=False),
        sa.Column("every", sa.String(length=10), nullable=False),
        moment("created_at"),
        moment("told_until"),
        moment("due_at"),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.CheckConstraint(EVERY, name=op.f("ck_followed_search_every")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_followed_search")),
    )
    op.create_table(
        "reader_link",
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=10), nullable=False),
        sa.Column("target_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(PURPOSE, name=op.f("ck_reader_link_purpose")),
        sa.PrimaryKeyConstraint("secret_hash", name=op.f("pk_reader_link")),
    )
    op.create_table(
        "blocked_reader",
        sa.Column("email_hash", sa.String(length=64), nullable=False),
        moment("at"),
        sa.Column("caller", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("email_hash", name=op.f("pk_blocked_reader")),
    )
    for table, columns in {
        "reader_request": ("email", "created_at"),
        "reader_message": ("email", "authority_id", "sent_at", "reported_at"),
        "followed_search": ("email", "due_at"),
        "reader_link": ("target_id",),
    }.items():
        with op.batch_alter_table(table, schema=None) as batch_op:
            for column in columns:
                batch_op.create_index(batch_op.f(f"ix_{table}_{column}"), [column], unique=False)


def downgrade() -> None:
    for table in ("blocked_reader", "reader_link", "followed_search", "reader_message", "reader_request"):
        op.drop_table(table)
