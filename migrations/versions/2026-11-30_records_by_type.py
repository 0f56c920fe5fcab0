"""records of any type: tables by type, parties, mentions, steps, withdrawals; whose turn it is

Revision ID: 0007
Revises: 0006
Create Date: 2026-11-30 18:30:00+00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON(none_as_null=True)

TURN = """CASE
    WHEN state IN ('draft', 'changes-requested') AND owner_id IS NOT NULL THEN 'office'
    WHEN state IN ('draft', 'changes-requested', 'submitted', 'approved') THEN 'secretariat'
    WHEN state = 'in-review' AND reviewer IS NOT NULL THEN 'reviewer'
    WHEN state = 'in-review' THEN 'secretariat'
END"""


def upgrade() -> None:
    _make_records()
    for statement in (
        "INSERT INTO record (id, type, slug, external_id, version, latest_revision, published_revision,"
        " first_published_at, archived_at, archived_because, created_at, updated_at)"
        " SELECT id, 'practice', slug, external_id, version, latest_revision, published_revision,"
        " first_published_at, archived_at, archived_because, created_at, updated_at FROM practice",
        "INSERT INTO record_revision SELECT practice_id, number, content, translations, created_at, created_by"
        " FROM practice_revision",
        "INSERT INTO record_publication (record_id, number, at, tier, statements)"
        " SELECT practice_id, number, at, tier, '[]' FROM practice_publication",
        "INSERT INTO record_slug (type, slug, record_id) SELECT 'practice', slug, practice_id FROM practice_slug",
        "INSERT INTO record_party (record_id, part, place, authority_id)"
        " SELECT id, 'owner', 0, owner_id FROM practice WHERE owner_id IS NOT NULL",
    ):
        op.execute(sa.text(statement))
    _of_submissions()
    for table in ("practice_authority", "practice_slug", "practice_publication", "practice_revision", "practice"):
        op.drop_table(table)


def _make_records() -> None:
    op.create_table(
        "record",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("slug", sa.String(length=120), nullable=True),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("latest_revision", sa.Integer(), nullable=False),
        sa.Column("published_revision", sa.Integer(), nullable=True),
        sa.Column("first_published_at", MOMENT, nullable=True),
        sa.Column("archived_at", MOMENT, nullable=True),
        sa.Column("archived_because", sa.String(length=2000), nullable=True),
        sa.Column("rendering", sa.Integer(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record")),
        sa.UniqueConstraint("type", "external_id", name=op.f("uq_record_type_external_id")),
        sa.UniqueConstraint("type", "slug", name=op.f("uq_record_type_slug")),
    )
    with op.batch_alter_table("record", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_record_updated_at"), ["updated_at"], unique=False)
    op.create_table(
        "record_revision",
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", JSON, nullable=False),
        sa.Column("translations", JSON, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["record_id"], ["record.id"], name=op.f("fk_record_revision_record_id_record")),
        sa.PrimaryKeyConstraint("record_id", "number", name=op.f("pk_record_revision")),
    )
    op.create_table(
        "record_publication",
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("tier", sa.String(length=20), nullable=False),
        sa.Column("statements", JSON, nullable=False),
        sa.ForeignKeyConstraint(["record_id"], ["record.id"], name=op.f("fk_record_publication_record_id_record")),
        sa.PrimaryKeyConstraint("record_id", "number", name=op.f("pk_record_publication")),
    )
    op.create_table(
        "record_slug",
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("slug", sa.String(length=120), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["record_id"], ["record.id"], name=op.f("fk_record_slug_record_id_record")),
        sa.PrimaryKeyConstraint("type", "slug", name=op.f("pk_record_slug")),
    )
    with op.batch_alter_table("record_slug", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_record_slug_record_id"), ["record_id"], unique=False)
    op.create_table(
        "record_party",
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("part", sa.String(length=40), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(length=300), nullable=True),
        sa.Column("unit", sa.String(length=300), nullable=True),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["authority.id"], name=op.f("fk_record_party_authority_id_authority")
        ),
        sa.ForeignKeyConstraint(["record_id"], ["record.id"], name=op.f("fk_record_party_record_id_record")),
        sa.PrimaryKeyConstraint("record_id", "part", "place", name=op.f("pk_record_party")),
    )
    with op.batch_alter_table("record_party", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_record_party_authority_id"), ["authority_id"], unique=False)
    op.create_table(
        "record_mention",
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("path", sa.String(length=120), nullable=False),
        sa.Column("relation", sa.String(length=40), nullable=False),
        sa.Column("to_type", sa.String(length=40), nullable=False),
        sa.Column("to_id", sa.Uuid(), nullable=False),
        sa.Column("to_path", sa.String(length=120), nullable=True),
        sa.ForeignKeyConstraint(["record_id"], ["record.id"], name=op.f("fk_record_mention_record_id_record")),
        sa.PrimaryKeyConstraint("record_id", "path", name=op.f("pk_record_mention")),
    )
    with op.batch_alter_table("record_mention", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_record_mention_to_id_to_type"), ["to_id", "to_type"], unique=False)
    op.create_table(
        "record_step",
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("path", sa.String(length=120), nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("value", sa.String(length=40), nullable=True),
        sa.Column("note", sa.String(length=2000), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("caller", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["record_id"], ["record.id"], name=op.f("fk_record_step_record_id_record")),
        sa.PrimaryKeyConstraint("record_id", "number", name=op.f("pk_record_step")),
    )
    op.create_table(
        "record_withdrawal",
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("path", sa.String(length=120), nullable=False),
        sa.Column("reason", sa.String(length=2000), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("caller", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["record_id"], ["record.id"], name=op.f("fk_record_withdrawal_record_id_record")),
        sa.PrimaryKeyConstraint("record_id", "number", "path", name=op.f("pk_record_withdrawal")),
    )


def _of_submissions() -> None:
    op.create_table(
        "submission_party",
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("part", sa.String(length=40), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["authority.id"], name=op.f("fk_submission_party_authority_id_authority")
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name=op.f("fk_submission_party_submission_id_submission")
        ),
        sa.PrimaryKeyConstraint("submission_id", "part", "authority_id", name=op.f("pk_submission_party")),
    )
    with op.batch_alter_table("submission_party", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_submission_party_authority_id"), ["authority_id"], unique=False)
    op.execute(
        sa.text(
            "INSERT INTO submission_party (submission_id, part, authority_id)"
            " SELECT id, 'owner', owner_id FROM submission WHERE owner_id IS NOT NULL"
        )
    )
    with op.batch_alter_table("submission", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_submission_practice_id_practice"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("uq_submission_practice_id"), type_="unique")
        batch_op.alter_column("practice_id", new_column_name="record_id", existing_type=sa.Uuid())
        batch_op.add_column(sa.Column("type", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("turn", sa.String(length=20), nullable=True))
        batch_op.add_column(sa.Column("statements", JSON, nullable=True))
    op.execute(sa.text(f"UPDATE submission SET type = 'practice', statements = '[]', turn = {TURN}"))
    with op.batch_alter_table("submission", schema=None) as batch_op:
        batch_op.alter_column("type", existing_type=sa.String(length=40), nullable=False)
        batch_op.alter_column("statements", existing_type=JSON, nullable=False)
        batch_op.drop_index(batch_op.f("ix_submission_owner_id"))
        batch_op.drop_constraint(batch_op.f("fk_submission_owner_id_authority"), type_="foreignkey")
        batch_op.drop_column("owner_id")
        batch_op.create_unique_constraint(batch_op.f("uq_submission_record_id"), ["record_id"])
        batch_op.create_foreign_key(batch_op.f("fk_submission_record_id_record"), "record", ["record_id"], ["id"])
    with op.batch_alter_table("submission_event", schema=None) as batch_op:
        batch_op.add_column(sa.Column("statements", JSON, nullable=True))
    op.execute(sa.text("UPDATE submission_event SET statements = '[]'"))
    with op.batch_alter_table("submission_event", schema=None) as batch_op:
        batch_op.alter_column("statements", existing_type=JSON, nullable=False)
    with op.batch_alter_table("submission_comment", schema=None) as batch_op:
        batch_op.alter_column("path", existing_type=sa.String(length=80), type_=sa.String(length=120))
        batch_op.add_column(sa.Column("internal", sa.String(length=10), nullable=True))


def downgrade() -> None:
    """Lead back to practices alone; parties beside owners, links, steps, withdrawals and records of other types go."""
    _make_practices()
    own = "record WHERE type = 'practice'"
    ids = f"(SELECT id FROM {own})"
    owner = "SELECT authority_id FROM record_party WHERE record_id = record.id AND part = 'owner'"
    for statement in (
        "INSERT INTO practice (id, slug, external_id, version, owner_id, latest_revision, published_revision,"
        " first_published_at, archived_at, archived_because, created_at, updated_at)"
        f" SELECT id, slug, external_id, version, ({owner}), latest_revision, published_revision,"
        f" first_published_at, archived_at, archived_because, created_at, updated_at FROM {own}",
        "INSERT INTO practice_revision SELECT record_id, number, content, translations, created_at, created_by"
        f" FROM record_revision WHERE record_id IN {ids}",
        "INSERT INTO practice_publication (practice_id, number, at, tier)"
        f" SELECT record_id, number, at, tier FROM record_publication WHERE record_id IN {ids}",
        "INSERT INTO practice_slug (slug, practice_id) SELECT slug, record_id FROM record_slug WHERE type = 'practice'",
    ):
        op.execute(sa.text(statement))
    _back_to_cases(ids)
    for table in (
        "submission_party",
        "record_withdrawal",
        "record_step",
        "record_mention",
        "record_party",
        "record_slug",
        "record_publication",
        "record_revision",
        "record",
    ):
        op.drop_table(table)


def _back_to_cases(ids: str) -> None:
    with op.batch_alter_table("submission", schema=None) as batch_op:
        batch_op.add_column(sa.Column("owner_id", sa.Uuid(), nullable=True))
    others = "(SELECT id FROM submission WHERE type <> 'practice')"
    owner = "SELECT authority_id FROM submission_party WHERE submission_id = submission.id AND part = 'owner'"
    op.execute(sa.text(f"UPDATE submission SET owner_id = ({owner})"))
    for table in ("submission_party", "submission_comment", "submission_event", "submission_revision"):
        op.execute(sa.text(f"DELETE FROM {table} WHERE submission_id IN {others}"))
    op.execute(sa.text("DELETE FROM submission WHERE type <> 'practice'"))
    with op.batch_alter_table("submission", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_submission_record_id_record"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("uq_submission_record_id"), type_="unique")
        batch_op.alter_column("record_id", new_column_name="practice_id", existing_type=sa.Uuid())
        batch_op.drop_column("type")
        batch_op.drop_column("turn")
        batch_op.drop_column("statements")
    with op.batch_alter_table("submission", schema=None) as batch_op:
        batch_op.create_unique_constraint(batch_op.f("uq_submission_practice_id"), ["practice_id"])
        batch_op.create_foreign_key(
            batch_op.f("fk_submission_practice_id_practice"), "practice", ["practice_id"], ["id"]
        )
        batch_op.create_foreign_key(batch_op.f("fk_submission_owner_id_authority"), "authority", ["owner_id"], ["id"])
        batch_op.create_index(batch_op.f("ix_submission_owner_id"), ["owner_id"], unique=False)
    with op.batch_alter_table("submission_event", schema=None) as batch_op:
        batch_op.drop_column("statements")
    op.execute(sa.text("UPDATE submission_comment SET path = NULL WHERE length(path) > 80"))
    with op.batch_alter_table("submission_comment", schema=None) as batch_op:
        batch_op.alter_column("path", existing_type=sa.String(length=120), type_=sa.String(length=80))
        batch_op.drop_column("internal")


def _make_practices() -> None:
    op.create_table(
        "practice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.String(length=120), nullable=True),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("latest_revision", sa.Integer(), nullable=False),
        sa.Column("published_revision", sa.Integer(), nullable=True),
        sa.Column("first_published_at", MOMENT, nullable=True),
        sa.Column("archived_at", MOMENT, nullable=True),
        sa.Column("archived_because", sa.String(length=2000), nullable=True),
        sa.Column("rendering", sa.String(length=16), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["authority.id"], name=op.f("fk_practice_owner_id_authority")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_practice")),
        sa.UniqueConstraint("external_id", name=op.f("uq_practice_external_id")),
        sa.UniqueConstraint("slug", name=op.f("uq_practice_slug")),
    )
    with op.batch_alter_table("practice", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_practice_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_practice_updated_at"), ["updated_at"], unique=False)
    op.create_table(
        "practice_revision",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", JSON, nullable=False),
        sa.Column("translations", JSON, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["practice_id"], ["practice.id"], name=op.f("fk_practice_revision_practice_id_practice")
        ),
        sa.PrimaryKeyConstraint("practice_id", "number", name=op.f("pk_practice_revision")),
    )
    op.create_table(
        "practice_publication",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("tier", sa.String(length=20), nullable=False),
        sa.CheckConstraint("tier IN ('network', 'peer-reviewed')", name=op.f("ck_practice_publication_tier")),
        sa.ForeignKeyConstraint(
            ["practice_id"], ["practice.id"], name=op.f("fk_practice_publication_practice_id_practice")
        ),
        sa.PrimaryKeyConstraint("practice_id", "number", name=op.f("pk_practice_publication")),
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
