"""letters that wait to be sent, and who is told of what

Revision ID: 0010
Revises: 0009
Create Date: 2026-11-30 21:30:00+00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


STATE = "state IN ('waiting', 'sent', 'bounced', 'failed', 'dropped')"
OFTEN = "often IN ('at-once', 'daily', 'weekly', 'never')"


def moment(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def upgrade() -> None:
    op.create_table(
        "letter",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("to", sa.String(length=254), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("reply_to", sa.String(length=254), nullable=True),
        sa.Column("data", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        moment("created_at"),
        moment("due_at"),
        sa.Column("attempts", sa.Integer(), nullable=False),
        moment("next_at"),
        sa.Column("last_code", sa.String(length=60), nullable=True),
        sa.CheckConstraint(STATE, name=op.f("ck_letter_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter")),
    )
    with op.batch_alter_table("letter", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_letter_created_at"), ["created_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_letter_state_next_at"), ["state", "next_at"], unique=False)

    op.create_table(
        "letter_refused_address",
        sa.Column("address", sa.String(length=254), nullable=False),
        moment("at"),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_letter_refused_address")),
    )
    op.create_table(
        "letter_stop",
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("room", sa.String(length=40), nullable=False),
        sa.Column("data", sa.JSON(none_as_null=True), nullable=False),
        moment("made_at"),
        sa.PrimaryKeyConstraint("secret_hash", name=op.f("pk_letter_stop")),
    )
    with op.batch_alter_table("letter_stop", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_letter_stop_made_at"), ["made_at"], unique=False)

    op.create_table(
        "notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        moment("at"),
        moment("due_at"),
        sa.Column("data", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("letter_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_notice_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
    )
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_notice_account_id_letter_id_due_at"), ["account_id", "letter_id", "due_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_notice_at"), ["at"], unique=False)

    op.create_table(
        "notice_setting",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("often", sa.String(length=10), nullable=False),
        sa.CheckConstraint(OFTEN, name=op.f("ck_notice_setting_often")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_notice_setting_account_id_account")),
        sa.PrimaryKeyConstraint("account_id", "kind", name=op.f("pk_notice_setting")),
    )
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.add_column(sa.Column("language", sa.String(length=2), server_default="en", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.drop_column("language")
    for table in ("notice_setting", "notice", "letter_stop", "letter_refused_address", "letter"):
        op.drop_table(table)
