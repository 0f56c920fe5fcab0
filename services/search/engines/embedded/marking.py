"""Where a question's words stand in the texts of a hit, so that readers see why it was found."""

from collections.abc import Mapping
from typing import Any

from services.search import words
from services.search.engines import highlight
from services.search.engines.embedded.query import Reading
from services.search.engines.matching import Matcher
from services.search.engines.stems import stems
from services.search.labels import pick

Json = Mapping[str, Any]


class Marker:
    """Marks one question's words in hits, in the reader's language where a hit has it."""

    def __init__(
        self,
        reading: Reading | None,
        plan: words.Plan,
        unknown: Mapping[str, list[str]],
        language: str | None,
    ) -> None:
        self._matcher = Matcher(
            reading.plan if reading else plan,
            stems,
            unknown,
            reading.languages if reading else {},
            reading.others if reading else (),
        )
        self._wanted = len(self._matcher.words)
        self._language = language

    def highlights(self, shown: Json, rest: list[list[str]]) -> Mapping[str, str]:
        """Return the highlights of a stored hit and its other texts."""
        if not self._wanted:
            return {}
        found: dict[str, str] = {}
        for part, versions in (("title", "titles"), ("summary", "summaries")):
            language, text = highlight.shown_version(shown.get(versions), self._language, shown.get("language"))
            if marked := highlight.marked(text, self._matcher.of(language)):
                found[part] = marked
        best = pick({language: language for _, language, *_ in rest}, self._language)
        for names in (False, True):
            texts = [
                highlight.Told(place, language, text, self._matcher.of(language))
                for part, language, place, text in rest
                if (part == "name") is names
            ]
            # What codes are called only tells why a record was found that nothing else tells of.
            if not (names and found) and (passage := highlight.passage(texts, self._wanted, best)):
                found |= passage
        return found
