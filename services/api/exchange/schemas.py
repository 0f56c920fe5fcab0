"""A record as files hold it, and the line of the report on one that was rejected."""

from typing import Annotated, Any

from pydantic import BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError

from services.api.kit.schema import Text
from services.api.practices.schemas import PracticeCreate
from services.api.vocabularies.terms import Term

ExternalId = Annotated[str, Text(200, lines=False)]
"""The name under which a record is known where it comes from."""


class ImportedPractice(PracticeCreate):
    """A practice in a file, known by its external id in every run.

    Without `translations`, those that are here stay; an empty mapping removes them.
    """

    external_id: ExternalId = Field(description="Name under which the record is known where it comes from")
    tier: Annotated[str, Term("publication-tiers")] | None = Field(
        None, description="In which tier it is made public, when it is"
    )

    @model_validator(mode="before")
    @classmethod
    def _no_copy(cls, data: Any) -> Any:
        if isinstance(data, dict) and data.get("localized") is not None:
            raise PydanticCustomError(
                "localized",
                "This is a copy to be read in one language: import an export made without --lang",
                {"at": "localized"},
            )
        return data


class RejectedFault(BaseModel):
    """One fault of a rejected record: where, what is wrong, and what is allowed."""

    field: str
    question: str | None
    message: str
    value: str | None
    allowed: list[str] | None


class Rejected(BaseModel):
    """One line of the report."""

    place: str
    external_id: str | None
    faults: list[RejectedFault]

    @classmethod
    def of_source(cls, place: str, message: str) -> "Rejected":
        """Return the line on a source that could not be read to its end."""
        fault = RejectedFault(field="source", question=None, message=message, value=None, allowed=None)
        return cls(place=place, external_id=None, faults=[fault])
