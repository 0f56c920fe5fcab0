"""HTTP of imports: the secretariat sends a file of records and gets the report on it."""

from dataclasses import dataclass
from pathlib import PurePath
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from services.api.access.callers import Secretariat
from services.api.changes import service as changes
from services.api.exchange.items import Options
from services.api.exchange.receiving import Format, Receiver
from services.api.exchange.schemas import ImportReport
from services.api.forms.types import RecordType, Tier
from services.api.kit.sessions import database_of
from services.api.types import TYPES, default
from services.web.problems import Fault, Invalid, responses

router = APIRouter(prefix="/api/v1", tags=["imports"])

IMPORTS = f"{router.prefix}/imports"
"""Where files are sent, whose bound is another one than that of other bodies."""

MEDIA_TYPES: dict[str, Format] = {
    "application/jsonl": "jsonl",
    "application/x-ndjson": "jsonl",
    "text/csv": "csv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/yaml": "yaml",
}
ENDS: dict[str, Format] = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".xlsx": "xlsx",
    ".yaml": "yaml",
    ".yml": "yaml",
}
_UNTOLD = "application/octet-stream"
_FILE: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}
_BODY: dict[str, Any] = {
    "requestBody": {"required": True, "content": dict.fromkeys((*MEDIA_TYPES, _UNTOLD), _FILE)},
}


@dataclass(frozen=True)
class _Sent:
    """A file and its format."""

    file: bytes
    format: Format


async def _sent(
    request: Request,
    format: Annotated[
        Format | None, Query(description="Format of the file; else told from name or Content-Type")
    ] = None,
    name: Annotated[
        str | None, Query(max_length=300, description="Name of the file, whose end tells its format")
    ] = None,
) -> _Sent:
    media_type = request.headers.get("content-type", "").split(";")[0].strip().lower()
    told = format or ENDS.get(PurePath(name or "").suffix.lower()) or MEDIA_TYPES.get(media_type)
    if told is None:
        message = "not told by this, nor by `name` or `format`: send the file itself as the body, and say what it is"
        fault = Fault(
            location="header", field="Content-Type", message=message, value=media_type, allowed=[*MEDIA_TYPES]
        )
        raise Invalid([fault])
    if not (file := await request.body()):
        raise Invalid([Fault(location="body", field="file", message="empty: send the file itself as the body")])
    return _Sent(file, told)


def _type(
    type: Annotated[
        str | None,
        Query(
            description=f"Type of the records; without it {default().name}",
            json_schema_extra={"enum": [*TYPES]},
        ),
    ] = None,
) -> RecordType | None:
    if type is not None and type not in TYPES:
        message = "no type of record"
        raise Invalid([Fault(location="query", field="type", message=message, value=type, allowed=[*TYPES])])
    return TYPES[type] if type is not None else None


@router.post(
    "/imports",
    response_model=ImportReport,
    responses=responses(401, 403, 408, 413, 422),
    openapi_extra=_BODY,
)
def import_records(
    request: Request,
    caller: Secretariat,
    sent: Annotated[_Sent, Depends(_sent)],
    type: Annotated[RecordType | None, Depends(_type)],
    publish: Annotated[
        bool, Query(description="Make the records public; without it they wait for the secretariat")
    ] = False,
    tier: Annotated[Tier, Query(description="Tier in which those are published that name none")] = "network",
    dry_run: Annotated[bool, Query(description="Only tell what would be done")] = False,
    all_or_nothing: Annotated[bool, Query(description="Take in nothing when one record is wrong")] = False,
) -> Response:
    """Take in a file of records of one type as `praxis import` does; sent again, it changes nothing.

    Records with faults are reported and do not stop the others. 503 while another import is running.
    """
    receiver: Receiver = request.app.state.receiver
    database = database_of(request)
    options = Options(publish=publish, tier=tier, dry_run=dry_run, whole=all_or_nothing, caller=caller)
    report = receiver.receive(database, sent.file, sent.format, options, type)
    answer = Response(report.model_dump_json(), media_type="application/json", headers={"Cache-Control": "no-store"})
    if report.written and publish:
        with database.transaction(write=False) as session:
            answer.headers["Praxis-Seq"] = str(changes.head(session))
    return answer
