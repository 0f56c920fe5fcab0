"""roles of reviewers and admins

Revision ID: 0002
Revises: 0001
Create Date: 2026-11-26 18:20:00+00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BEFORE, AFTER = ("officer", "secretariat"), ("officer", "reviewer", "secretariat", "admin")


def upgrade() -> None:
    _allow(AFTER)


def downgrade() -> None:
    op.execute(sa.text("DELETE FROM api_key WHERE role NOT IN ('officer', 'secretariat')"))
    _allow(BEFORE)


def _allow(roles: tuple[str, ...]) -> None:
    with op.batch_alter_table("api_key", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_api_key_role"), type_="check")
        batch_op.create_check_constraint(batch_op.f("ck_api_key_role"), f"role IN {roles}")
