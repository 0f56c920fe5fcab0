"""The thesaurus as SKOS, and back: Turtle and RDF/XML are read, Turtle and JSON-LD are written. Pure.

What is read comes from strangers. Nothing is fetched, nothing is put in place of entities, and size, depth, statements
and seconds are bounded: a file is given to the parser piece by piece, and the clock is looked at for each.
"""

import re
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Literal as OneOf
from urllib.parse import unquote
from xml.sax import ContentHandler, SAXException

from defusedxml.sax import parseString
from pydantic import ValidationError
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse, serialize

from services.api.kit.slugs import slug_of
from services.api.thesaurus.network import Contents, narrower
from services.api.thesaurus.schemas import ConceptCreate, ConceptWrite, same_word
from services.web.problems import Fault, Invalid, fault_of

Form = OneOf["turtle", "rdf-xml", "json-ld"]

MOST_BYTES = 10_000_000
MOST_BRACKETS = 100_000
"""Opening brackets in a Turtle file: each level of nesting takes the parser some hundred bytes."""
MOST_STATEMENTS = 1_000_000
MOST_CHARACTERS = 100_000_000
"""Of all addresses and texts written out: a short prefix may stand for a long one many times over."""
MOST_SECONDS = 10.0
MOST_NOT_KEPT = 50
MOST_FAULTS = 20
"""Of one concept that are reported."""

SKOS = "http://www.w3.org/2004/02/skos/core#"
_TYPE = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
_FORMATS = {"turtle": RdfFormat.TURTLE, "rdf-xml": RdfFormat.RDF_XML, "json-ld": RdfFormat.JSON_LD}
_PREFIXES = {
    SKOS: "skos:",
    "http://purl.org/dc/terms/": "dct:",
    "http://purl.org/dc/elements/1.1/": "dc:",
    "http://www.w3.org/2000/01/rdf-schema#": "rdfs:",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf:",
    "http://www.w3.org/2002/07/owl#": "owl:",
    "http://www.w3.org/2008/05/skos-xl#": "skosxl:",
}
_UNDERSTOOD = frozenset(("notation", "inScheme", "topConceptOf", "hasTopConcept"))
_WORDS = ("prefLabel", "altLabel", "hiddenLabel")
_TIES = ("broader", "narrower", "related")
CODE = re.compile(r"(?=.{1,80}$)[a-z0-9]+(-[a-z0-9]+)*")
_DECLARATION = re.compile(rb"<!(?!--|\[CDATA\[)")

Node = NamedNode | BlankNode


def _skos(name: str) -> NamedNode:
    return NamedNode(SKOS + name)


def write(contents: Contents, base: str, form: OneOf["turtle", "json-ld"]) -> bytes:
    """Return all concepts as SKOS; `base` and a code make the address of a concept, `base` alone that of the scheme."""
    return serialize(_statements(contents, base), format=_FORMATS[form], prefixes={"skos": SKOS}) or b""


def _statements(contents: Contents, base: str) -> Iterator[Triple]:
    scheme = NamedNode(base.rstrip("/:"))
    below = narrower(contents)
    yield Triple(scheme, _TYPE, _skos("ConceptScheme"))
    for code, content in contents.items():
        concept = NamedNode(base + code)
        yield Triple(concept, _TYPE, _skos("Concept"))
        yield Triple(concept, _skos("inScheme"), scheme)
        if not content["broader"]:
            yield Triple(concept, _skos("topConceptOf"), scheme)
        yield Triple(concept, _skos("notation"), Literal(code))
        for language, word in content["labels"].items():
            yield Triple(concept, _skos("prefLabel"), Literal(word, language=language))
        for language, words in content["alternatives"].items():
            for word in words:
                yield Triple(concept, _skos("altLabel"), Literal(word, language=language))
        for name, codes in (
            ("broader", content["broader"]),
            ("narrower", below.get(code, [])),
            ("related", content["related"]),
        ):
            for other in codes:
                yield Triple(concept, _skos(name), NamedNode(base + other))


@dataclass
class Found:
    """A concept of a file: none that can be taken in where it has faults."""

    code: str
    uri: str | None
    concept: ConceptWrite | None = None
    faults: list[Fault] = field(default_factory=list)


@dataclass
class File:
    """What a file holds: its concepts, and how often it says what the thesaurus has no place for."""

    concepts: list[Found] = field(default_factory=list)
    not_kept: Counter[str] = field(default_factory=Counter)


