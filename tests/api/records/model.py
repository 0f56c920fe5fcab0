"""What the model of records is made of: what is handed in, what is known of each, and translations carried over."""

from copy import deepcopy
from dataclasses import dataclass, field

from hypothesis import strategies as st

from services.api.forms.types import RecordType
from services.api.types import TYPES
from tests.api.kinds import KINDS
from tests.harness.support import Json, pledge_body, practice_body
from tests.harness.types.pledge.type import TYPE as PLEDGE

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
    {"title": TITLES, "summary": TEXTS, "items": st.lists(st.sampled_from(["Learn", "Earn"]), max_size=2)}
)
TRANSLATIONS = st.dictionaries(
    st.sampled_from(["es", "fr"]),
    st.dictionaries(
        st.sampled_from(["title", "summary", "items[0]", "items[1]"]),
        st.fixed_dictionaries({"text": TEXTS, "status": st.sampled_from(["human", "machine"])}),
        max_size=3,
    ),
    max_size=2,
)
"""By what stands there in any type: see `Subject`."""
MATCH = st.sampled_from(["right"] * 7 + ["stale", "missing", "malformed"])


@dataclass(frozen=True)
class Subject:
    """A type as the model sees it: where the texts stand that it writes, and what of them is public."""

    type: RecordType
    title: str
    summary: str
    items: str
    """Path of a list of texts."""
    secret: tuple[str, ...] = ()
    """Paths of what is for those alone who see drafts; of rows by their columns, as in `actions.doubts`."""
    has_partner: bool = False
    """Whether records name an authority that sees drafts, too."""
    derives: bool = False
    """Whether each item is also a row that is found by itself."""

    def texts(self, originals: Json) -> dict[str, str]:
        """Return the texts that are written, by path."""
        texts = {self.title: originals["title"].strip(), self.summary: originals["summary"]}
        return texts | {f"{self.items}[{number}]": text for number, text in enumerate(originals["items"])}

    def placed(self, translations: Json | None, texts: dict[str, str]) -> Json | None:
        """Return translations at the type's own paths, those alone of texts that are there."""
        if translations is None:
            return None
        places = {"title": self.title, "summary": self.summary}
        places |= {f"items[{number}]": f"{self.items}[{number}]" for number in range(2)}
        return {
            language: {places[name]: one for name, one in fields.items() if places[name] in texts}
            for language, fields in translations.items()
        }

    def body(self, originals: Json, translations: Json | None, partner: str | None = None) -> Json:
        """Return what is handed in."""
        title, items = originals["title"], originals["items"]
        if self.type is PLEDGE:
            actions = [{"key": text, "text": text, "doubts": "Doubts."} for text in dict.fromkeys(items)]
            body = pledge_body(title, translations=translations, partner=partner, steps=items, actions=actions)
            body["content"]["promise"]["summary"] = originals["summary"]
            return body
        if self.type.name != "practice":
            body = KINDS[self.type.name].body(title)
            body["content"]["about"] |= {"summary": originals["summary"], "objectives": items}
            return body if translations is None else body | {"translations": translations}
        return practice_body(title, summary=originals["summary"], objectives=items, translations=translations)

    def public(self, content: Json) -> Json:
        """Return what everybody may see of a content."""
        shown = deepcopy(content)
        for path in self.secret:
            section, name, *column = path.split(".")
            for row in shown[section][name] if column else ():
                del row[column[0]]
            if not column:
                del shown[section][name]
        return shown

    def public_translations(self, translations: dict[str, Json]) -> dict[str, Json]:
        """Return what everybody may see of translations."""
        shown = {
            language: {path: one for path, one in fields.items() if path.split("[")[0] not in self.secret}
            for language, fields in translations.items()
        }
        return {language: fields for language, fields in shown.items() if fields}

    def rows(self, revision: "Revision") -> set[str]:
        """Return the keys of a revision's rows that are found by themselves."""
        return {text for path, text in revision.texts.items() if path.startswith(self.items)} if self.derives else set()


SUBJECTS = {
    **{
        name: Subject(TYPES[name], "about.title", "about.summary", "about.objectives")
        for name in ("road-map", "programme")
    },
    "practice": Subject(TYPES["practice"], "initiative.title", "how.summary", "how.objectives"),
    "pledge": Subject(
        PLEDGE,
        "promise.title",
        "promise.summary",
        "plan.steps",
        ("plan.steps", "plan.reservations", "plan.actions.doubts", "plan.actions.planned"),
        has_partner=True,
        derives=True,
    ),
}


@dataclass
class Revision:
    """What one revision was handed in as, and what the api said it stored."""

    title: str
    texts: dict[str, str]
    translations: dict[str, Json]
    partner: str | None = None
    stored: Json = field(default_factory=dict)


@dataclass
class Known:
    """A record as the model knows it."""

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
    rows: set[str] = field(default_factory=set)
    """Keys of its rows that the feed shows by themselves."""

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
