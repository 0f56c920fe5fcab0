"""Bodies of the practices room."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError

from services.api.authorities.schemas import AuthorityRead
from services.api.forms.paths import value_at
from services.api.kit.schema import Language, Line, LongText, NewSlug, Schema, Slug, Text
from services.api.types.practice.content import PracticeContent
from services.api.vocabularies.terms import Term

TextPath = Annotated[
    str,
    Text(
        80,
        pattern=r"^[a-z_]+\.[a-z_]+(\[[0-9]+\])?$",
        meaning="the path of a text, such as 'initiative.title' or 'how.objectives[0]'",
    ),
    Field(examples=["initiative.title", "how.summary", "how.objectives[0]"]),
]


class Translation(Schema):
    """One field's text in another language, and whether a person or a machine translated it."""

    text: LongText
    status: Annotated[str, Term("translation-statuses")]


Status = Literal["draft", "published", "archived", "unpublished"]
"""What has become of a practice: not public yet, public, public and no longer kept up, no longer public."""

Translations = dict[Language, dict[TextPath, Translation]]
"""Translated texts: language -> path of the field -> text."""


class PracticeWrite(Schema):
    """A practice as it is handed in: the questionnaire and its translations.

    Without `translations`, those of the revision before are carried over. Either way a translation that stayed as it
    was while its original changed becomes `outdated`.
    """

    content: PracticeContent
    translations: Annotated[Translations, Field(max_length=50)] | None = None

    @model_validator(mode="after")
    def _translated_fields_exist(self) -> "PracticeWrite":
        for language, fields in (self.translations or {}).items():
            if language == self.content.language:
                raise PydanticCustomError(
                    "own_language", "the record is written in this language", {"at": f"translations.{language}"}
                )
            for path in fields:
                if not isinstance(value_at(self.content, path), str):
                    raise PydanticCustomError(
                        "empty_field",
                        "'{path}' is not a filled text of the questionnaire",
                        {"at": f"translations.{language}", "path": path},
                    )
        return self


class PracticeCreate(PracticeWrite):
    """A new practice, and whose case it is."""

    owner: Slug | None = Field(
        None, description="Slug or id of the authority that owns the record, and sees its drafts"
    )


class PracticeRename(Schema):
    """A new slug; the old one goes on leading to the practice."""

    slug: NewSlug


class PracticeReason(Schema):
    """Why a practice is archived or taken up again; it stays in the trail."""

    reason: Line


class CompletenessRead(BaseModel):
    """How much of each form is answered, in percent of its questions."""

    snapshot: int
    full: int


class ArchivedRead(BaseModel):
    """Since when a public practice is no longer kept up, and why."""

    at: str
    reason: str


class LocalizedRead(BaseModel):
    """In which language a record was found when `lang` was asked for, and which fields are shown in it."""

    language: str
    fields: list[str]


class PracticeRead(BaseModel):
    """A practice as everybody sees it; `authorities` are those of the base that `content.who.authorities` names.

    An archived one is public and no longer kept up.
    """

    type: Literal["practice"]
    id: UUID
    slug: str
    revision: int
    published_at: str
    updated_at: str
    tier: Annotated[str, Term("publication-tiers")]
    state: Annotated[str, Term("publication-states")]
    completeness: CompletenessRead
    content: PracticeContent
    translations: Translations
    authorities: list[AuthorityRead]
    localized: LocalizedRead | None = None


class PracticeEditRead(BaseModel):
    """A practice as its editors see it: the latest revision, public or not.

    `tier` is that of the published revision; `external_id` the name under which the record is known where it came from.
    """

    type: Literal["practice"]
    id: UUID
    slug: str | None
    external_id: str | None
    version: int
    status: Status
    revision: int
    published_revision: int | None
    published_at: str | None
    updated_at: str
    tier: Annotated[str, Term("publication-tiers")] | None
    archived: ArchivedRead | None
    completeness: CompletenessRead
    owner: str | None
    content: PracticeContent
    translations: Translations
    authorities: list[AuthorityRead]
    localized: LocalizedRead | None = None


class PracticeSummary(BaseModel):
    """A practice in a list; `language` is that of the title, `tier` that of the published revision."""

    id: UUID
    slug: str | None
    status: Status
    revision: int
    published_at: str | None
    updated_at: str
    tier: Annotated[str, Term("publication-tiers")] | None
    completeness: CompletenessRead
    language: str
    title: str
    summary: str
    priorities: list[str]


class RevisionSummary(BaseModel):
    """A revision in the list; `published_at` and `tier` are empty when it never was public."""

    number: int
    created_at: str
    published_at: str | None
    tier: Annotated[str, Term("publication-tiers")] | None
    title: str


class RevisionRead(RevisionSummary):
    """One revision, whole."""

    content: PracticeContent
    translations: Translations


class DifferenceRead(BaseModel):
    """One difference between two revisions, at a path of the questionnaire."""

    path: str
    change: Literal["added", "removed", "changed"]
    before: Any
    after: Any


class DiffRead(BaseModel):
    """All differences between two revisions."""

    before: int
    after: int
    differences: list[DifferenceRead]
