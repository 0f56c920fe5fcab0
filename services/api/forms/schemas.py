"""Bodies of the questionnaire room."""

from typing import Any, Literal

from pydantic import BaseModel, Field

from services.api.forms.catalogue import Extent
from services.api.forms.drafts import Finding
from services.api.forms.inputs import Kind
from services.api.forms.service import Widget
from services.api.kit.schema import Schema
from services.api.kit.workflow import Part


class Asked(BaseModel):
    """A value that is asked for; bounds are 0 or empty where there are none."""

    path: str
    kind: Kind
    required: bool
    vocabulary: str | None = Field(description="Name of the vocabulary whose codes are allowed")
    names: str | None = Field(
        description="Type of the record whose slug or id it holds; `*` where it holds `type/id`, with `#` and a path"
    )
    most: int = Field(description="How many items a list may have, or characters a text")
    longest: int = Field(description="How many characters a text, or each text of a list, may have")
    lines: int = Field(description="How many lines a text may have, 0 for any number")
    minimum: float | None
    maximum: float | None
    default: str | bool | None
    example: str | None


class InRow(BaseModel):
    """Where a value of a row is needed, though not in every row."""

    required_in: str | None = Field(
        description="The part of the row that needs it, once anything of that part is filled"
    )


class Numbered(BaseModel):
    """How a question stands in the printed questionnaire and in completeness."""

    number: str = Field(description="Number in the printed questionnaire")
    also: str | None = Field(description="Number of a second question that it answers")
    counted: bool = Field(description="Whether it counts for completeness")


class InputRead(Asked):
    """What is needed to ask for a value in a language."""

    label: str
    help: str
    widget: Widget = Field(description="How a form may ask for it")
    rows: int = Field(description="Height of the text box that a form may begin with, in lines")


class ColumnRead(InputRead, InRow):
    """A value of a row; `path` is that within the row, and `required` means: in every row."""


class QuestionRead(InputRead, Numbered):
    """A question; `path` is its place in the content, and `required` means: before a case can be submitted."""

    order: int = Field(description="Its place among all questions of both forms")
    form: Extent = Field(description="The first form that asks it")
    columns: list[ColumnRead]


class SectionRead(BaseModel):
    """A section with its questions."""

    name: str
    number: str
    title: str
    questions: list[QuestionRead]


class ExtentRead(BaseModel):
    """One of the two forms: how many printed questions count in it, and about how many minutes it takes."""

    name: Extent
    questions: int
    minutes: int


class RuleRead(BaseModel):
    """A rule between answers, and the numbers of the questions that it is about."""

    name: str
    questions: list[str]
    text: str


class QuestionnaireRead(BaseModel):
    """The questionnaire in a language, and the JSON Schema (2020-12) that what is submitted must keep."""

    languages: list[str]
    language: str
    form: Extent
    forms: list[ExtentRead]
    sections: list[SectionRead]
    rules: list[RuleRead]
    json_schema: dict[str, Any] = Field(alias="schema")


Texts = dict[str, str]
"""A text by language."""


class FormName(BaseModel):
    """A form: the type of record that it is of, as it is called in addresses too, and its title by language."""

    name: str
    plural: str
    titles: Texts


class FormInput(Asked):
    """A value that is asked for, in all languages."""

    labels: Texts
    helps: Texts
    free: bool = Field(description="Whether it is text in some language: no code, key, address or name of a record")


class FormColumn(FormInput, InRow):
    """A value of a row; `path` is that within the row, and `required` means: in every row."""


class FormQuestion(FormInput, Numbered):
    """A question; `path` is its place in the content."""

    extent: Extent = Field(description="The first form that asks it")
    columns: list[FormColumn]


class FormSection(BaseModel):
    """A section with its questions."""

    name: str
    number: str
    titles: Texts
    questions: list[FormQuestion]


class FormRule(BaseModel):
    """A rule between answers, and the numbers of the questions that it is about."""

    name: str
    questions: list[str]
    texts: Texts


class FormParty(BaseModel):
    """A part that an authority has in a record beside the owner's, and where the content names that authority."""

    part: str
    path: str


class FormStep(BaseModel):
    """A kind of step that is told of a public record."""

    kind: str
    who: list[Part] = Field(description="Who may tell of it")
    block: str | None = Field(description="The list whose rows it happens to; none: to the whole record")
    values: list[str] = Field(description="What can be said of it; empty where the kind says all")


class FormDerived(BaseModel):
    """Rows of a list that are records of the feed themselves, with the id `id#key`."""

    type: str
    path: str


class FormRead(BaseModel):
    """What is asked in records of a type, and what becomes of them; private questions are not in it."""

    type: Literal["form"]
    id: str = Field(description="The type of record")
    plural: str = Field(description="The type in addresses")
    languages: list[str]
    titles: Texts
    title: str = Field(description="Path of the text under which a record is listed")
    summary: str
    tiers: list[str] = Field(description="How far records may be judged, the lowest first")
    judged: str | None = Field(description="Path of the list of features that peers make statements on")
    sections: list[FormSection]
    rules: list[FormRule]
    links: list[str] = Field(description="Paths of the lists whose rows name other records")
    parties: list[FormParty]
    steps: list[FormStep]
    derived: list[FormDerived]


class DraftCheck(Schema):
    """A draft to be examined: any JSON object of the questionnaire's shape, as far as it has come."""

    content: dict[str, Any]


class CompletenessRead(BaseModel):
    """How much of the short and of the full form is answered, in percent of its questions."""

    snapshot: int
    full: int


class ReportRead(BaseModel):
    """What a draft still needs; it is `ready` to be submitted when that is nothing."""

    ready: bool
    completeness: CompletenessRead
    findings: list[Finding]
