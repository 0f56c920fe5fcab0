"""How people and their parts are called."""


def _(message: str) -> str:
    """Mark a message to be translated where it is shown."""
    return message


ROLES = {
    "officer": _("Officer of an authority"),
    "reviewer": _("Reviewer"),
    "secretariat": _("Secretariat"),
    "admin": _("Administrator"),
}
