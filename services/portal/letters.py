"""What readers without an account are told of their letters and of what is wrong with a form."""

from collections.abc import Iterable, Mapping, Sequence

from services.portal import types
from services.portal.finding import Pair, Search
from services.portal.page import Page
from services.portal.upstream import Json, Refused


def faults(page: Page, refusal: Refused, fields: Sequence[str]) -> list[Json] | None:
    """Say of each field of a form what is wrong with it; none where nothing in the form can mend it."""
    if refusal.status == 429:
        said = page.gettext("From where you are too much was asked today: try again tomorrow.")
        return [{"field": fields[0], "message": said}]
    if refusal.status != 422:
        return None
    words = {
        "name": page.gettext("Write a name on one line, of at most 300 characters."),
        "email": page.gettext("Write your e-mail, such as name@town.example.org."),
        "text": page.gettext("Write what you want to ask, in at most 4000 characters."),
        "every": page.gettext("Choose how often."),
        "question": page.gettext("This search is too long to be followed: leave some of it out."),
    }
    named = dict.fromkeys(str(fault["field"]).split(".")[0] for fault in refusal.errors)
    found = [{"field": field if field in fields else "", "message": words[field]} for field in named if field in words]
    return found or None


def search_of(pairs: Iterable[Pair]) -> Search:
    """Return the search that a form or a letter names, of the type that stands among its parameters."""
    listed = list(pairs)
    type = next((types.TYPES[value] for name, value in listed if name == "type" and value in types.TYPES), None)
    return Search.of(listed, type).without("type", "sort", "per_page")


def told(page: Page, search: Search, labels: Mapping[Pair, str] = {}) -> str:
    """Return a search in words: what is asked, then its filters; values without a label stand as their codes."""
    headings = search.type.words(page.lang).facets
    words = [f"“{search.get('q')}”"] if search.get("q") else []
    filters = [f"{headings.get(name, name)}: {labels.get((name, value), value)}" for name, value in search.filters]
    return ", ".join([*words, *filters]) or page.gettext("all practices")
