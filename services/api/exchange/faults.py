"""What is wrong with a record, in the words of its form: path, number of the question, what is allowed."""

from collections.abc import Iterable
from typing import Any

from pydantic import ValidationError

from services.api.exchange.schemas import Rejected, RejectedFault
from services.api.forms.form import Form
from services.web.problems import Fault, fault_of

_MOST = 100
"""Faults of one record that are reported."""


def faults_of(error: ValidationError) -> list[Fault]:
    """Return the faults that checking a record found, each named by its path in the record."""
    entries: list[Any] = list(error.errors()[:_MOST])
    return [fault_of({**entry, "loc": ("record", *entry["loc"])}) for entry in entries]


def rejected(place: str, external_id: str | None, faults: Iterable[Fault], form: Form | None = None) -> Rejected:
    """Return the report's line on a record, and on what has no form."""
    return Rejected(place=place, external_id=external_id, faults=[_reported(fault, form) for fault in faults])


def in_words(line: Rejected) -> list[str]:
    """Return what a person at the command line is told of a rejected record: a line for each fault."""
    about = f"{line.place} ({line.external_id})" if line.external_id else line.place
    return [f"{about}: {_words(fault)}" for fault in line.faults]


def _words(fault: RejectedFault) -> str:
    question = f" (question {fault.question})" if fault.question else ""
    allowed = f" (allowed: {', '.join(fault.allowed)})" if fault.allowed else ""
    return f"{fault.field}{question}: {fault.message}{allowed}"


def _reported(fault: Fault, form: Form | None) -> RejectedFault:
    path = fault.field.removeprefix("content.")
    question = _question(form, path) if form else None
    return RejectedFault(field=path, question=question, message=fault.message, value=fault.value, allowed=fault.allowed)


def _question(form: Form, path: str) -> str | None:
    """Return the number of the question that a path lies in, if it lies in one."""
    steps = path.split(".")
    try:
        return form.question(".".join(steps[2:] if steps[0] == "translations" else steps)).number or None
    except KeyError:
        return None
