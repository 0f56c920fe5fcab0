"""What people are told of claims and of hand-overs: a first line that says what happened, then why."""

from collections.abc import Collection, Mapping
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
from services.api.submissions.models import Submission

ASKED = {
    "en": "{office} says that this case is theirs\n{statement}",
    "es": "{office} dice que este caso es suyo\n{statement}",
    "fr": "{office} dit que ce cas est le sien\n{statement}",
    "it": "{office} dice che questa scheda è sua\n{statement}",
}
GRANTED = {
    "en": "The case is yours\nYou can revise it from now on.",
    "es": "El caso es suyo\nDesde ahora puede revisarlo.",
    "fr": "Le cas est le vôtre\nVous pouvez désormais le réviser.",
    "it": "La scheda è vostra\nDa ora potete rivederla.",
}
REFUSED = {
    "en": "The case was not given to you\n{reason}",
    "es": "No se le ha dado el caso\n{reason}",
    "fr": "Le cas ne vous a pas été attribué\n{reason}",
    "it": "La scheda non vi è stata assegnata\n{reason}",
}
GIVEN = {
    "en": "Your office keeps this case from now on\n{reason}",
    "es": "Su oficina se encarga de este caso desde ahora\n{reason}",
    "fr": "Votre service s'occupe désormais de ce cas\n{reason}",
    "it": "Il vostro ufficio si occupa da ora di questa scheda\n{reason}",
}
ALL_GIVEN = {
    "en": "Your office keeps its records and cases from now on, {number} in all\n{reason}",
    "es": "Su oficina se encarga desde ahora de sus registros y casos, {number} en total\n{reason}",
    "fr": "Votre service s'occupe désormais de ses fiches et de ses cas, {number} en tout\n{reason}",
    "it": "Il vostro ufficio si occupa da ora di tutte le sue schede, {number} in tutto\n{reason}",
}


def of_a_claim(session: Session, by: Caller, claim: RecordClaim) -> None:
    """Tell the secretariat that an office asks for a record."""
    said = {"office": authorities.get(session, claim.authority_id).name, "statement": claim.statement}
    title, desk = _title(session, claim.record_id), accounts.secretariat(session)
    _tell(session, by, "claimed", desk, title, "/desk/claims", ASKED, said)


def of_a_decision(session: Session, by: Caller, claim: RecordClaim) -> None:
    """Tell the office that asked what became of its claim."""
    text = GRANTED if claim.state == "granted" else REFUSED
    title, office = _title(session, claim.record_id), accounts.officers(session, claim.authority_id)
    _tell(session, by, "granted", office, title, f"/contribute/claims/{claim.id}", text, {"reason": claim.reason or ""})


def of_a_hand_over(session: Session, by: Caller, case: Submission, to: UUID, reason: str) -> None:
    """Tell an office that a case is its own from now on, for which it did not ask."""
    path, office = f"/contribute/{case.id}", accounts.officers(session, to)
    _tell(session, by, "decided", office, case.title, path, GIVEN, {"reason": reason})


def of_all(session: Session, by: Caller, ended: str, to: UUID, number: int, reason: str) -> None:
    """Tell an office that all that another one had is its own from now on."""
    said, path = {"number": str(number), "reason": reason}, f"/contribute?owner={authorities.slug(session, to)}"
    _tell(session, by, "decided", accounts.officers(session, to), ended, path, ALL_GIVEN, said)


def _tell(
    session: Session,
    by: Caller,
    kind: Kind,
    people: Collection[UUID],
    title: str,
    path: str,
    text: Mapping[str, str],
    said: Mapping[str, str],
) -> None:
    worded = {language: words.format_map(said) for language, words in text.items()}
    notices.tell(session, kind, people, title=title, path=path, text=worded, by=by)


def _title(session: Session, record_id: UUID) -> str:
    """Return the public title of a record in its own language, its slug or id when it is not public."""
    titles = publishing.titles(session, [record_id]).get(record_id, {})
    return next(iter(titles.values()), records.get(session, record_id).slug or str(record_id))
