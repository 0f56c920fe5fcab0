"""first tables

Revision ID: 0001
Revises:
Create Date: 2026-11-22 21:22:55.581419+00:00
"""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("caller", sa.String(length=40), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("target_type", sa.String(length=40), nullable=False),
        sa.Column("target_id", sa.String(length=80), nullable=False),
        sa.Column("detail", sa.JSON(none_as_null=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_event")),
    )
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_event_at"), ["at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_audit_event_target_type_target_id"), ["target_type", "target_id"], unique=False
        )

    op.create_table(
        "authority",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.String(length=120), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("names", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("level", sa.String(length=40), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("latitude", sa.Float(), nullable=True),
        sa.Column("longitude", sa.Float(), nullable=True),
        sa.Column("population_count", sa.Integer(), nullable=True),
        sa.Column("population_year", sa.Integer(), nullable=True),
        sa.Column("migration_roles", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("website", sa.String(length=500), nullable=True),
        sa.Column("networks", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("updated_by", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("latitude BETWEEN -90 AND 90", name=op.f("ck_authority_latitude")),
        sa.CheckConstraint("longitude BETWEEN -180 AND 180", name=op.f("ck_authority_longitude")),
        sa.CheckConstraint("population_count >= 0", name=op.f("ck_authority_population")),
        sa.ForeignKeyConstraint(["parent_id"], ["authority.id"], name=op.f("fk_authority_parent_id_authority")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authority")),
        sa.UniqueConstraint("slug", name=op.f("uq_authority_slug")),
    )
    with op.batch_alter_table("authority", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_authority_country"), ["country"], unique=False)
        batch_op.create_index(batch_op.f("ix_authority_level"), ["level"], unique=False)
        batch_op.create_index(batch_op.f("ix_authority_name"), ["name"], unique=False)
        batch_op.create_index(batch_op.f("ix_authority_parent_id"), ["parent_id"], unique=False)

    op.create_table(
        "feed_state",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.String(length=32), nullable=False),
        sa.Column("head", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_feed_state_single_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed_state")),
    )
    op.create_table(
        "given_answer",
        sa.Column("caller", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("headers", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("caller", "key", name=op.f("pk_given_answer")),
    )
    with op.batch_alter_table("given_answer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_given_answer_at"), ["at"], unique=False)

    op.create_table(
        "public_record",
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("op", sa.String(length=6), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("op IN ('upsert', 'delete')", name=op.f("ck_public_record_op")),
        sa.PrimaryKeyConstraint("type", "id", name=op.f("pk_public_record")),
        sa.UniqueConstraint("seq", name=op.f("uq_public_record_seq")),
    )
    op.create_table(
        "api_key",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=True),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("role IN ('officer', 'secretariat')", name=op.f("ck_api_key_role")),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_api_key_authority_id_authority")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
    )
    with op.batch_alter_table("api_key", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_api_key_authority_id"), ["authority_id"], unique=False)

    op.create_table(
        "practice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.String(length=120), nullable=True),
        sa.Column("seed", sa.String(length=120), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("latest_revision", sa.Integer(), nullable=False),
        sa.Column("published_revision", sa.Integer(), nullable=True),
        sa.Column("first_published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["authority.id"], name=op.f("fk_practice_owner_id_authority")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_practice")),
        sa.UniqueConstraint("seed", name=op.f("uq_practice_seed")),
        sa.UniqueConstraint("slug", name=op.f("uq_practice_slug")),
    )
    with op.batch_alter_table("practice", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_practice_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_practice_updated_at"), ["updated_at"], unique=False)

    op.create_table(
        "practice_authority",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["authority.id"], name=op.f("fk_practice_authority_authority_id_authority")
        ),
        sa.ForeignKeyConstraint(
            ["practice_id"], ["practice.id"], name=op.f("fk_practice_authority_practice_id_practice")
        ),
        sa.PrimaryKeyConstraint("practice_id", "authority_id", name=op.f("pk_practice_authority")),
    )
    with op.batch_alter_table("practice_authority", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_practice_authority_authority_id"), ["authority_id"], unique=False)

    op.create_table(
        "practice_publication",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["practice_id"], ["practice.id"], name=op.f("fk_practice_publication_practice_id_practice")
        ),
        sa.PrimaryKeyConstraint("practice_id", "number", name=op.f("pk_practice_publication")),
    )
    op.create_table(
        "practice_revision",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("translations", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["practice_id"], ["practice.id"], name=op.f("fk_practice_revision_practice_id_practice")
        ),
        sa.PrimaryKeyConstraint("practice_id", "number", name=op.f("pk_practice_revision")),
    )
    op.create_table(
        "practice_slug",
        sa.Column("slug", sa.String(length=120), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_practice_slug_practice_id_practice")),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_practice_slug")),
    )
    with op.batch_alter_table("practice_slug", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_practice_slug_practice_id"), ["practice_id"], unique=False)
    op.execute(
        sa.text("INSERT INTO feed_state (id, epoch, head) VALUES (1, :epoch, 0)").bindparams(epoch=secrets.token_hex(8))
    )


def downgrade() -> None:
    with op.batch_alter_table("practice_slug", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_practice_slug_practice_id"))

    op.drop_table("practice_slug")
    op.drop_table("practice_revision")
    op.drop_table("practice_publication")
    with op.batch_alter_table("practice_authority", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_practice_authority_authority_id"))

    op.drop_table("practice_authority")
    with op.batch_alter_table("practice", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_practice_updated_at"))
        batch_op.drop_index(batch_op.f("ix_practice_owner_id"))

    op.drop_table("practice")
    with op.batch_alter_table("api_key", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_api_key_authority_id"))

    op.drop_table("api_key")
    op.drop_table("public_record")
    with op.batch_alter_table("given_answer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_given_answer_at"))

    op.drop_table("given_answer")
    op.drop_table("feed_state")
    with op.batch_alter_table("authority", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_authority_parent_id"))
        batch_op.drop_index(batch_op.f("ix_authority_name"))
        batch_op.drop_index(batch_op.f("ix_authority_level"))
        batch_op.drop_index(batch_op.f("ix_authority_country"))

    op.drop_table("authority")
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_event_target_type_target_id"))
        batch_op.drop_index(batch_op.f("ix_audit_event_at"))

    op.drop_table("audit_event")
