"""A record as files hold it, the line of the report on one that was rejected, and the report to a request."""

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, Literal, cast, get_args

from pydantic import BaseModel, Field, create_model, model_validator
from pydantic_core import PydanticCustomError

from services.api.forms.types import RecordType, Tier
from services.api.kit.schema import Text
from services.api.records import schemas
from services.api.records.schemas import RecordCreate

Outcome = Literal["added", "changed", "published", "unchanged", "edited here and kept", "rejected"]
KEPT: Outcome = "edited here and kept"

ExternalId = Annotated[str, Text(200, lines=False)]
"""The name under which a record is known where it comes from."""


class ImportedRecord(RecordCreate):
    """A record in a file, known by its external id in every run.

    Without `translations`, those that are here stay; an empty mapping removes them.
    """

    external_id: ExternalId = Field(description="Name under which the record is known where it comes from")
    tier: Tier | None = Field(None, description="In which tier it is made public, when it is")

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


Model = type[ImportedRecord]


@cache
def imported(type: RecordType) -> Model:
    """Return the model of a type's records in files."""
    bases: Any = (schemas.of(type).create, ImportedRecord)
    made: Any = create_model(f"Imported{schemas.of(type).create.__name__}", __base__=bases)
    return cast(Model, made)


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


class ListedRejection(Rejected):
    """A rejected record in the answer to a request: its first faults, and how many more it has."""

    more_faults: int = Field(description="Faults of this record that are not listed")


class Outcomes(BaseModel):
    """How many records there were of each outcome."""

    added: int
    changed: int
    published: int = Field(description="Unchanged, and made public or lifted to a higher tier")
    unchanged: int
    kept: int = Field(description="They differ, but people edited them here: theirs stays")
    rejected: int

    @classmethod
    def of(cls, done: Mapping[Outcome, int]) -> "Outcomes":
        """Return the numbers as they are shown."""
        counts = {"kept" if what == KEPT else what: done.get(what, 0) for what in get_args(Outcome)}
        return cls(**counts)


class ImportReport(BaseModel):
    """What an import did, or would do."""

    written: bool = Field(description="False for a dry run, and for all or nothing that came to nothing")
    complete: bool = Field(description="False when the time was up: the rest is taken in when the file is sent again")
    records: int = Field(description="Records that were dealt with")
    outcomes: Outcomes
    rejected: list[ListedRejection] = Field(description="The first rejected records, in the order of the file")
    more_rejected: int = Field(description="Rejected records that are not listed")
