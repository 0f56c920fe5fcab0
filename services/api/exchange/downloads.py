"""HTTP of exports: all records of a type as one file, the public ones for everybody."""

from collections.abc import Mapping
from io import BytesIO
from threading import Lock
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response

from services.api.access.callers import Anybody
from services.api.exchange import exporting
from services.api.exchange.entries import Unwritable
from services.api.exchange.exporting import Asked, TooMany
from services.api.exchange.sources import FORMATS
from services.api.forms.types import RecordType
from services.api.kit.db import Database
from services.api.kit.schema import Language
from services.api.kit.sessions import database_of
from services.web.problems import Fault, Forbidden, Invalid, TooLarge, Unauthorized, Unavailable, responses

PREFIX = "/api/v1"
RETRY_AFTER = 5
State = Literal["published", "all"]
StateQuery = Annotated[
    State, Query(description="published: as everybody sees them; all: drafts too, for the secretariat, to bring back")
]
Lang = Annotated[Language | None, Query(description="Language to read them in; such a copy cannot be imported")]
Template = Annotated[bool, Query(description="Only the headings, to be filled in; `lang` is that of their notes")]


class JsonLines(Response):
    """Records, one a line."""

    media_type = "application/jsonl"


class Csv(Response):
    """Records, one a row."""

    media_type = "text/csv"


class Xlsx(Response):
    """Records, one a row of an Excel workbook."""

    media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Yaml(Response):
    """Records, one a document."""

    media_type = "application/yaml"


FILES: Mapping[str, type[Response]] = {"jsonl": JsonLines, "yaml": Yaml}
TABLES: Mapping[str, type[Response]] = {"csv": Csv, "xlsx": Xlsx}


class Sender:
    """Writes one file at a time for everybody and one for the secretariat, of at most so many records."""

    def __init__(self, most_records: int) -> None:
        self._most = most_records
        self.busy: dict[State, Lock] = {"published": Lock(), "all": Lock()}

    def file(
        self, database: Database, type: RecordType, format: str, state: State, lang: str | None, template: bool
    ) -> bytes:
        """Return a file; raise `Unavailable` while another is written, `TooLarge` and `Invalid` for what none holds."""
        if not self.busy[state].acquire(blocking=False):
            raise Unavailable("Another file is being written; ask again when it is done", RETRY_AFTER)
        asked = Asked(state == "published", lang, type, named=state == "all", most=self._most, template=template)
        file = BytesIO()
        try:
            with database.transaction(write=False) as session:
                exporting.write(session, file, FORMATS[f".{format}"], type, asked)
        except TooMany:
            raise TooLarge(
                f"There are more than {self._most} records: read them page by page or by the change feed, or let "
                "whoever runs this installation write them with `praxis export`"
            ) from None
        except Unwritable as refused:
            raise Invalid([Fault(location="path", field="format", message=str(refused))]) from None
        finally:
            self.busy[state].release()
        return file.getvalue()


def router(type: RecordType) -> APIRouter:
    """Return the addresses of a type's files: `/api/v1/practices.csv` and so on."""
    routes = APIRouter(prefix=PREFIX, tags=[type.plural])
    for format, answer in FILES.items():
        _add(routes, type, format, answer)
    for format, answer in TABLES.items():
        _add_table(routes, type, format, answer)
    return routes


def _add(routes: APIRouter, of: RecordType, format: str, answer: type[Response]) -> None:
    @routes.get(f"/{of.plural}.{format}", name=_name(of, format), response_class=answer, responses=_REFUSALS)
    def export(request: Request, caller: Anybody, state: StateQuery = "published", lang: Lang = None) -> Response:
        """All records of this type in one file, as `praxis export` writes it."""
        return _sent(request, caller, of, format, answer, state, lang)


def _add_table(routes: APIRouter, of: RecordType, format: str, answer: type[Response]) -> None:
    @routes.get(f"/{of.plural}.{format}", name=_name(of, format), response_class=answer, responses=_REFUSALS)
    def export(
        request: Request,
        caller: Anybody,
        state: StateQuery = "published",
        lang: Lang = None,
        template: Template = False,
    ) -> Response:
        """All records of this type in one table, as `praxis export` writes it; or its headings, to be filled in."""
        return _sent(request, caller, of, format, answer, state, lang, template)


_REFUSALS = responses(401, 403, 413, 422)


def _name(of: RecordType, format: str) -> str:
    return f"export_{of.plural.replace('-', '_')}_{format}"


def _sent(
    request: Request,
    caller: Anybody,
    of: RecordType,
    format: str,
    answer: type[Response],
    state: State,
    lang: str | None,
    template: bool = False,
) -> Response:
    if state == "all" and caller is None:
        raise Unauthorized("Only the secretariat has all records: send its token as `Authorization: Bearer praxis_…`")
    if state == "all" and not (caller and caller.is_secretariat):
        raise Forbidden("Only the secretariat has all records")
    sender: Sender = request.app.state.sender
    file = sender.file(database_of(request), of, format, state, lang, template)
    headers = {"Content-Disposition": f'attachment; filename="{of.plural}.{format}"'}
    return answer(file, headers=headers | ({"Cache-Control": "no-store"} if state == "all" else {}))
