"""Languages of the interface: catalogues of gettext, read as they are kept, without a step to build them.

Interface languages are those that the vocabularies are labelled in. Text runs the way of its own language, so a
record in Arabic is shown right to left within a page in French.
"""

from collections.abc import Iterable
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LANGUAGES = {"en": "English", "es": "Español", "fr": "Français", "it": "Italiano"}
"""Code and own name of each language of the interface, the first where nothing else is asked for."""
DEFAULT = "en"

LOCALES = Path(__file__).parent / "locales"


@cache
def translations(lang: str) -> NullTranslations:
    """Return the messages of a language of the interface."""
    path = LOCALES / f"{lang}.po"
    if not path.exists():
        return NullTranslations()
    compiled = BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=lang))
    compiled.seek(0)
    return GNUTranslations(compiled)


def preferred(asked: str | None, kept: str | None, accepted: str) -> str:
    """Choose a language of the interface: the one asked for, else kept, else the first that the browser accepts."""
    weighed = sorted(_weighed(accepted), key=lambda tag: -tag[1])
    for tag in (asked, kept, *(tag for tag, weight in weighed if weight > 0)):
        if tag and (base := tag.split("-")[0].lower()) in LANGUAGES:
            return base
    return DEFAULT


def _weighed(accepted: str) -> Iterable[tuple[str, float]]:
    for part in accepted[:500].split(","):
        tag, _, weight = part.strip().partition(";q=")
        try:
            yield tag, float(weight or 1)
        except ValueError:
            continue


@cache
def direction(tag: str) -> str:
    """Return `rtl` for a language (BCP 47) that is written from right to left, else `ltr`."""
    try:
        return Locale.parse(tag, sep="-").text_direction
    except (ValueError, UnknownLocaleError):
        return "ltr"


@cache
def name(tag: str, lang: str) -> str:
    """Return the name of a language (BCP 47) in a language of the interface; the tag where it has none."""
    try:
        return Locale.parse(tag, sep="-").get_display_name(lang) or tag
    except (ValueError, UnknownLocaleError):
        return tag
