"""What people hear of by letter, in words."""

from services.portal.upstream import Json


def _(message: str) -> str:
    """Mark a message to be translated where it is shown."""
    return message


KINDS = {
    "waits-for-me": _("A case waits for me"),
    "decided": _("A case of my authority was decided on"),
    "commented": _("Somebody commented on a case"),
    "invited": _("I am asked to review a case"),
    "claimed": _("An office asks for a case"),
    "granted": _("What I asked for was granted or refused"),
}
STOPPABLE = KINDS | {"followed-search": _("A search that I follow by e-mail")}
"""What letters that can be stopped are about, those to readers without an account too."""
OFTEN = {
    "at-once": _("At once"),
    "daily": _("Once a day"),
    "weekly": _("Once a week"),
    "never": _("Never"),
}
OTHER = _("Other letters of Praxis")
"""Says what letters are about whose kind has no name here."""


def choices(often: Json) -> list[tuple[str, str, str]]:
    """Return of each kind its code, its name and how often it is told of."""
    return [(kind, KINDS.get(kind, kind), chosen) for kind, chosen in often.items()]


def named(kinds: list[str]) -> list[str]:
    """Return what letters are about, in words."""
    return list(dict.fromkeys(STOPPABLE.get(kind, OTHER) for kind in kinds))
