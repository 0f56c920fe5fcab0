"""`make messages`: gather the portal's messages into its catalogues, keeping what is translated."""

from collections.abc import Iterator
from io import BytesIO

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

from services.portal.languages import DEFAULT, LANGUAGES, LOCALES

PORTAL = LOCALES.parent
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2)}
TEMPLATES = {"trimmed": "true", "silent": "false"}
WIDTH = 120


def main() -> None:
    """Bring every catalogue up to date; messages that nothing uses any more are dropped."""
    for lang in LANGUAGES:
        if lang != DEFAULT:
            path = LOCALES / f"{lang}.po"
            path.write_bytes(written(updated(lang)))
            print(path.relative_to(PORTAL.parent.parent))


def updated(lang: str) -> Catalog:
    """Return a language's catalogue with exactly the messages that the portal uses."""
    path = LOCALES / f"{lang}.po"
    kept = read_po(BytesIO(path.read_bytes()), locale=lang) if path.exists() else Catalog(locale=lang)
    about = "# Messages of the portal; `make messages` renews them."
    made = Catalog(locale=lang, project="Praxis", header_comment=about, fuzzy=False)
    for message, place in gathered():
        known = kept.get(message if isinstance(message, str) else message[0])
        singular = isinstance(message, str)
        string = known.string if known is not None and isinstance(known.string, str) == singular else None
        made.add(message, string or "", locations=[(place, 0)])
    return made


def gathered() -> Iterator[tuple[str | tuple[str, ...], str]]:
    """Yield the portal's messages, a plural as singular and plural, with the file that each stands in."""
    files = [(path, "jinja2.ext:babel_extract", TEMPLATES) for path in sorted(PORTAL.rglob("templates/**/*.html"))]
    files += [(path, "python", {}) for path in sorted(PORTAL.rglob("*.py"))]
    for path, method, options in files:
        for _, message, _, _ in extract_from_file(method, path, KEYWORDS, options=options):
            yield (message if isinstance(message, str) else tuple(message[:2])), str(path.relative_to(PORTAL))


def written(catalogue: Catalog) -> bytes:
    """Return a catalogue as it is kept: in order, without dates that would change every time."""
    file = BytesIO()
    write_po(file, catalogue, width=WIDTH, sort_output=True, omit_header=False, include_lineno=False)
    lines = file.getvalue().split(b"\n")
    return b"\n".join(
        line for line in lines if not line.startswith((b'"POT-Creation', b'"PO-Revision', b'"Generated-By'))
    )


if __name__ == "__main__":
    main()
