"""What the api says that seldom changes, kept for a minute: the questionnaire's wording, and labels of codes."""

import time
from collections.abc import Awaitable, Callable
from typing import Any

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

    def of(self, vocabulary: str) -> dict[str, str]:
        """Return code and label of each term, in the vocabulary's order."""
        return self.labels.get(vocabulary, {})


class Reference:
    """Keeps answers to a few addresses of the api; an old one serves on while the api is away."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[float, Any]] = {}

    async def questionnaire(self, upstream: Upstream, form: str = "full") -> Json:
        """Return sections and questions in the visitor's language."""
        found: Json = await self._read(upstream, f"/questionnaire?lang={upstream.lang}&form={form}")
        return found

    async def terms(self, upstream: Upstream) -> Terms:
        """Return the labels of all codes in the visitor's language, asked for at once."""
        path = f"/labels?lang={upstream.lang}"
        found: Terms = await self._keep(path, lambda: _terms(upstream, path))
        return found

    async def labels(self, upstream: Upstream, vocabulary: str) -> dict[str, str]:
        """Return code and label of each term of a vocabulary in the visitor's language, in its own order."""
        return (await self.terms(upstream)).of(vocabulary)

    async def practice(self, upstream: Upstream, id: str) -> Json:
        """Return slug, title and language of the title of a public practice, in the visitor's language if it can be."""
        found: Json = await self._keep(f"titles/{id}", lambda: _titles(upstream, id))
        return {"slug": found["slug"], **_said(found["title"], upstream.lang)}

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

    async def plurals(self, upstream: Upstream) -> dict[str, str]:
        """Return how records of each type are called in addresses, by type."""
        return {one["name"]: one["plural"] for one in await self._read(upstream, "/forms")}

    async def form(self, upstream: Upstream, type: str) -> Json:
        """Return the public form of a type of record."""
        found: Json = await self._read(upstream, f"/forms/{type}")
        return found

    async def workflow(self, upstream: Upstream) -> list[Json]:
        """Return the table of steps, the same for all who have signed in."""
        found: list[Json] = await self._read(upstream, "/workflow")
        return found

    async def interface(self, upstream: Upstream, service: str) -> Json:
        """Return the OpenAPI document of `api` or `search`."""
        found: Json = await self._keep(f"{service}/openapi.json", lambda: upstream.interface(service))
        return found

    async def _read(self, upstream: Upstream, path: str) -> Any:
        return await self._keep(path, lambda: upstream.read(path))

    async def _keep(self, path: str, ask: Callable[[], Awaitable[Any]]) -> Any:
        kept = self._kept.get(path)
        if kept and time.monotonic() - kept[0] < KEPT_SECONDS:
            return kept[1]
        try:
            found = await ask()
        except Refused as refusal:
            if kept and refusal.status >= 500:
                return kept[1]
            raise
        self._kept[path] = (time.monotonic(), found)
        return found


async def _titles(upstream: Upstream, id: str) -> Json:
    found = await upstream.read(f"/practices/{id}")
    return {"slug": found["slug"], "title": found["title"]}


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
