"""How people and their parts are called."""

from collections.abc import Callable
from typing import Any


def _(message: str) -> str:
    """Mark a message to be translated where it is shown."""
    return message


ROLES = {
    "officer": _("Officer of an authority"),
    "reviewer": _("Reviewer"),
    "secretariat": _("Secretariat"),
    "admin": _("Administrator"),
}


def template_globals(translate: Callable[[str], str]) -> dict[str, Any]:
    """Return what templates call people's parts."""
    return {"role_label": lambda role: translate(ROLES.get(str(role), str(role)))}
