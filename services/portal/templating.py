"""Templates in a language of the interface, with what the frame and the features of the portal give to them."""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from services.portal import languages, shown
from services.portal.languages import LANGUAGES

HERE = Path(__file__).parent
STATIC = HERE / "static"
_ITEMS = re.compile(r"(?<=[^\s.!?…:;,])[^\S\n]*\n\s*")
_LINES = re.compile(r"\s*\n\s*")

Translate = Callable[[str], str]
Globals = Callable[[Translate], Mapping[str, Any]]
"""What a feature gives to templates by name: each declares it as `template_globals` of how its words are translated."""


@cache
def environment(lang: str, given: tuple[Globals, ...]) -> Environment:
    """Return the templates of a language of the interface, with what the features give to them."""
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    translate = languages.translations(lang).gettext
    made.install_gettext_translations(languages.translations(lang), newstyle=True)  # type: ignore[attr-defined]
    made.globals.update(
        lang=lang,
        languages=LANGUAGES,
        static=static,
        url=url,
        mail_query=lambda subject, body: urlencode({"subject": subject, "body": body}, quote_via=quote),
        direction=languages.direction,
        language_name=lambda tag: languages.name(tag, lang),
        in_words=lambda message: translate(message) if message else "",
    )
    for of_feature in given:
        made.globals.update(of_feature(translate))
    made.tests["contains"] = lambda items, one: one in items
    made.filters.update(
        marked=marked,
        in_a_line=in_a_line,
        date=lambda value: shown.date(value, lang),
        number=lambda value: shown.number(value, lang),
        percent=lambda value: shown.percent(value, lang),
        money=lambda value: shown.money(value, lang),
        moment=lambda value: shown.moment(value, lang),
        lasting=lambda value: shown.lasting(value, lang),
        ago=lambda value: shown.ago(value, lang),
        paragraphs=paragraphs,
        coded=coded,
        web=web,
        truncated_list=truncated_list,
    )
    return made


@cache
def static(name: str) -> str:
    """Return the address of a file of this site, which changes with what is in it and is kept for good by browsers."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={digest}"


def url(path: str, pairs: Sequence[tuple[str, Any]] | Mapping[str, Any] = ()) -> str:
    """Return a path with a query; values of none are left out."""
    listed = list(pairs.items() if isinstance(pairs, Mapping) else pairs)
    kept = [(name, value) for name, value in listed if value not in (None, "")]
    return path + (f"?{urlencode(kept)}" if kept else "")


def marked(text: str | None) -> Markup:
    """Return a passage as the search service marks it, with nothing but `<mark>` let through."""
    pieces = (text or "").replace("</mark>", "<mark>").split("<mark>")
    return Markup("").join(
        Markup("<mark>{}</mark>").format(unescape(piece)) if place % 2 else escape(unescape(piece))
        for place, piece in enumerate(pieces)
    )


def in_a_line(text: str) -> str:
    """Return a text of several lines as one line, with dots between what ends without a sign of its own."""
    return _LINES.sub(" ", _ITEMS.sub(" · ", text))


def paragraphs(text: str | None) -> Markup:
    """Return a text with its lines as paragraphs."""
    lines = (line for line in (text or "").split("\n") if line.strip())
    return Markup("").join(Markup('<p dir="auto">{}</p>').format(line) for line in lines)


def coded(text: str) -> Markup:
    """Return a text with what stands between backticks as code."""
    pieces = enumerate(text.split("`"))
    return Markup("").join(Markup("<code>{}</code>").format(one) if place % 2 else escape(one) for place, one in pieces)


def truncated_list(names: Sequence[str], most: int) -> str:
    """Return names in a line, the first few of many."""
    return ", ".join(names[:most]) + (" …" if len(names) > most else "")


def web(address: str) -> str:
    """Return an address that a record names if it leads to the web, else nothing."""
    return address if address.startswith(("https://", "http://")) else ""