@dataclass
class _Read:
    """A concept while its statements are gathered."""

    node: Node
    notations: list[str] = field(default_factory=list)
    labels: dict[str, str] = field(default_factory=dict)
    others: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    broader: set[Node] = field(default_factory=set)
    related: set[Node] = field(default_factory=set)


def read(file: bytes, form: Form, most: int, clock: Callable[[], float] = time.monotonic) -> File:
    """Return the concepts of a file, of which there may be `most`; raise `Invalid` for one that cannot be read."""
    statements = list(_parsed(file, form, clock))
    concepts: dict[Node, _Read] = {
        triple.subject: _Read(triple.subject)
        for triple in statements
        if triple.predicate == _TYPE and triple.object == _skos("Concept") and not isinstance(triple.subject, Triple)
    }
    if len(concepts) > most:
        raise _refused(f"it holds {len(concepts)} concepts; at most {most} are allowed")
    found = File()
    for one in statements:
        _take(one, concepts, found.not_kept)
    codes = _codes(concepts, found.not_kept)
    for node, code in codes.items():
        found.concepts.append(_checked(concepts[node], code, codes, found.not_kept))
    _refuse_doubles(found.concepts)
    return found


def _parsed(file: bytes, form: Form, clock: Callable[[], float]) -> Iterator[Triple]:
    until = clock() + MOST_SECONDS
    _check_text(file, form)
    characters = 0
    try:
        for count, quad in enumerate(parse(_Pieces(file, until, clock), _FORMATS[form]), 1):
            characters += len(str(quad.triple))
            if count > MOST_STATEMENTS:
                raise _refused(f"it makes more than {MOST_STATEMENTS} statements")
            if characters > MOST_CHARACTERS:
                raise _refused(f"its statements, written out, have more than {MOST_CHARACTERS} characters")
            if clock() > until:
                raise _Late
            yield quad.triple
    except _Late:
        raise _refused(f"it takes more than {MOST_SECONDS:g} seconds to read") from None
    except (SyntaxError, ValueError) as error:
        raise _refused(f"it is no {'Turtle' if form == 'turtle' else 'RDF/XML'}: {str(error)[:300]}") from None


def _check_text(file: bytes, form: Form) -> None:
    if len(file) > MOST_BYTES:
        raise _refused(f"it has {len(file)} bytes; at most {MOST_BYTES} are allowed")
    try:
        file.decode()
    except UnicodeDecodeError as error:
        raise _refused(f"it is not UTF-8: byte {error.start + 1} is none of a character") from None
    if form == "rdf-xml" and _DECLARATION.search(file):
        raise _refused("it has a document type (<!DOCTYPE) or entities (<!ENTITY), which are not read: take them out")
    if form == "rdf-xml":
        _check_whole(file)
    elif file.count(b"[") + file.count(b"(") > MOST_BRACKETS:
        raise _refused(f"it has more than {MOST_BRACKETS} opening brackets")


def _check_whole(file: bytes) -> None:
    """Refuse what is no XML, or not all of it: the parser takes what there is."""
    try:
        parseString(file, ContentHandler(), forbid_dtd=True)
    except SAXException as error:
        raise _refused(f"it is no XML: {str(error).removeprefix('<unknown>:')[:300]}") from None


class _Late(Exception):
    """Ends the reading of a file."""


class _Pieces(BytesIO):
    """Gives a file to the parser piece by piece, as long as there is time."""

    def __init__(self, file: bytes, until: float, clock: Callable[[], float]) -> None:
        super().__init__(file)
        self._until, self._clock = until, clock

    def read(self, size: int | None = -1) -> bytes:
        """Return the next piece."""
        if self._clock() > self._until:
            raise _Late
        return super().read(size)


def _refused(message: str) -> Invalid:
    return Invalid([Fault(location="body", field="file", message=message)])


