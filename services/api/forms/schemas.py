"""Bodies of the questionnaire room."""

from typing import Any

from pydantic import BaseModel, Field

from services.api.forms.drafts import Finding
from services.api.forms.form import Extent
from services.api.forms.inputs import Kind
from services.api.forms.service import Widget
from services.api.kit.schema import Schema


class InputRead(BaseModel):
    """What is needed to ask for a value; bounds are 0 or empty where there are none."""

    path: str
    label: str
    help: str
    kind: Kind
    widget: Widget = Field(description="How a form may ask for it")
    rows: int = Field(description="Height of the text box that a form may begin with, in lines")
    required: bool
    vocabulary: str | None = Field(description="Name of the vocabulary whose codes are allowed")
    most: int = Field(description="How many items a list may have, or characters a text")
    longest: int = Field(description="How many characters a text, or each text of a list, may have")
    lines: int = Field(description="How many lines a text may have, 0 for any number")
    minimum: float | None
    maximum: float | None
    default: str | bool | None
    example: str | None


class ColumnRead(InputRead):
    """A value of a row; `path` is that within the row, and `required` means: in every row."""

    required_in: str | None = Field(
        description="The part of the row that needs it, once anything of that part is filled"
    )


class QuestionRead(InputRead):
    """A question; `path` is its place in the content, and `required` means: before a case can be submitted."""

    number: str = Field(description="Number in the printed questionnaire")
    also: str | None = Field(description="Number of a second question that it answers")
    order: int = Field(description="Its place among all questions of both forms")
    form: Extent = Field(description="The first form that asks it")
    counted: bool = Field(description="Whether it counts for completeness")
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


class DraftCheck(Schema):
    """A draft to be examined: any JSON object of the questionnaire's shape, as far as it has come."""

    content: dict[str, Any]


class CompletenessRead(BaseModel):
    """How much of each form is answered, in percent."""

    snapshot: int
    full: int


class ReportRead(BaseModel):
    """What a draft still needs; it is `ready` to be submitted when that is nothing."""

    ready: bool
    completeness: CompletenessRead
    findings: list[Finding]
