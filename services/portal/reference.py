"""What the api says that seldom changes, kept for a minute: the questionnaire's wording, and labels of codes."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Any
from urllib.parse import quote, urlencode

from services.portal.upstream import Json, Refused, Upstream

KEPT_SECONDS = 60.0
MOST_AUTHORITIES = 1000


class Terms:
    """Labels of all closed vocabularies in one language, gathered beforehand so that templates can look them up."""

    def __init__(self, labels: dict[str, dict[str, str]]) -> None:
        self.labels = labels

    def __call__(self, vocabulary: str | None, code: str) -> str:
        """Return a code's label; the code itself where there is none."""
        return self.labels.get(vocabulary or "", {}).get(code, code)

    def all(self, vocabulary: str, codes: Iterable[str]) -> str:
        """Return the labels of codes in a line."""
        return ", ".join(self(vocabulary, code) for code in codes)

    def places(self, involved: Iterable[Json]) -> str:
        """Return the labels of countries or regions in a line, as a record names those that it involves."""
        return ", ".join(
            self("countries", one["country"]) if one["country"] else self("regions", one["region"]) for one in involved
        )

    def of(self, vocabulary: str) -> dict[str, str]:
        """Return code and label of each term, in the vocabulary's order."""
        return self.labels.get(vocabulary, {})


class Reference:
    """Keeps answers to a few addresses of the api; an old one serves on while the api is away.

    Who asks for what is being asked for already, with the same token, waits for that answer.
    """

    def __init__(self) -> None:
        self._kept: dict[str, tuple[float, Any]] = {}
        self._awaited: dict[tuple[str, str | None], asyncio.Future[Any]] = {}

    async def questionnaire(self, upstream: Upstream, type: str, form: str = "full") -> Json:
        """Return sections and questions of a type in the visitor's language."""
        asked = urlencode({"lang": upstream.lang, "form": form, "type": type})
        found: Json = await self._read(upstream, f"/questionnaire?{asked}")
        return found

    async def form(self, upstream: Upstream, type: str) -> Json:
        """Return what is asked in records of a type, which of its texts is the title, and what may be told later on."""
        found: Json = await self._read(upstream, f"/forms/{quote(type)}")
        return found

    async def terms(self, upstream: Upstream) -> Terms:
        """Return the labels of all codes in the visitor's language, asked for at once."""
        path = f"/labels?lang={upstream.lang}"
        found: Terms = await self._keep(upstream, path, lambda: _terms(upstream, path))
        return found

    async def labels(self, upstream: Upstream, vocabulary: str) -> dict[str, str]:
        """Return code and label of each term of a vocabulary in the visitor's language, in its own order."""
        return (await self.terms(upstream)).of(vocabulary)

    async def titles(self, upstream: Upstream, ids: Iterable[str]) -> dict[str, Json]:
        """Return path, title and language of the title of public records, by `type/id` or `type/slug` as asked for.

        Titles are in the visitor's language if they can be; those that are not kept are asked for at once.
        """
        wanted = list(dict.fromkeys(ids))
        if left := [id for id in wanted if self._fresh(f"titles/{id}") is None]:
            for one in await upstream.read("/titles", [("of", id) for id in left]):
                for name in (one["id"], one["slug"]):
                    self._kept[f"titles/{one['type']}/{name}"] = (time.monotonic(), one)
        found = {id: kept[1] for id in wanted if (kept := self._fresh(f"titles/{id}"))}
        return {
            id: {"path": f"/{one['plural']}/{one['slug']}", **_said(one["title"], upstream.lang)}
            for id, one in found.items()
        }

    async def authority(self, upstream: Upstream, slug: str) -> Json:
        """Return what is said of an authority."""
        found: Json = await self._read(upstream, f"/authorities/{slug}")
        return found

    async def authorities(self, upstream: Upstream) -> list[Json]:
        """Return the authorities that one may choose from, by slug: the first thousand."""
        found: list[Json] = []
        path: str | None = "/authorities?limit=100"
        while path and len(found) < MOST_AUTHORITIES:
            read = await self._read(upstream, path)
            found += read["items"]
            path = f"/authorities?limit=100&cursor={read['next']}" if read["next"] else None
        return found

    async def places(self, upstream: Upstream) -> Json:
        """Return all authorities as a map shows them."""
        found: Json = await self._read(upstream, "/authorities.geojson")
        return found

    async def plurals(self, upstream: Upstream) -> dict[str, str]:
        """Return how records of each type are called in addresses, by type."""
        return {one["name"]: one["plural"] for one in await self._read(upstream, "/forms")}

    async def workflow(self, upstream: Upstream, type: str) -> list[Json]:
        """Return the table of steps of a type, the same for all who have signed in."""
        found: list[Json] = await self._read(upstream, f"/workflow?type={quote(type)}")
        return found

    async def offers(self, upstream: Upstream) -> Json:
        """Return what is offered to readers without an account: nothing while the api does not say."""
        try:
            found: Json = await self._read(upstream, "/offers")
        except Refused:
            return {"messages": False, "followed_searches": False}
        return found

    async def interface(self, upstream: Upstream, service: str) -> Json:
        """Return the OpenAPI document of `api` or `search`."""
        found: Json = await self._keep(upstream, f"{service}/openapi.json", lambda: upstream.interface(service))
        return found

    async def _read(self, upstream: Upstream, path: str) -> Any:
        return await self._keep(upstream, path, lambda: upstream.read(path))

    def _fresh(self, path: str) -> tuple[float, Any] | None:
        kept = self._kept.get(path)
        return kept if kept and time.monotonic() - kept[0] < KEPT_SECONDS else None

    async def _keep(self, upstream: Upstream, path: str, ask: Callable[[], Awaitable[Any]]) -> Any:
        if kept := self._fresh(path):
            return kept[1]
        key = (path, upstream.token)
        if key not in self._awaited:
            self._awaited[key] = asyncio.ensure_future(self._ask(path, ask))
            self._awaited[key].add_done_callback(lambda _: self._awaited.pop(key))
        return await asyncio.shield(self._awaited[key])  # who goes away takes it from nobody else

    async def _ask(self, path: str, ask: Callable[[], Awaitable[Any]]) -> Any:
        try:
            found = await ask()
        except Refused as refusal:
            old = self._kept.get(path)
            if old and refusal.status >= 500:
                return old[1]
            raise
        self._kept[path] = (time.monotonic(), found)
        return found


def _said(title: dict[str, str], lang: str) -> Json:
    """Return a title in a language, in its own where it has no other, which stands first."""
    language = lang if lang in title else next(iter(title))
    return {"title": title[language], "language": language}


async def _terms(upstream: Upstream, path: str) -> Terms:
    try:
        return Terms((await upstream.read(path))["vocabularies"])
    except Refused as refusal:
        if refusal.status != 404:
            raise
        return Terms({})  # of an api that is older than this portal: codes are shown until it is replaced
