"""Claims in words: where one stands, and what an office or the secretariat is told of it. Pure."""

from collections.abc import Callable
from typing import Any

from services.portal.upstream import Json


def _(message: str) -> str:
    """Mark a message to be translated where it is shown."""
    return message


STATES = {
    "asked": _("Waits for the secretariat"),
    "granted": _("Granted"),
    "refused": _("Not granted"),
    "withdrawn": _("Withdrawn"),
}
MEANINGS = {
    "asked": _("The secretariat has been told, and decides. You are told what became of it."),
    "granted": _("The case is yours: you revise it from now on, and it is published as yours."),
    "refused": _("The case stays where it is. Ask again when there is more to say."),
    "withdrawn": _("You took it back. You can ask again."),
}
"""What each state means to the office that asks."""


def shown(claim: Json, plurals: dict[str, str], lang: str) -> Json:
    """Return a claim with what its pages show: `title`, `title_language`, and the addresses of its record.

    `plurals` tells how records of each type are called in addresses.
    """
    record, titles = claim["record"], claim["record"]["title"]
    plural = plurals.get(record["type"], record["type"])
    language = lang if lang in titles else next(iter(titles), None)
    return claim | {
        "title": titles[language] if language else record["slug"] or record["id"],
        "title_language": language or lang,
        "public_path": f"/{plural}/{record['slug']}" if titles else None,
        "hand_over_path": f"/desk/hand-over/{plural}/{record['id']}",
    }


def template_globals(translate: Callable[[str], str]) -> dict[str, Any]:
    """Return what templates call the states of claims, and what these mean."""
    return {
        "claim_label": lambda state: translate(STATES[str(state)]),
        "claim_meaning": lambda state: translate(MEANINGS[str(state)]),
    }
