"""How a practice is cited: as a sentence, and for programs that keep references. Pure."""

import re

from services.portal.record import title
from services.portal.upstream import Json

_SPECIAL = re.compile(r"([\\{}$&#%_^~])")


def citations(practice: Json, address: str) -> dict[str, str]:
    """Return a plain citation, BibTeX and RIS: by the authorities named, in the year of publication here."""
    authors = [authority["name"] for authority in practice["authorities"]] or ["Praxis"]
    year, accessed = practice["published_at"][:4], practice["updated_at"][:10]
    revision = f"revision {practice['revision']}"
    return {
        "text": f"{'; '.join(authors)} ({year}): {title(practice)}. Praxis, {revision}, {accessed}. {address}",
        "bibtex": (
            f"@misc{{praxis-{practice['slug']},\n"
            f"  author = {{{' and '.join('{' + _tex(author) + '}' for author in authors)}}},\n"
            f"  title = {{{_tex(title(practice))}}},\n  year = {{{year}}},\n"
            f"  howpublished = {{Praxis}},\n  note = {{{revision}}},\n  url = {{{address}}}\n}}"
        ),
        "ris": "\n".join(
            [
                "TY  - ELEC",
                *(f"AU  - {author}," for author in authors),
                f"TI  - {' '.join(title(practice).split())}",
                f"PY  - {year}",
                "PB  - Praxis",
                f"N1  - {revision}",
                f"UR  - {address}",
                "ER  - ",
            ]
        ),
    }


def _tex(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