def _take(triple: Triple, concepts: Mapping[Node, _Read], not_kept: Counter[str]) -> None:
    """Put a statement where it belongs, or count it among what is not kept."""
    name, value = triple.predicate.value, triple.object
    concept = None if isinstance(triple.subject, Triple) else concepts.get(triple.subject)
    what = name.removeprefix(SKOS) if name.startswith(SKOS) else ""
    if triple.predicate == _TYPE and value in (_skos("Concept"), _skos("ConceptScheme")):
        return
    if concept is not None and what == "notation" and isinstance(value, Literal):
        concept.notations.append(value.value)
    elif concept is not None and what in _WORDS and isinstance(value, Literal):
        _take_word(concept, what, value, not_kept)
    elif concept is not None and what in _TIES and isinstance(value, NamedNode | BlankNode):
        if what == "narrower":
            if value in concepts:
                concepts[value].broader.add(concept.node)
            else:
                not_kept["skos:narrower concepts that are not in the file"] += 1
        else:
            (concept.broader if what == "broader" else concept.related).add(value)
    elif what not in _UNDERSTOOD:
        not_kept[_short(name) + ("" if concept else " of what is no concept")] += 1


def _take_word(concept: _Read, what: str, value: Literal, not_kept: Counter[str]) -> None:
    if value.language is None:
        not_kept[f"skos:{what} without a language"] += 1
        return
    language = tag_of(value.language)
    if what == "prefLabel":
        if language in concept.labels:
            not_kept["a second skos:prefLabel in a language"] += 1
            return
        concept.labels[language] = value.value
    else:
        concept.others[language].append(value.value)


def tag_of(tag: str) -> str:
    """Return a language tag as it is usually written: `pt-BR`, `sr-Latn-RS`."""
    first, *more = tag.lower().split("-")
    return "-".join([first, *(part.title() if len(part) == 4 else part.upper() for part in more)])


def _short(name: str) -> str:
    for long, short in _PREFIXES.items():
        if name.startswith(long):
            return short + name.removeprefix(long)[:100]
    return name[:200]


def _codes(concepts: Mapping[Node, _Read], not_kept: Counter[str]) -> dict[Node, str]:
    """Return the code of each concept that has an address or a notation."""
    codes = {}
    for node, concept in concepts.items():
        names = [*concept.notations, *([_last_part(node.value)] if isinstance(node, NamedNode) else [])]
        if names:
            codes[node] = _code(names)
        else:
            not_kept["concepts without an address or a skos:notation"] += 1
    return codes


def _code(names: list[str]) -> str:
    return next((name for name in names if CODE.fullmatch(name)), None) or slug_of(names[0])


def _last_part(uri: str) -> str:
    return unquote(re.split(r"[/#:]", uri.rstrip("/#:"))[-1])


def _checked(concept: _Read, code: str, codes: Mapping[Node, str], not_kept: Counter[str]) -> Found:
    """Return a concept as the thesaurus has it, or with what is wrong with it."""
    found = Found(code, concept.node.value if isinstance(concept.node, NamedNode) else None)
    data = {
        "code": code,
        "labels": concept.labels,
        "alternatives": _others(concept, not_kept),
        "broader": _named(concept.broader, codes, not_kept),
        "related": _named(concept.related, codes, not_kept),
    }
    try:
        found.concept = ConceptCreate.model_validate(data)
    except ValidationError as error:
        found.faults = [fault_of({**one, "loc": ("body", *one["loc"])}) for one in error.errors()[:MOST_FAULTS]]
    return found


def _others(concept: _Read, not_kept: Counter[str]) -> dict[str, list[str]]:
    """Return the other words of a concept, each once."""
    kept: dict[str, list[str]] = {}
    for language, words in concept.others.items():
        seen = {same_word(concept.labels[language].strip())} if language in concept.labels else set()
        for word in words:
            if (same := same_word(word.strip())) in seen:
                not_kept["words that a concept has twice in a language"] += 1
            else:
                seen.add(same)
                kept.setdefault(language, []).append(word)
    return kept


def _named(nodes: Iterable[Node], codes: Mapping[Node, str], not_kept: Counter[str]) -> list[str]:
    """Return the codes of concepts, in the file or elsewhere; of those without a name there is none to be told."""
    named = set()
    for node in nodes:
        if node in codes:
            named.add(codes[node])
        elif isinstance(node, NamedNode):
            named.add(_code([_last_part(node.value)]))
        else:
            not_kept["ties to concepts without an address"] += 1
    return sorted(named)


def _refuse_doubles(concepts: Iterable[Found]) -> None:
    """Refuse concepts of the same code: which of them it stands for is not to be told."""
    same = defaultdict(list)
    for one in concepts:
        same[one.code].append(one)
    for code, several in same.items():
        if len(several) > 1:
            for one in several:
                message = f"{len(several)} concepts of the file have the code '{code[:80]}'"
                one.concept, one.faults = None, [Fault(location="body", field="code", message=message)]
