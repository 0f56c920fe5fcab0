"""How claims are shown."""

from collections.abc import Sequence
from typing import Any

from sqlmodel import Session

from services.api.access import service as access
from services.api.access.service import Caller
from services.api.authorities import service as authorities
from services.api.claims.models import RecordClaim
from services.api.kit.moments import rfc3339
from services.api.records import parties, publishing
from services.api.records import service as records

Json = dict[str, Any]


def claims(session: Session, caller: Caller, found: Sequence[RecordClaim]) -> list[Json]:
    """Return claims as those see them who may (`ClaimRead`)."""
    ids = {one.record_id for one in found}
    of, owner = records.several(session, ids), parties.owners(session, ids)
    titles = publishing.titles(session, ids)
    known = authorities.several(session, {one.authority_id for one in found} | {*owner.values()})
    names = access.names(session, {who for one in found for who in (one.asked_by, one.decided_by) if who})

    def person(id: str) -> Json:
        return {"id": id, "name": names.get(id, id)}

    shown = []
    for one in found:
        record, authority = of[one.record_id], known[one.authority_id]
        whose = owner.get(record.id)
        shown.append(
            {
                "type": "claim",
                "id": str(one.id),
                "version": one.version,
                "record": {
                    "type": record.type,
                    "id": str(record.id),
                    "slug": record.slug,
                    "title": titles.get(record.id, {}),
                    "owner": known[whose].slug if whose else None,
                },
                "authority": {"id": str(authority.id), "slug": authority.slug, "name": authority.name},
                "state": one.state,
                "statement": one.statement,
                "asked_at": rfc3339(one.asked_at),
                "asked_by": person(one.asked_by),
                "decided_at": rfc3339(one.decided_at) if one.decided_at else None,
                "decided_by": person(one.decided_by) if one.decided_by else None,
                "reason": one.reason,
                "actions": _actions(caller) if one.state == "asked" else [],
            }
        )
    return shown


def _actions(caller: Caller) -> list[str]:
    return ["grant", "refuse"] if caller.is_secretariat else ["withdraw"]
