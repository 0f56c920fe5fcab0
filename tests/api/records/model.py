"""What the model of practices is made of: what is handed in, what is known of each, and translations carried over."""

from dataclasses import dataclass, field

from hypothesis import strategies as st

from tests.harness.support import Json, practice_body

WRITERS = ("secretariat", "colleague")
CALLERS = ("anybody", "alba", "boca", *WRITERS)
WHO = st.sampled_from([*CALLERS, *WRITERS])
SLUGS = {
    "Olives": "olives",
    "Ólives!": "olives",
    "Olives 2": "olives-2",
    "Straße & Co": "strasse-co",
    "※": "record",
    "Señales para el Año": "senales-para-el-ano",
    "word " * 30: ("word-" * 12).strip("-"),
    "0123456789abcdef0123456789abcdef": None,
}
"""Titles with the slug that each gets when it is free; one that reads as an id must never be one."""
TITLES = st.sampled_from(list(SLUGS))
LANGUAGES = st.sampled_from([None, "en", "es", "es-MX", "fr", "it"])
TEXTS = st.sampled_from(["First.", "Second.", "Third."])
ORIGINALS = st.fixed_dictionaries(
    {"title": TITLES, "summary": TEXTS, "objectives": st.lists(st.sampled_from(["Learn", "Earn"]), max_size=2)}
)
PATHS = ("initiative.title", "how.summary", "how.objectives[0]", "how.objectives[1]")
TRANSLATIONS = st.dictionaries(
    st.sampled_from(["es", "fr"]),
    st.dictionaries(
        st.sampled_from(PATHS),
        st.fixed_dictionaries({"text": TEXTS, "status": st.sampled_from(["human", "machine"])}),
        max_size=3,
    ),
    max_size=2,
)
MATCH = st.sampled_from(["right"] * 7 + ["stale", "missing", "malformed"])


@dataclass
class Revision:
    """What one revision was handed in as, and what the api said it stored."""

    texts: dict[str, str]
    translations: dict[str, Json]
    stored: Json = field(default_factory=dict)

    @property
    def title(self) -> str:
        return self.texts["initiative.title"]


@dataclass
class Practice:
    id: str
    owner: str | None
    revisions: list[Revision]
    version: int = 1
    published: int | None = None
    archived: str | None = None
    """Why it is no longer kept up, if so."""
    tiers: dict[int, str] = field(default_factory=dict)
    """Every revision that was public, with the highest tier in which it was."""
    slug: str | None = None
    slugs: set[str] = field(default_factory=set)

    @property
    def was_public(self) -> set[int]:
        return set(self.tiers)

    @property
    def status(self) -> str:
        if self.published is None:
            return "unpublished" if self.tiers else "draft"
        return "archived" if self.archived else "published"

    @property
    def tier(self) -> str | None:
        return None if self.published is None else self.tiers[self.published]

    @property
    def public(self) -> tuple[int | None, str | None, str, str | None]:
        """What the feed shows of it besides its content: revision, slug, state and tier."""
        return self.published, self.slug, self.status, self.tier


def texts_of(originals: Json) -> dict[str, str]:
    texts = {"initiative.title": originals["title"].strip(), "how.summary": originals["summary"]}
    return texts | {f"how.objectives[{number}]": text for number, text in enumerate(originals["objectives"])}


def body_of(originals: Json, translations: Json | None) -> Json:
    return practice_body(
        originals["title"],
        summary=originals["summary"],
        objectives=originals["objectives"],
        translations=translations,
    )


def fitting(translations: Json, texts: dict[str, str]) -> Json:
    """Keep the translations of texts that are there."""
    return {
        language: {path: one for path, one in fields.items() if path in texts}
        for language, fields in translations.items()
    }


def carried(before: Revision | None, given: Json | None, texts: dict[str, str]) -> Json:
    """Return the translations of a new revision: as given or as before, outdated where only the original changed."""
    source = given if given is not None else before.translations if before else {}
    kept: Json = {}
    for language, fields in source.items():
        for path, one in fields.items():
            if path not in texts:
                continue
            status = one["status"]
            if before is not None:
                old = before.translations.get(language, {}).get(path)
                if old and old["text"] == one["text"] and before.texts.get(path) != texts[path]:
                    status = "outdated"
            kept.setdefault(language, {})[path] = {"text": one["text"], "status": status}
    return kept
