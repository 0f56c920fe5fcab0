"""The letter that brings a token by which a password is set: an invitation, or to whoever asked for a new one."""

from urllib.parse import quote

from sqlmodel import Session

from services.api.access import repository, tokens
from services.api.access.rules import Rules
from services.api.kit.moments import now
from services.api.letters import service as letters
from services.api.letters.models import Letter
from services.api.letters.writers import Link, Writer, Written

KIND = "password"
PAGES = {"invitation": "/invitation?token={}", "reset": "/password/reset?token={}"}
"""Where in the portal a password is set."""


def post(session: Session, email: str) -> None:
    """Have a token sent to whom an account of an e-mail belongs, if there is one.

    Whether there is one is looked up when the letter is written, so that whoever asks can tell it by nothing.
    """
    letters.post(session, KIND, email, "en", {})


def writer(rules: Rules) -> Writer:
    """Return what makes the token, and writes the letter that brings it."""

    def write(session: Session, letter: Letter) -> Written | None:
        account = repository.account_of(session, letter.to)
        if account is None:
            return None
        kind, lifetime = ("reset", rules.reset) if account.password_hash else ("invitation", rules.invitation)
        if now() - letter.created_at > lifetime:  # who asked so long ago has asked again, or needs it no more
            return None
        issued = tokens.issue_on_request(session, account, rules, again=letter.attempts > 1)
        if issued is None:
            return None
        letter.language = account.language
        subject, said, label = _WORDS[account.language][kind]
        hours = round(lifetime.total_seconds() / 3600, 1)
        lasts = f"{hours:g} h" if hours < 48 else f"{hours / 24:g} d"
        path = PAGES[kind].format(quote(issued.token, safe=""))
        return Written(subject, [f"{account.name},", said, Link(f"{label} ({lasts})", path)])

    return write


_WORDS = {
    "en": {
        "invitation": (
            "Praxis: your account",
            "You have been given an account of Praxis. Set your password on the page below; the address works once.",
            "Set a password",
        ),
        "reset": (
            "Praxis: a new password",
            "Somebody asked for a new password for your account of Praxis. If that was you, set it on the page below; "
            "the address works once. If not, do nothing: your password stays as it is.",
            "Set another password",
        ),
    },
    "es": {
        "invitation": (
            "Praxis: su cuenta",
            "Se le ha abierto una cuenta de Praxis. Elija su contraseña en la página siguiente; la dirección sirve una "
            "sola vez.",
            "Elegir una contraseña",
        ),
        "reset": (
            "Praxis: nueva contraseña",
            "Alguien ha pedido una nueva contraseña para su cuenta de Praxis. Si ha sido usted, elíjala en la página "
            "siguiente; la dirección sirve una sola vez. Si no, no haga nada: su contraseña no cambia.",
            "Elegir otra contraseña",
        ),
    },
    "fr": {
        "invitation": (
            "Praxis : votre compte",
            "Un compte Praxis vous a été ouvert. Choisissez votre mot de passe sur la page ci-dessous ; l'adresse "
            "n'est valable qu'une fois.",
            "Choisir un mot de passe",
        ),
        "reset": (
            "Praxis : nouveau mot de passe",
            "Quelqu'un a demandé un nouveau mot de passe pour votre compte Praxis. Si c'est vous, choisissez-le sur la "
            "page ci-dessous ; l'adresse n'est valable qu'une fois. Sinon, ne faites rien : votre mot de passe reste "
            "le même.",
            "Choisir un autre mot de passe",
        ),
    },
    "it": {
        "invitation": (
            "Praxis: il suo account",
            "Le è stato creato un account Praxis. Scelga la password nella pagina seguente; l'indirizzo vale una sola "
            "volta.",
            "Scegliere una password",
        ),
        "reset": (
            "Praxis: nuova password",
            "Qualcuno ha chiesto una nuova password per il suo account Praxis. Se è stato lei, la scelga nella pagina "
            "seguente; l'indirizzo vale una sola volta. Altrimenti non faccia nulla: la password resta la stessa.",
            "Scegliere un'altra password",
        ),
    },
}
