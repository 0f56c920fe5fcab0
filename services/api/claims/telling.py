"""What people are told of claims and of hand-overs."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import Session

from services.api.access import accounts
from services.api.access.service import Caller
from services.api.authorities import service as authorities
from services.api.claims.models import RecordClaim
from services.api.notices import service as notices
from services.api.notices.kinds import Kind
from services.api.records import publishing
from services.api.records import service as records
from services.api.records.models import Record

MOST = 200
"""People of one side who are told of the same."""
ASKED = {
    "en": "{office} says that this case is theirs: {statement}",
    "es": "{office} dice que este caso es suyo: {statement}",
    "fr": "{office} dit que ce cas est le sien : {statement}",
    "it": "{office} dice che questa scheda è sua: {statement}",
}
GRANTED = {
    "en": "The case is yours: you can revise it from now on.",
    "es": "El caso es suyo: desde ahora puede revisarlo.",
    "fr": "Le cas est le vôtre : vous pouvez désormais le réviser.",
    "it": "La scheda è vostra: da ora potete rivederla.",
}
REFUSED = {
    "en": "The case was not given to you: {reason}",
    "es": "No se le ha dado el caso: {reason}",
    "fr": "Le cas ne vous a pas été attribué : {reason}",
    "it": "La scheda non vi è stata assegnata: {reason}",
}
GIVEN = {
    "en": "Your office keeps this case from now on: {reason}",
    "es": "Su oficina se encarga de este caso desde ahora: {reason}",
    "fr": "Votre service s'occupe désormais de ce cas : {reason}",
    "it": "Il vostro ufficio si occupa da ora di questa scheda: {reason}",
}
ALL_GIVEN = {
    "en": "Your office keeps its records and cases from now on, {number} in all: {reason}",
    "es": "Su oficina se encarga desde ahora de sus registros y casos, {number} en total: {reason}",
    "fr": "Votre service s'occupe désormais de ses fiches et de ses cas, {number} en tout : {reason}",
    "it": "Il vostro ufficio si occupa da ora di tutte le sue schede, {number} in tutto: {reason}",
}


def of_a_claim(session: Session, by: Caller, claim: RecordClaim) -> None:
    """Tell the secretariat that an office asks for a record."""
    desk = [one.id for one in accounts.page(session, "secretariat", None, True, None, None, MOST)]
    said = {"office": authorities.get(session, claim.authority_id).name, "statement": claim.statement}
    _tell(
        session,
        "claimed",
        desk,
        by,
        _title(session, records.get(session, claim.record_id)),
        "/desk/claims",
        ASKED,
        said,
    )


def of_a_decision(session: Session, by: Caller, claim: RecordClaim) -> None:
    """Tell the office that asked what became of its claim."""
    text = GRANTED if claim.state == "granted" else REFUSED
    title = _title(session, records.get(session, claim.record_id))
    path, office = f"/contribute/claims/{claim.id}", _office(session, claim.authority_id)
    _tell(session, "granted", office, by, title, path, text, {"reason": claim.reason or ""})


def of_a_hand_over(session: Session, by: Caller, record: Record, to: UUID, reason: str) -> None:
    """Tell an office that a record is its own from now on, which it did not ask for."""
    title, office = _title(session, record), _office(session, to)
    _tell(
        session,
        "decided",
        office,
        by,
        title,
        f"/contribute?owner={authorities.slug(session, to)}",
        GIVEN,
        {"reason": reason},
    )


def of_all(session: Session, by: Caller, ended: str, to: UUID, number: int, reason: str) -> None:
    """Tell an office that all that another one had is its own from now on."""
    said = {"number": str(number), "reason": reason}
    path = f"/contribute?owner={authorities.slug(session, to)}"
    _tell(session, "decided", _office(session, to), by, ended, path, ALL_GIVEN, said)


def _tell(
    session: Session,
    kind: Kind,
    people: Sequence[UUID],
    by: Caller,
    title: str,
    path: str,
    text: dict[str, str],
    said: dict[str, str],
) -> None:
    worded = {language: words.format(**said) for language, words in text.items()}
    notices.tell(session, kind, people, title=title, path=path, text=worded, by=by)


def _office(session: Session, authority_id: UUID) -> list[UUID]:
    return [one.id for one in accounts.page(session, "officer", authority_id, True, None, None, MOST)]


def _title(session: Session, record: Record) -> str:
    """Return the public title of a record in its own language, its slug when it is not public."""
    titles = publishing.titles(session, [record.id]).get(record.id, {})
    return next(iter(titles.values()), record.slug or str(record.id))
