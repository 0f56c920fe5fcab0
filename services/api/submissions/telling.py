"""Who is told of what happens to a case: those whose move it is, those whose case it is, those who read a comment."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session

from services.api.access import accounts as people
from services.api.access.service import Caller
from services.api.kit.workflow import Action, Part, Turn
from services.api.notices import service as notices
from services.api.notices.kinds import Kind
from services.api.submissions import service
from services.api.submissions.models import Submission, SubmissionComment

PAGE = "/contribute/{id}"
_REVIEWS: frozenset[Part] = frozenset(("reviewer",))
DECISIONS: frozenset[Action] = frozenset(("approve", "request-changes", "reject", "publish", "archive", "reopen"))
"""Steps of which the office hears though it waits for none of them."""


@dataclass(frozen=True)
class Before:
    """Whose move it was before a step, and who reviewed."""

    turn: str | None = None
    reviewer: str | None = None


def of_step(session: Session, caller: Caller, submission: Submission, action: Action, before: Before) -> None:
    """Tell of a step that was taken: the office of a decision, and whose move it is now unless it was before."""
    if action in DECISIONS and "office" not in service.parts(caller, submission):
        _tell(session, "decided", _office(session, submission), submission, _DECIDED[action], caller)
        told = "office"
    else:
        told = None
    if submission.turn == "reviewer" and submission.reviewer != before.reviewer:
        _tell(session, "invited", _reviewer(submission), submission, _INVITED, caller)
    elif submission.turn not in (None, before.turn, told):
        waits(session, caller, submission)


def waits(session: Session, caller: Caller, submission: Submission) -> None:
    """Tell those whose move it is, and their colleagues unless one of them has made it theirs."""
    turn: Turn | None = submission.turn  # type: ignore[assignment]  # its column says so
    if turn == "office" and "office" not in service.parts(caller, submission):
        _tell(session, "waits-for-me", _office(session, submission), submission, _WAITS["office"], caller)
    elif turn == "secretariat":
        _tell(session, "waits-for-me", people.secretariat(session), submission, _WAITS["secretariat"], caller)
    elif turn == "reviewer":
        _tell(session, "waits-for-me", _reviewer(submission), submission, _WAITS["reviewer"], caller)


def of_comment(session: Session, caller: Caller, submission: Submission, comment: SubmissionComment) -> None:
    """Tell of a comment those who read it: an internal one only its own side and the secretariat."""
    told = set(people.secretariat(session))
    if comment.internal != "review":
        told |= _office(session, submission)
    if comment.internal != "office" and comment.revision in service.handed_in(session, submission):
        told |= _reviewer(submission)
    _tell(session, "commented", told, submission, _COMMENTED, caller)


def _tell(
    session: Session, kind: Kind, whom: set[UUID], submission: Submission, text: Mapping[str, str], by: Caller
) -> None:
    path, reviewers = PAGE.format(id=submission.id), whom & _reviewer(submission)
    notices.tell(session, kind, whom - reviewers, title=submission.title, path=path, text=text, by=by)
    if reviewers:  # who do not see what is being written, not even its title
        shown = service.shown_otherwise(session, [submission], {submission.id: _REVIEWS}).get(submission.id)
        title = shown["title"] if shown else submission.title
        notices.tell(session, kind, reviewers, title=title, path=path, text=text, by=by)


def _office(session: Session, submission: Submission) -> set[UUID]:
    owner = service.owner_of(service.parties(submission))
    return people.officers(session, owner) if owner else set()


def _reviewer(submission: Submission) -> set[UUID]:
    """Return who reviews, where that is a person: machines read no letters."""
    try:
        return {UUID(submission.reviewer or "")}
    except ValueError:
        return set()


_INVITED = {
    "en": "You are asked to review this case",
    "es": "Se le pide que revise este caso",
    "fr": "Il vous est demandé d'examiner ce cas",
    "it": "Le viene chiesto di esaminare questo caso",
}
_COMMENTED = {
    "en": "A new comment",
    "es": "Un comentario nuevo",
    "fr": "Un nouveau commentaire",
    "it": "Un nuovo commento",
}
_WAITS: Mapping[Turn, Mapping[str, str]] = {
    "office": {
        "en": "It waits for your office",
        "es": "Espera a su oficina",
        "fr": "Il attend votre service",
        "it": "Attende il suo ufficio",
    },
    "secretariat": {
        "en": "It waits for the secretariat",
        "es": "Espera a la secretaría",
        "fr": "Il attend le secrétariat",
        "it": "Attende la segreteria",
    },
    "reviewer": {
        "en": "It waits for your review",
        "es": "Espera su revisión",
        "fr": "Il attend votre examen",
        "it": "Attende il suo esame",
    },
}
_DECIDED: Mapping[Action, Mapping[str, str]] = {
    "approve": {
        "en": "Approved by a peer",
        "es": "Aprobado por un par",
        "fr": "Approuvé par un pair",
        "it": "Approvato da un pari",
    },
    "request-changes": {
        "en": "Changes are asked for",
        "es": "Se piden cambios",
        "fr": "Des modifications sont demandées",
        "it": "Sono richieste modifiche",
    },
    "reject": {"en": "Rejected", "es": "Rechazado", "fr": "Rejeté", "it": "Respinto"},
    "publish": {"en": "Published", "es": "Publicado", "fr": "Publié", "it": "Pubblicato"},
    "archive": {"en": "Archived", "es": "Archivado", "fr": "Archivé", "it": "Archiviato"},
    "reopen": {"en": "Opened again", "es": "Reabierto", "fr": "Rouvert", "it": "Riaperto"},
}
