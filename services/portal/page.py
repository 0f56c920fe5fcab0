"""What every page is made with: the visitor, the way to the services, and templates in the visitor's language."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from typing import Annotated, Any, TypeVar
from urllib.parse import urlencode

from fastapi import Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Template

from services.portal import guard, languages, templating, visitor
from services.portal.reference import Reference
from services.portal.settings import Settings
from services.portal.templating import url
from services.portal.upstream import Json, Refused, Upstream
from services.portal.visitor import Visitor

__all__ = ["AnyPage", "Page", "SignInFirst", "UnpreparedPage", "url"]
FRAGMENT = "HX-Request"
T = TypeVar("T")


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
        self.priorities, _ = await asyncio.gather(self.reference.labels(self.upstream, "priorities"), self._recognise())

    async def _recognise(self) -> None:
        if self.visitor.token is not None:
            try:
                self.me = await self.upstream.read("/me")
            except Refused as refusal:
                if refusal.status != 401:
                    raise
                self.token_ended = True
                self.upstream = replace(self.upstream, token=None)  # what is public stays readable
        if self.me is not None:
            await self._keep_language(self.me)

    async def together(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Prepare the page and read what it shows at the same time; return what was read.

        Where the session turns out to have ended, `ask` is called again, as somebody who has not signed in.
        """
        reading = asyncio.ensure_future(ask())
        prepared, _ = await asyncio.gather(self.prepare(), reading, return_exceptions=True)
        if isinstance(prepared, BaseException):
            raise prepared
        if self.token_ended:
            return await ask()
        return reading.result()

    async def _keep_language(self, me: Json) -> None:
        """Have letters to who has signed in come in the language that was just chosen on a page of this site."""
        chosen = self.request.query_params.get("lang", "").split("-")[0] == self.lang
        if chosen and me.get("language") not in (None, self.lang) and visitor.from_here(self.request):
            with suppress(Refused):  # the page itself is shown all the same
                self.me = (await self.upstream.call("PUT", "/me/language", json={"language": self.lang})).json()

    def must_be(self, *roles: str) -> Json:
        """Return who has signed in, with one of the roles where some are named; raise `SignInFirst` or `Refused`."""
        if self.me is None:
            raise SignInFirst
        if roles and self.me["role"] not in roles:
            raise Refused(403, self.gettext("This page is for the secretariat."))
        return self.me

    def template(self, name: str) -> Template:
        """Return a template in the visitor's language."""
        return templating.environment(self.lang, self.request.app.state.template_globals).get_template(name)

    def html(self, template: str, status: int = 200, **values: Any) -> HTMLResponse:
        """Render a template."""
        text = self.template(template).render(
            page=self, me=self.me, priority_label=lambda code: self.priorities.get(code, code), **values
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


async def _unprepared(request: Request) -> Page:
    page = Page(request)
    request.state.page = page
    return page


UnpreparedPage = Annotated[Page, Depends(_unprepared)]
"""The page asked for, by anybody; it must be prepared, as `Page.together` does while other things are read."""


async def _prepared(page: UnpreparedPage) -> Page:
    await page.prepare()
    return page


AnyPage = Annotated[Page, Depends(_prepared)]
"""The page asked for, by anybody."""
