"""Bodies of the practices room."""

from typing import Annotated

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from services.api.kit.schema import Language, LongText, Schema
from services.api.practices.content import PracticeContent, filled
from services.api.vocabularies.terms import Term

TextPath = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z_]+\.[a-z_]+(\[[0-9]+\])?$", max_length=80),
    Field(examples=["initiative.title", "how.summary", "how.objectives[0]"]),
]


class Translation(Schema):
    """One field's text in another language, and whether a person or a machine translated it."""

    text: LongText
    status: Annotated[str, Term("translation-statuses")]


Translations = dict[Language, dict[TextPath, Translation]]
"""Translated texts: language -> path of the field -> text."""


class PracticeWrite(Schema):
    """A practice as it is handed in: the questionnaire and its translations."""

    content: PracticeContent
    translations: Annotated[Translations, Field(max_length=50)] = {}

    @model_validator(mode="after")
    def _translated_fields_exist(self) -> "PracticeWrite":
        for language, fields in self.translations.items():
            if language == self.content.language:
                raise PydanticCustomError(
                    "own_language", "translations.{language}: the record is written in it", {"language": language}
                )
            for path in fields:
                if not filled(self.content, path):
                    raise PydanticCustomError(
                        "empty_field",
                        "translations.{language} names '{path}', which is not a filled field of the questionnaire",
                        {"language": language, "path": path},
                    )
        return self
