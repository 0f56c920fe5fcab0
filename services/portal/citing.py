"""How a record is cited: as a sentence, and for programs that keep references. Pure."""

import re

from services.portal import record
from services.portal.upstream import Json

_SPECIAL = re.compile(r"([\\{}$&#%_^~])")


def citations(shown: Json, address: str) -> dict[str, str]:
    """Return a plain citation, BibTeX and RIS: by the authorities named, in the year of publication here."""
    title, _ = record.title(shown)
    authors = [authority["name"] for authority in shown["authorities"]] or ["Praxis"]
    year, accessed = shown["published_at"][:4], shown["updated_at"][:10]
    revision = f"revision {shown['revision']}"
    return {
        "text": f"{'; '.join(authors)} ({year}): {title}. Praxis, {revision}, {accessed}. {address}",
        "bibtex": (
            f"@misc{{praxis-{shown['slug']},\n"
            f"  author = {{{' and '.join('{' + _tex(author) + '}' for author in authors)}}},\n"
            f"  title = {{{_tex(title)}}},\n  year = {{{year}}},\n"
            f"  howpublished = {{Praxis}},\n  note = {{{revision}}},\n  url = {{{address}}}\n}}"
        ),
        "ris": "\n".join(
            [
                "TY  - ELEC",
                *(f"AU  - {author}," for author in authors),
                f"TI  - {' '.join(title.split())}",
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
