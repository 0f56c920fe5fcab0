"""What people are told of cases on their way."""

from sqlmodel import Session

from services.api.access import accounts
from services.api.access.service import Caller
from services.api.notices import service as notices
from services.api.submissions.models import Submission

MOST = 200
"""People of one side who are told of the same."""
WITHOUT_REVIEWER = {
    "en": "Its reviewer can judge it no more. It waits for you: hand it to another one, or judge it yourselves.",
    "es": "Quien lo revisaba ya no puede juzgarlo. Espera por ustedes: pásenlo a otra persona o júzguenlo ustedes.",
    "fr": "La personne qui l'examinait ne peut plus le juger. Il vous attend : confiez-le à une autre, ou jugez-le.",
    "it": "Chi la esaminava non può più giudicarla. Aspetta voi: affidatela a un'altra persona, o giudicatela voi.",
}


def of_a_case_without_reviewer(session: Session, by: Caller, case: Submission) -> None:
    """Tell the secretariat that a case waits for it, since its reviewer can judge it no more."""
    desk = accounts.page(session, "secretariat", None, True, None, None, MOST)
    notices.tell(
        session,
        "waits-for-me",
        [one.id for one in desk],
        title=case.title,
        path=f"/contribute/{case.id}",
        text=WITHOUT_REVIEWER,
        by=by,
    )
