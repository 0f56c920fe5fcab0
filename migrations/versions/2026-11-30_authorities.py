"""authorities tell more of themselves

Revision ID: 0008
Revises: 0007
Create Date: 2026-11-30 21:30:00+00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

FOUND_BY = ("folded_names", "folded_networks")


def upgrade() -> None:
    """Add columns; what authorities are found by is filled when the api renders them anew at its next start."""
    with op.batch_alter_table("authority", schema=None) as batch_op:
        batch_op.add_column(sa.Column("population_source", sa.String(length=500), nullable=True))
        batch_op.add_column(sa.Column("ended", sa.String(length=10), nullable=True))
        batch_op.add_column(sa.Column("successor_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("contact_office", sa.JSON(none_as_null=True), nullable=True))
        for name in FOUND_BY:
            batch_op.add_column(sa.Column(name, sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("rendering", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_authority_successor_id_authority"), "authority", ["successor_id"], ["id"]
        )
        batch_op.create_index(batch_op.f("ix_authority_successor_id"), ["successor_id"], unique=False)


def downgrade() -> None:
    """Forget what authorities tell beyond what they told before."""
    with op.batch_alter_table("authority", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_authority_successor_id"))
        batch_op.drop_constraint(batch_op.f("fk_authority_successor_id_authority"), type_="foreignkey")
        for name in ("rendering", *FOUND_BY, "contact_office", "successor_id", "ended", "population_source"):
            batch_op.drop_column(name)
