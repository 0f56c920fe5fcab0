"""What every page is made with: the visitor, the way to the services, and templates in the visitor's language."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from html import unescape
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from fastapi import Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from services.portal import facets, finding, guard, languages, shown, visitor
from services.portal.answering.forms import id_of
from services.portal.casework import cases, claims, people
from services.portal.languages import LANGUAGES
from services.portal.reference import Reference
from services.portal.settings import Settings
from services.portal.upstream import Json, Refused, Upstream
from services.portal.visitor import Visitor

HERE = Path(__file__).parent
STATIC = HERE / "static"
FRAGMENT = "HX-Request"
_ITEMS = re.compile(r"(?<=[^\s.!?…:;,])[^\S\n]*\n\s*")
_LINES = re.compile(r"\s*\n\s*")


class SignInFirst(Exception):
    """A page that only those who signed in may see."""


class Page:
    """One request for a page: who asks, how to ask the services, how to answer."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.visitor: Visitor = visitor.visitor_of(request)
        self.settings: Settings = request.app.state.settings
        self.upstream = Upstream(
            api=request.app.state.api,
            search=request.app.state.search,
            lang=self.visitor.lang,
            token=self.visitor.token,
            address=request.client.host if request.client else None,
            request_id=request.scope.get("request_id"),
        )
        self.reference: Reference = request.app.state.reference
        self.me: Json | None = None
        self.priorities: dict[str, str] = {}
        self.token_ended = False

    @property
    def lang(self) -> str:
        """The language of the interface."""
        return self.visitor.lang

    @property
    def fragment(self) -> bool:
        """Whether a script asks for a part of the page only."""
        return self.request.headers.get(FRAGMENT) == "true"

    def gettext(self, message: str, **values: Any) -> str:
        """Return a message in the visitor's language."""
        return languages.translations(self.lang).gettext(message) % values

    def ngettext(self, one: str, many: str, num: int) -> str:
        """Return a message that counts something, in the visitor's language."""
        return languages.translations(self.lang).ngettext(one, many, num) % {"num": num}

    async def prepare(self) -> None:
        """Learn from the api who has signed in, and how the priorities are called; forget a session that has ended."""
        if self.visitor.token is not None:
            try:
                self.me = await self.upstream.read("/me")
            except Refused as refusal:
                if refusal.status != 401:
                    raise
                self.token_ended = True
                self.upstream = replace(self.upstream, token=None)  # what is public stays readable
        self.priorities = await self.reference.labels(self.upstream, "priorities")

    def must_be(self, *roles: str) -> Json:
        """Return who has signed in, with one of the roles where some are named; raise `SignInFirst` or `Refused`."""
        if self.me is None:
            raise SignInFirst
        if roles and self.me["role"] not in roles:
            raise Refused(403, self.gettext("This page is for the secretariat."))
        return self.me

    def html(self, template: str, status: int = 200, **values: Any) -> HTMLResponse:
        """Render a template."""
        text = (
            environment(self.lang)
            .get_template(template)
            .render(page=self, me=self.me, priority_label=lambda code: self.priorities.get(code, code), **values)
        )
        answer = HTMLResponse(
            text, status, headers={"Cache-Control": "private, no-cache", "Vary": "Cookie, HX-Request"}
        )
        self._finish(answer)
        return answer

    def redirect(self, path: str) -> Response:
        """Lead on to a path of this site by GET."""
        answer: Response = RedirectResponse(path, 303)
        if self.fragment:
            answer = Response(status_code=204, headers={"HX-Redirect": answer.headers["Location"]})
        self._finish(answer)
        return answer

    def _finish(self, answer: Response) -> None:
        if self.request.url.path.startswith(guard.EMBEDS):
            return  # somebody else's page decides about its frame alone
        if self.request.query_params.get("lang", "").split("-")[0] == self.lang:
            visitor.keep(answer, self.request, visitor.LANGUAGE, self.lang)
        if self.token_ended:
            visitor.sign_out(answer, self.request)

    def here(self, **changes: str | None) -> str:
        """Return this page's path and query with some parameters set, or taken out by none."""
        kept = [pair for pair in self.request.query_params.multi_items() if pair[0] not in changes]
        pairs = kept + [(name, value) for name, value in changes.items() if value is not None]
        return self.request.url.path + (f"?{urlencode(pairs)}" if pairs else "")

    @property
    def absolute(self) -> str:
        """The address of this site, without a path."""
        return str(self.request.base_url).rstrip("/")


async def _page(request: Request) -> Page:
    page = Page(request)
    request.state.page = page
    await page.prepare()
    return page


AnyPage = Annotated[Page, Depends(_page)]
"""The page asked for, by anybody."""


@cache
def environment(lang: str) -> Environment:
    """Return the templates of a language of the interface."""
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
        heading=lambda name: translate(facets.HEADINGS.get(str(name), str(name))),
        state_label=lambda state: translate(cases.STATES.get(str(state), str(state))),
        state_names=tuple(cases.STATES),
        steps=cases.STEPS,
        claim_label=lambda state: translate(claims.STATES[str(state)]),
        claim_meaning=lambda state: translate(claims.MEANINGS[str(state)]),
        said_turn=lambda turn: translate(cases.TURNS[str(turn)]),
        next_of=lambda case: translate(cases.next_of(case)),
        in_words=lambda message: translate(message) if message else "",
        anchor=id_of,
        role_label=lambda role: translate(people.ROLES.get(str(role), str(role))),
        sort_label=lambda sort: translate(facets.SORT_LABELS[sort]),
        useful=facets.useful,
        is_facet=lambda name: name in finding.FACET_NAMES,
    )
    made.tests["contains"] = lambda items, one: one in items
    made.filters.update(
        marked=marked,
        in_a_line=in_a_line,
        date=lambda value: shown.date(value, lang),
        number=lambda value: shown.number(value, lang),
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
