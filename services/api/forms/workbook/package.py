"""The file as it was sent: refused unless it is a plain workbook of bounded size, before anything in it is believed."""

import posixpath
from io import BytesIO

from services.api.kit.zipped import Limits, Zipped, refusal

__all__ = ["LIMITS", "Package", "refusal", "target_of"]

LIMITS = Limits(members=500, unpacked=40_000_000, densest=100)

_DANGEROUS = {
    "vbaproject": "macros",
    "/macrosheets/": "macros",
    "/dialogsheets/": "macros",
    "/externallinks/": "links to other files",
    "/embeddings/": "embedded objects",
    "/activex/": "embedded objects",
    "oleobject": "embedded objects",
    "/connections.xml": "links to data elsewhere",
    "/querytables/": "links to data elsewhere",
    "/webextensions/": "add-ins",
}


class Package(Zipped):
    """The members of a filled form; raises `Invalid` or `TooLarge` unless they are those of a plain workbook."""

    def __init__(self, data: bytes) -> None:
        super().__init__(BytesIO(data), LIMITS)
        for name in self.names():
            for part, danger in _DANGEROUS.items():
                if part in f"/{name.casefold()}":
                    raise refusal(name, f"refused: a workbook with {danger} is not taken; remove them")


def target_of(source: str, target: str) -> str:
    """Return the name of the member that a relation of another one leads to."""
    if target.startswith("/"):
        return target.lstrip("/")
    return posixpath.normpath(posixpath.join(posixpath.dirname(source), target))
