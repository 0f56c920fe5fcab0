"""A record on its way into the base, and what was asked for."""

from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from services.api.access.service import OPERATOR, Caller
from services.api.exchange.entries import Entry
from services.api.exchange.faults import faults_of
from services.api.exchange.schemas import Outcome
from services.api.forms.types import Tier
from services.web.problems import Fault

Body = TypeVar("Body", bound=BaseModel)


@dataclass(frozen=True)
class Options:
    """How records are taken in."""

    publish: bool = False
    """Make them public; without it new ones wait for the secretariat."""
    tier: Tier = "network"
    """The tier in which those are published that name none."""
    dry_run: bool = False
    """Only tell what would be done."""
    whole: bool = False
    """Take in all of them, in one transaction, or none."""
    caller: Caller = OPERATOR
    """Whose writes of records they are in the trail."""


@dataclass
class Item(Generic[Body]):
    """A record that was read, and what became of it."""

    entry: Entry
    name: str | None
    """External id or slug that it gives, right or wrong."""
    record: Body | None = None
    """None while it is unchecked: what a row makes of a record is known when that has been read."""
    faults: list[Fault] = field(default_factory=list)
    outcome: Outcome = "rejected"

    @property
    def checked(self) -> Body:
        """The record of an item without faults."""
        assert self.record is not None  # noqa: S101 - none is without a record and without faults
        return self.record

    def check(self, model: type[Body], data: Any) -> bool:
        """Take data for the record when a model does, else its faults; tell whether something required is missing."""
        try:
            self.record = model.model_validate(data)
        except ValidationError as error:
            self.faults += faults_of(error)
            return any(one["type"] == "missing" for one in error.errors())
        return False

    def reject(self, field: str, message: str, value: str | None = None, allowed: list[str] | None = None) -> None:
        """Add a fault."""
        self.faults.append(Fault(location="record", field=field, message=message, value=value, allowed=allowed))
