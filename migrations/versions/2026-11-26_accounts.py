"""accounts of people, their sessions and tokens; keys of organisations

Revision ID: 0005
Revises: 0004
Create Date: 2026-11-26 18:50:00+00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

HASH = sa.String(length=64)
HOME = "(authority_id IS NULL) <> (organisation IS NULL)"
OFFICER = "role <> 'officer' OR authority_id IS NOT NULL"
ROLE = "role IN ('officer', 'reviewer', 'secretariat', 'admin')"


def moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=True),
        sa.Column("organisation", sa.String(length=300), nullable=True),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        moment("created_at"),
        moment("updated_at"),
        sa.Column("updated_by", sa.String(length=40), nullable=False),
        moment("deactivated_at", nullable=True),
        sa.CheckConstraint(ROLE, name=op.f("ck_account_role")),
        sa.CheckConstraint(HOME, name=op.f("ck_account_home")),
        sa.CheckConstraint(OFFICER, name=op.f("ck_account_officer")),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_account_authority_id_authority")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("email", name=op.f("uq_account_email")),
    )
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_account_authority_id"), ["authority_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_account_created_at"), ["created_at"], unique=False)

    op.create_table(
        "account_identity",
        sa.Column("issuer", sa.String(length=500), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        moment("created_at"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_account_identity_account_id_account")),
        sa.PrimaryKeyConstraint("issuer", "subject", name=op.f("pk_account_identity")),
        sa.UniqueConstraint("account_id", "issuer", name=op.f("uq_account_identity_account_id_issuer")),
    )
    op.create_table(
        "account_session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("secret_hash", HASH, nullable=False),
        sa.Column("address", sa.String(length=60), nullable=False),
        sa.Column("agent", sa.String(length=200), nullable=False),
        moment("created_at"),
        moment("expires_at"),
        moment("idle_until"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_account_session_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_session")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_account_session_secret_hash")),
    )
    with op.batch_alter_table("account_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_account_session_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_account_session_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_account_session_idle_until"), ["idle_until"], unique=False)

    op.create_table(
        "one_time_token",
        sa.Column("secret_hash", HASH, nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("challenge", HASH, nullable=True),
        moment("created_at"),
        moment("expires_at"),
        sa.CheckConstraint("purpose IN ('password', 'session')", name=op.f("ck_one_time_token_purpose")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_one_time_token_account_id_account")),
        sa.PrimaryKeyConstraint("secret_hash", name=op.f("pk_one_time_token")),
    )
    with op.batch_alter_table("one_time_token", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_one_time_token_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_one_time_token_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "sign_in_begun",
        sa.Column("state_hash", HASH, nullable=False),
        sa.Column("browser_hash", HASH, nullable=False),
        sa.Column("return_to", sa.String(length=500), nullable=True),
        sa.Column("challenge", HASH, nullable=True),
        moment("expires_at"),
        sa.PrimaryKeyConstraint("state_hash", name=op.f("pk_sign_in_begun")),
    )
    with op.batch_alter_table("sign_in_begun", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sign_in_begun_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "sign_in_failures",
        sa.Column("email_hash", HASH, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        moment("last_at"),
        moment("locked_until", nullable=True),
        sa.PrimaryKeyConstraint("email_hash", name=op.f("pk_sign_in_failures")),
    )
    with op.batch_alter_table("sign_in_failures", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sign_in_failures_last_at"), ["last_at"], unique=False)

    with op.batch_alter_table("api_key", schema=None) as batch_op:
        batch_op.add_column(sa.Column("organisation", sa.String(length=300), nullable=True))
    # A key's name says who holds it, and where.
    op.execute(sa.text("UPDATE api_key SET organisation = name WHERE authority_id IS NULL"))
    with op.batch_alter_table("api_key", schema=None) as batch_op:
        batch_op.create_check_constraint(batch_op.f("ck_api_key_home"), HOME)
        batch_op.create_check_constraint(batch_op.f("ck_api_key_officer"), OFFICER)


def downgrade() -> None:
    with op.batch_alter_table("api_key", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_api_key_officer"), type_="check")
        batch_op.drop_constraint(batch_op.f("ck_api_key_home"), type_="check")
        batch_op.drop_column("organisation")
    for table in ("sign_in_failures", "sign_in_begun", "one_time_token", "account_session", "account_identity"):
        op.drop_table(table)
    op.drop_table("account")
