"""Concepts and what ties them together: one form of saying the same, both sides of a tie, no circles. Pure.

A content is what the table keeps of a concept: `labels`, `alternatives`, `broader` and `related`, all sorted.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any

from services.api.thesaurus.schemas import MOST_RELATED, ConceptWrite, SharedWord, same_word
from services.web.problems import Fault

Content = dict[str, Any]
Contents = Mapping[str, Content]
"""Concepts by code."""

MOST_SHARED = 100


def content_of(concept: ConceptWrite) -> Content:
    """Return what is kept of a concept: the same for all ways of saying the same."""
    return {
        "labels": dict(sorted(concept.labels.items())),
        "alternatives": {language: sorted(words) for language, words in sorted(concept.alternatives.items()) if words},
        "broader": sorted(set(concept.broader)),
        "related": sorted(set(concept.related)),
    }


def joined(present: Contents, given: Contents) -> dict[str, Content]:
    """Return the concepts of `present` with those `given` in their place, and both sides of each tie `related`.

    What is said of a given concept counts for concepts that are not given, whatever these said of it before.
    """
    together = {code: content | {"related": set(content["related"])} for code, content in {**present, **given}.items()}
    for code, content in given.items():
        for other in set(present[code]["related"] if code in present else ()).difference(content["related"]):
            if other in together and other not in given:
                together[other]["related"].discard(code)
        for other in content["related"]:
            if other in together:
                together[other]["related"].add(code)
    return {code: content | {"related": sorted(content["related"])} for code, content in together.items()}


def without(present: Contents, code: str) -> dict[str, Content]:
    """Return the concepts without one, and without the ties `related` to it."""
    return {
        other: content | {"related": [one for one in content["related"] if one != code]}
        for other, content in present.items()
        if other != code
    }


def narrower(contents: Contents) -> dict[str, list[str]]:
    """Return the codes of the concepts that fall under each, in order."""
    below: dict[str, list[str]] = defaultdict(list)
    for code in sorted(contents):
        for above in contents[code]["broader"]:
            below[above].append(code)
    return below


def loose_ends(code: str, contents: Contents) -> Iterator[Fault]:
    """Yield what is wrong with the ties of a concept, circles aside."""
    for field in ("broader", "related"):
        for other in contents[code][field]:
            if other not in contents:
                yield _fault(field, f"there is no concept '{other}'", other)
    if code in contents[code]["related"]:
        yield _fault("related", "a concept is not related to itself", code)
    if len(contents[code]["related"]) > MOST_RELATED:
        yield _fault("related", f"more than {MOST_RELATED} concepts, those that say so of it among them")


def circle(contents: Contents) -> list[str] | None:
    """Return codes of which each falls under the next and the last under the first, if there are such."""
    above = {code: [one for one in content["broader"] if one in contents] for code, content in contents.items()}
    try:
        TopologicalSorter(above).prepare()
    except CycleError as found:
        codes: list[str] = found.args[1]
        return codes[:0:-1]
    return None


def circle_fault(codes: Collection[str]) -> Fault:
    """Return the fault of concepts that fall under each other."""
    shown = [*codes][:20]
    return _fault("broader", f"concepts fall under each other in a circle: {' → '.join([*shown, shown[0]])}")


def shared_words(contents: Contents, among: Collection[str]) -> list[SharedWord]:
    """Return the first words of some concepts that other concepts have too, in the same language."""
    having: dict[tuple[str, str], list[str]] = defaultdict(list)
    spelled: dict[tuple[str, str], str] = {}
    for code, content in contents.items():
        for language, word in words(content):
            key = (language, same_word(word))
            having[key].append(code)
            spelled.setdefault(key, word)
    found = [
        SharedWord(language=key[0], word=spelled[key], concepts=codes)
        for key, codes in sorted(having.items())
        if len(codes) > 1 and any(code in among for code in codes)
    ]
    return found[:MOST_SHARED]


def words(content: Content) -> Iterator[tuple[str, str]]:
    """Yield language and word of all words of a concept."""
    yield from content["labels"].items()
    for language, others in content["alternatives"].items():
        for word in others:
            yield language, word


def _fault(field: str, message: str, value: str | None = None) -> Fault:
    return Fault(location="body", field=field, message=message, value=value)
