"""what readers see of a practice's review: tier, state, completeness

Revision ID: 0003
Revises: 0002
Create Date: 2026-11-26 18:50:00+00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SHORT, LONG = sa.String(length=120), sa.String(length=200)


def upgrade() -> None:
    with op.batch_alter_table("practice", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_practice_seed"), type_="unique")
        batch_op.alter_column("seed", new_column_name="external_id", existing_type=SHORT, type_=LONG)
        batch_op.add_column(sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("archived_because", sa.String(length=2000), nullable=True))
        batch_op.add_column(sa.Column("rendering", sa.String(length=16), nullable=True))
    op.execute(sa.text("UPDATE practice SET external_id = 'seed:' || external_id WHERE external_id IS NOT NULL"))
    with op.batch_alter_table("practice", schema=None) as batch_op:
        batch_op.create_unique_constraint(batch_op.f("uq_practice_external_id"), ["external_id"])
    with op.batch_alter_table("practice_publication", schema=None) as batch_op:
        batch_op.add_column(sa.Column("tier", sa.String(length=20), nullable=True))
    op.execute(sa.text("UPDATE practice_publication SET tier = 'network'"))
    with op.batch_alter_table("practice_publication", schema=None) as batch_op:
        batch_op.alter_column("tier", existing_type=sa.String(length=20), nullable=False)
        batch_op.create_check_constraint(
            batch_op.f("ck_practice_publication_tier"), "tier IN ('network', 'peer-reviewed')"
        )


def downgrade() -> None:
    with op.batch_alter_table("practice_publication", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_practice_publication_tier"), type_="check")
        batch_op.drop_column("tier")
    op.execute(sa.text("UPDATE practice SET external_id = NULL WHERE external_id NOT LIKE 'seed:%'"))
    op.execute(sa.text("UPDATE practice SET external_id = substr(external_id, 6) WHERE external_id IS NOT NULL"))
    with op.batch_alter_table("practice", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_practice_external_id"), type_="unique")
        batch_op.alter_column("external_id", new_column_name="seed", existing_type=LONG, type_=SHORT)
        batch_op.drop_column("archived_at")
        batch_op.drop_column("archived_because")
        batch_op.drop_column("rendering")
    with op.batch_alter_table("practice", schema=None) as batch_op:
        batch_op.create_unique_constraint(batch_op.f("uq_practice_seed"), ["seed"])
