"""Vocabularies as everybody sees them, in answers and in the change feed."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import orjson
from sqlmodel import Session

from services.api.changes import service as changes
from services.api.thesaurus import service as thesaurus
from services.api.vocabularies.terms import spoken, vocabularies
from services.web.problems import NotFound

VOCABULARY = "vocabulary"


def names(session: Session) -> list[dict[str, Any]]:
    """Return every vocabulary's name and number of terms: the closed ones in their order, then the thesaurus."""
    closed = [{"name": name, "terms": len(terms)} for name, terms in vocabularies().items()]
    return [*closed, {"name": thesaurus.NAME, "terms": thesaurus.count(session)}]


def public(session: Session, name: str) -> dict[str, Any]:
    """Return a vocabulary: closed ones with their codes in order and labels; raise `NotFound`."""
    if name == thesaurus.NAME:
        return thesaurus.public(session)
    if name not in vocabularies():
        known = ", ".join([*vocabularies(), thesaurus.NAME])
        raise NotFound(f"There is no vocabulary '{name[:80]}'; there are: {known}")
    terms = [{"code": code, "labels": labels} for code, labels in vocabularies()[name].items()]
    return {"type": VOCABULARY, "id": name, "terms": terms}


def read(session: Session, name: str) -> bytes:
    """Return a vocabulary's public JSON; raise `NotFound`."""
    return thesaurus.published(session) if name == thesaurus.NAME else changes.render(public(session, name))


def labels(lang: str | None, names: Iterable[str] = ()) -> bytes:
    """Render what codes are called in a language (`LabelsRead`): those of all closed vocabularies, or of some."""
    return _labels(spoken(lang or "en"), frozenset(names) or frozenset(vocabularies()))


@lru_cache(maxsize=64)  # anybody may ask for any set of them
def _labels(language: str, names: frozenset[str]) -> bytes:
    wanted = {name: terms for name, terms in vocabularies().items() if name in names}
    found = {name: {code: labels[language] for code, labels in terms.items()} for name, terms in wanted.items()}
    return orjson.dumps({"language": language, "vocabularies": found})


def stale(session: Session) -> dict[str, bytes | None]:
    """Return what the feed must take up to show this version's vocabularies: bodies by name, none for dropped ones."""
    current = {name: changes.render(public(session, name)) for name in [*vocabularies(), thesaurus.NAME]}
    return changes.stale(session, VOCABULARY, current)


def publish(session: Session) -> None:
    """Bring the feed in line with the vocabularies of this version."""
    changes.hold(session)
    changes.renew(session, VOCABULARY, stale(session))
