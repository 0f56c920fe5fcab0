"""POSTs that may be repeated: the same Idempotency-Key gets the same answer, and the act happens once."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Annotated

from fastapi import Header, Request, Response
from pydantic import BaseModel
from sqlmodel import Session

from services.api.access import repository
from services.api.access.models import GivenAnswer
from services.api.access.service import Caller
from services.api.kit.db import lock
from services.api.kit.moments import now
from services.web.problems import Fault, Invalid

KEPT = timedelta(days=1)

IdempotencyKey = Annotated[
    str | None,
    Header(min_length=1, max_length=200, pattern=r"^[\x21-\x7e]+$", description="Any name of this request, kept a day"),
]


def once(
    session: Session,
    caller: Caller,
    request: Request,
    key: str | None,
    body: BaseModel | None,
    act: Callable[[], Response],
) -> Response:
    """Do `act` and keep its answer under the key, or give the answer kept; 422 when another request used the key.

    The same request sent twice at once waits for the first: it gets that answer, or acts if the first one failed.
    """
    if key is None:
        return act()
    content = body.model_dump_json().encode() if body else b""
    fingerprint = hashlib.sha256(
        f"{request.method} {request.url.path} {request.headers.get('if-match', '')}\n".encode() + content
    ).hexdigest()
    lock(session, f"answer {caller.id} {key}")
    given = repository.given_answer(session, caller.id, key)
    if given is None or given.at < now() - KEPT:
        repository.forget_answer(session, caller.id, key)
        repository.forget_answers(session, now() - KEPT)
        answer = act()
        headers = {name: value for name, value in answer.headers.items() if name != "content-length"}
        repository.add(
            session,
            GivenAnswer(
                caller=caller.id,
                key=key,
                fingerprint=fingerprint,
                status=answer.status_code,
                headers=headers,
                body=bytes(answer.body),
                at=now(),
            ),
        )
        return answer
    if given.fingerprint != fingerprint:
        raise Invalid(
            [Fault(location="header", field="Idempotency-Key", message="was used for another request; take a new one")]
        )
    return Response(given.body, given.status, {**given.headers, "Idempotent-Replayed": "true"})
