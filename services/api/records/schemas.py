"""Bodies of the records room: some are alike for all types, the others are made for each."""

from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, ClassVar, Literal, get_type_hints
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, create_model, model_validator
from pydantic_core import PydanticCustomError

from services.api.authorities.schemas import EmbeddedAuthorityRead
from services.api.forms.form import Form
from services.api.forms.paths import ANYWHERE, PLACE, TEXT_PLACE, value_at
from services.api.forms.rules import refuse_breaches
from services.api.forms.schemas import CompletenessRead
from services.api.forms.types import RecordType
from services.api.kit.schema import Language, Line, LongText, NewSlug, PartialDate, Schema, Slug, Text
from services.api.vocabularies.terms import Term

TextPath = Annotated[
    str,
    Text(
        80,
        pattern=TEXT_PLACE,
        meaning="the path of a text, such as 'initiative.title', 'how.objectives[0]' or 'plan.actions[key=3.1].text'",
    ),
    Field(examples=["initiative.title", "how.objectives[0]", "plan.actions[key=3.1].text"]),
]

Code = Annotated[str, Text(40, pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", meaning="a code such as 'still-true'")]
RowPath = Annotated[
    str,
    Text(120, pattern=PLACE, meaning="the path of a row, such as 'actions[key=3.1]'"),
    Field(examples=["plan.actions[key=3.1]", "how.results[0]"]),
]


class Translation(Schema):
    """One field's text in another language, and whether a person or a machine translated it."""

    text: LongText
    status: Annotated[str, Term("translation-statuses")]


LONGEST_REDACTED = 76
"""Characters of a path: where a row's key takes the place of its number, it is kept in 120."""

Status = Literal["draft", "published", "archived", "unpublished"]
"""What has become of a record: not public yet, public, public and no longer kept up, no longer public."""

Translations = dict[Language, dict[TextPath, Translation]]
"""Translated texts: language -> path of the field -> text."""

LinkedRecord = Annotated[str, Field(examples=["practice/2a0b7d8e-0000-4000-8000-000000000000"])]
"""A record as `type/id`."""


class RecordWrite(Schema):
    """A record as it is handed in: the answers to its form and their translations.

    Without `translations`, those of the revision before are carried over. Either way a translation that stayed as it
    was while its original changed becomes `outdated`.
    """

    form: ClassVar[Form]
    content: Any
    translations: Annotated[Translations, Field(max_length=50)] | None = None

    @model_validator(mode="after")
    def _translated_fields_exist(self) -> "RecordWrite":
        for language, fields in (self.translations or {}).items():
            if language == self.content.language:
                raise PydanticCustomError(
                    "own_language", "the record is written in this language", {"at": f"translations.{language}"}
                )
            for path in fields:
                if not self.form.may_be_translated(path) or not isinstance(value_at(self.content, path), str):
                    raise PydanticCustomError(
                        "empty_field",
                        "'{path}' is not a filled text of the form",
                        {"at": f"translations.{language}", "path": path},
                    )
        return self


class RecordCreate(RecordWrite):
    """A new record, and whose it is."""

    owner: Slug | None = Field(
        None, description="Slug or id of the authority that owns the record, and sees its drafts"
    )


class RecordRename(Schema):
    """A new slug; the old one goes on leading to the record."""

    slug: NewSlug


class RecordReason(Schema):
    """Why something is done to a record; it stays in the trail."""

    reason: Line


class RecordRedaction(RecordReason):
    """Which value is taken out of a revision, and why."""

    path: Annotated[
        str,
        Text(
            LONGEST_REDACTED,
            pattern=ANYWHERE,
            meaning="the path of a question, of a row or item, or of a value in a row, such as 'how.results[0]'",
        ),
        Field(examples=["how.description", "who.target_groups[2]", "initiative.partners[1].name"]),
    ]


class StepCreate(Schema):
    """Something that happened to a public record; which kinds there are, of which rows, is in the form of its type."""

    kind: Code
    path: RowPath | None = Field(None, description="The row that it happened to, where the kind is one of rows")
    value: Code | None = Field(None, description="What is said of it, where the kind has values")
    note: Line | None = None
    date: PartialDate | None = Field(
        None, description="When it happened, as precisely as that is known; by default on the day it is told"
    )


class ArchivedRead(BaseModel):
    """Since when a public record is no longer kept up, and why."""

    at: str
    reason: str


class LocalizedRead(BaseModel):
    """In which language a record was found when `lang` was asked for, and which fields are shown in it."""

    language: str
    fields: list[str]


class LinkRead(BaseModel):
    """What a record says of another one: one of the base, or one that is known by name alone."""

    path: str = Field(description="Where the record says so")
    relation: Annotated[str, Term("relations")]
    to: LinkedRecord | None = Field(description="The other record, as `type/id`")
    to_path: str | None = Field(description="The place in it that is meant")
    revision: int | None = Field(description="Which revision of the other record is public")
    withdrawn: bool = Field(description="Whether the other record is public no longer")
    name: str | None
    where: str | None
    asserted_by: str | None
    note: str | None
    source: str | None
    place: str | None


class IncomingRead(BaseModel):
    """That another public record names this one: the other end of its link."""

    source: LinkedRecord = Field(alias="from", description="The other record, as `type/id`")
    path: str = Field(description="Where it says so")
    relation: str
    to_path: str | None = Field(description="The place in this record that is meant")


class StepRead(BaseModel):
    """Something that happened after publication to the record, or to the row at `path`."""

    path: str | None
    kind: str
    value: str | None
    note: str | None
    date: str | None = Field(description="When it happened, as precisely as is known; where none is told, when `at` is")
    at: str = Field(description="When it was told")


class StatementRead(BaseModel):
    """What a peer stated of a feature that was judged."""

    feature: str
    statement: str


class RecordRead(BaseModel):
    """A record as everybody sees it; `authorities` are those of the base that its content names.

    An archived one is public and no longer kept up.
    """

    type: str
    id: UUID
    slug: str
    revision: int
    published_at: str
    updated_at: str
    tier: Annotated[str, Term("publication-tiers")]
    state: Annotated[str, Term("publication-states")]
    form: str = Field(description="Id of the record of type `form` that says what was asked")
    title: dict[str, str] = Field(description="Title by language, in that of the record first")
    summary: dict[str, str] = Field(description="Summary by language")
    completeness: CompletenessRead
    content: Any
    translations: Translations
    authorities: list[EmbeddedAuthorityRead]
    links: list[LinkRead]
    incoming: list[IncomingRead] = Field(description="Public records that name this one")
    progress: list[StepRead] = Field(description="What happened since it became public, the first first")
    review: list[StatementRead] = Field(description="What a peer stated, where peers judged it")
    withdrawn: list[int] = Field(description="Numbers of revisions that were public and were withdrawn")
    localized: LocalizedRead | None = None


class RecordEditRead(BaseModel):
    """A record as its editors see it: the latest revision, public or not.

    `tier` is that of the published revision; `external_id` the name under which the record is known where it came from.
    """

    type: str
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
    content: Any
    translations: Translations
    authorities: list[EmbeddedAuthorityRead]
    localized: LocalizedRead | None = None


class RecordSummary(BaseModel):
    """A record in a list; `language` is that of the title, `tier` that of the published revision."""

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
    summary: str | None


class RedactedRead(BaseModel):
    """A field that was redacted; the numbers of rows are those from before anything was."""

    path: str
    at: str
    reason: str


class RevisionSummary(BaseModel):
    """A revision in the list; `published_at` and `tier` are empty when it never was public."""

    number: int
    created_at: str
    published_at: str | None
    tier: Annotated[str, Term("publication-tiers")] | None
    title: str
    withdrawn: ArchivedRead | None = Field(description="Since when it is no longer public, and why")
    redacted: list[RedactedRead]


class RevisionRead(RevisionSummary):
    """One revision, whole."""

    content: Any
    translations: Translations


class DifferenceRead(BaseModel):
    """One difference between two revisions, at a path of the form."""

    path: str
    change: Literal["added", "removed", "changed"]
    before: Any
    after: Any


class DiffRead(BaseModel):
    """All differences between two revisions."""

    before: int
    after: int
    differences: list[DifferenceRead]


@dataclass(frozen=True)
class Bodies:
    """The bodies of one type."""

    write: type[RecordWrite]
    create: type[RecordCreate]
    read: type[RecordRead]
    edit: type[RecordEditRead]
    summary: type[RecordSummary]
    revision: type[RevisionRead]


@cache
def of(record: RecordType) -> Bodies:
    """Return the bodies of a type, named after it: `PracticeRead`."""

    def abiding(written: BaseModel) -> BaseModel:
        refuse_breaches(record.form.checks, written)
        return written

    name = "".join(word.capitalize() for word in record.name.split("-"))
    content: Any = (record.form.model, ...)
    written: Any = (Annotated[record.form.model, AfterValidator(abiding)], ...)
    named: Any = (Literal[record.name], ...)
    listed: dict[str, Any] = {one: (get_type_hints(tell)["return"], ...) for one, tell in record.listed.items()}

    told: dict[str, Any] = {"summary": (str, ...)} if record.form.question(record.summary).required else {}

    def made(base: type[BaseModel], suffix: str, **fields: Any) -> Any:
        return create_model(f"{name}{suffix}", __base__=base, __doc__=base.__doc__, **fields)

    write, create = made(RecordWrite, "Write", content=written), made(RecordCreate, "Create", content=written)
    write.form = create.form = record.form
    return Bodies(
        write=write,
        create=create,
        read=made(RecordRead, "Read", type=named, content=content),
        edit=made(RecordEditRead, "EditRead", type=named, content=content),
        summary=made(RecordSummary, "Summary", **told, **listed),
        revision=made(RevisionRead, "RevisionRead", content=content),
    )
