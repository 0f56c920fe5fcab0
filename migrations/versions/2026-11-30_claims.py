"""offices ask for records

Revision ID: 0009
Revises: 0008
Create Date: 2026-11-30 21:30:00+00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
OPEN = sa.text("state = 'asked'")
OWNERS = ("from_authority_id", "to_authority_id")


def upgrade() -> None:
    op.create_table(
        "record_claim",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("statement", sa.String(length=2000), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("asked_by", sa.String(length=40), nullable=False),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("decided_by", sa.String(length=40), nullable=True),
        sa.Column("reason", sa.String(length=2000), nullable=True),
        sa.CheckConstraint("state IN ('asked', 'granted', 'refused', 'withdrawn')", name=op.f("ck_record_claim_state")),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["authority.id"], name=op.f("fk_record_claim_authority_id_authority")
        ),
        sa.ForeignKeyConstraint(["record_id"], ["record.id"], name=op.f("fk_record_claim_record_id_record")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record_claim")),
    )
    op.create_index(op.f("ix_record_claim_authority_id"), "record_claim", ["authority_id"])
    op.create_index(op.f("ix_record_claim_record_id"), "record_claim", ["record_id"])
    op.create_index(op.f("ix_record_claim_state_asked_at"), "record_claim", ["state", "asked_at"])
    op.create_index(
        op.f("ix_record_claim_open"),
        "record_claim",
        ["record_id", "authority_id"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    with op.batch_alter_table("submission_event", schema=None) as batch_op:
        for column in OWNERS:
            batch_op.add_column(sa.Column(column, sa.Uuid(), nullable=True))
            name = batch_op.f(f"fk_submission_event_{column}_authority")
            batch_op.create_foreign_key(name, "authority", [column], ["id"])


def downgrade() -> None:
    with op.batch_alter_table("submission_event", schema=None) as batch_op:
        for column in OWNERS:
            batch_op.drop_constraint(batch_op.f(f"fk_submission_event_{column}_authority"), type_="foreignkey")
            batch_op.drop_column(column)
    op.drop_table("record_claim")
