"""The embedded engine's fields, their analysis, and how a document is laid out in them."""

import struct
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import orjson
import tantivy

from services.search import words
from services.search.engines.base import Document, Part, Text
from services.search.engines.stems import LONGEST_TERM, STEMMERS, splitter, stemmer
from services.search.engines.titles import ORDERED_LANGUAGES, base_language, title_key
from services.web.build import digest

_RULES = ("engines/embedded/schema.py", "engines/titles.py", "engines/stems.py", "stop_words.py", "words.py")
"""Files that say how documents are laid out and their words read."""

TELLING, FEWEST_SMALL = 400, 8
"""Characters of a text that tell its language, and small words that must be among them."""

SHOWN_APART = frozenset(("key", "body", "name"))
"""Parts that are stored besides what a hit shows, for highlights."""

_SIGN, _ALL = 1 << 63, (1 << 64) - 1


def version(folder: Path) -> str:
    """Name the layout and the analysis in a copy of the search service's folder: an index made by others is rebuilt."""
    return f"{digest(folder, (folder / name for name in _RULES))}/{metadata.version('tantivy')}"


VERSION = version(Path(__file__).parents[2])


def stemmed(language: str) -> str:
    """Return the name of the stemmed field of a base language."""
    return f"stem_{language}"


def title_order(language: str | None) -> str:
    """Return the name of the field that orders by title for a reader."""
    base = base_language(language or "")
    return f"by_title_{base}" if base in ORDERED_LANGUAGES else "by_title"


def number_term(field: str, number: float) -> str:
    """Return a number of a range field as a term of plain letters: a field's terms are ordered as its numbers are."""
    bits = int.from_bytes(struct.pack(">d", number + 0.0))
    ordered = bits ^ (_ALL if bits >> 63 else _SIGN)
    return f"{words.clean(field).encode().hex()}x{ordered:016x}"


def tie(id: str) -> int:
    """Return the beginning of an id as a number: what orders records that are alike, and nearly tells them apart."""
    return int.from_bytes(id.encode()[:8].ljust(8, b"\0"))


def folding() -> tantivy.TextAnalyzer:
    """Return the analysis of the folded fields."""
    return splitter().filter(tantivy.Filter.ascii_fold()).build()


def schema() -> tantivy.Schema:
    """Return the fields of the index."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("record", stored=True, fast=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("id", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("slug", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("type", fast=True, tokenizer_name="raw", index_option="basic")
    builder.add_unsigned_field("seq", fast=True)
    builder.add_unsigned_field("tie", fast=True)
    builder.add_json_field("facets", fast=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("searched", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("aside", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("numbers", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("languages", tokenizer_name="raw", index_option="basic")
    for field in ("title", "summary", "key"):
        builder.add_text_field(field, tokenizer_name="fold", index_option="freq")
    builder.add_text_field("fold", tokenizer_name="fold", index_option="position")
    for language in STEMMERS:
        builder.add_text_field(stemmed(language), tokenizer_name=language, index_option="position")
    orders = (f"by_title_{language}" for language in ORDERED_LANGUAGES)
    for order in ("by_title", *orders, "by_start", "by_newest", "by_completeness", "by_relevance"):
        builder.add_text_field(order, fast=True, tokenizer_name="order", index_option="basic")
    builder.add_bytes_field("hit", stored=True)
    builder.add_bytes_field("texts", stored=True)
    builder.add_bytes_field("codes", stored=True)
    return builder.build()


def register_analyzers(index: tantivy.Index) -> None:
    """Tell an index how its fields are analysed; needed each time that one is opened."""
    raw = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.raw())
    index.register_tokenizer("fold", folding())
    for language in STEMMERS:
        index.register_tokenizer(language, stemmer(language))
    # Order fields are columns only: an analysis that keeps nothing saves their inverted index.
    index.register_tokenizer("order", raw.filter(tantivy.Filter.remove_long(1)).build())
    index.register_fast_field_tokenizer("order", tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.raw()).build())


def lay_out(document: Document) -> tantivy.Document:
    """Return the document in the index's fields; raise `ValueError` for one that no index could hold."""
    laid = tantivy.Document()
    id, key = words.clean(document.id), words.clean(document.key)
    if not id or len(id.encode()) > LONGEST_TERM:
        raise ValueError(f"its id must have 1 to {LONGEST_TERM} bytes")
    laid.add_text("record", key)
    laid.add_text("id", id)
    if document.slug:
        laid.add_text("slug", words.clean(document.slug))
    laid.add_text("type", words.clean(document.type))
    laid.add_unsigned("seq", document.seq)
    laid.add_unsigned("tie", tie(id))
    chosen = {facet: [words.clean(code) for code in codes] for facet, codes in document.facets.items() if codes}
    laid.add_json("facets", chosen)
    laid.add_bytes("codes", orjson.dumps(chosen))
    for field, number in document.numbers.items():
        laid.add_text("numbers", number_term(field, float(number)))
    if document.aside:
        laid.add_text("aside", "1")
    elif document.texts and not document.rank:
        laid.add_text("searched", "first")
    _add_texts(laid.add_text, document.texts)
    _add_orders(laid.add_text, document, key)
    orjson.loads(document.hit)  # what cannot be read again is better refused now than whenever it is found
    laid.add_bytes("hit", document.hit)
    rest = [
        (text.part, text.language, text.place, words.clean(text.value))
        for text in document.texts
        if text.part in SHOWN_APART
    ]
    laid.add_bytes("texts", orjson.dumps(rest))
    return laid


def _add_texts(add: Callable[[str, str], None], texts: tuple[Text, ...]) -> None:
    if texts:
        add("searched", "1")
    spoken = _spoken(texts)
    for language in set(spoken.values()):
        add("languages", language)
    for (part, tag), values in _together(texts).items():
        written = words.laid_out("\n".join(values))
        value = words.searchable(written)
        add("fold", value)
        if part not in ("body", "name"):
            add(part, value)
        language = base_language(tag)
        if part != "name":
            language = spoken[language]
        if language in STEMMERS:
            add(stemmed(language), words.clean(written))


def _together(texts: tuple[Text, ...]) -> dict[tuple[Part, str], list[str]]:
    found: dict[tuple[Part, str], list[str]] = {}
    for text in texts:
        found.setdefault((text.part, text.language), []).append(text.value)
    return found


def _spoken(texts: tuple[Text, ...]) -> dict[str, str]:
    """Return the base languages that texts are said to be in, names excepted, each with the one that it seems to be."""
    longest: dict[str, str] = {}
    for text in texts:
        if text.part != "name":
            language = base_language(text.language)
            longest[language] = max(longest.get(language, ""), text.value, key=len)
    return {language: _seeming(language, text) for language, text in longest.items()}


def _seeming(language: str, text: str) -> str:
    """Return the language that a text is in: the one that it is said to be in, unless its small words deny it."""
    if len(text) < TELLING:
        return language
    known = words.small_words(words.words(text[:TELLING]))
    other = max(known, key=lambda one: known[one])
    return other if known[other] > FEWEST_SMALL and known[other] > 2 * known.get(language, 0) else language


def _add_orders(add: Callable[[str, str], None], document: Document, key: str) -> None:
    keys = {language: _unique(title, key) for language, title in document.sort_titles.items()}
    default = keys.get("") or next(iter(keys.values()), _unique("", key))
    add("by_title", default)
    for language in ORDERED_LANGUAGES:
        add(f"by_title_{language}", keys.get(language, default))
    add("by_start", f"{99_999_999 if document.start is None else document.start:08d}\0{key}")
    add("by_newest", f"{2**63 - document.published:020d}\0{key}")
    add("by_relevance", f"{document.group:03d}{document.rank:03d}\0{key}")
    add("by_completeness", f"{101 if document.completeness is None else 100 - document.completeness:03d}\0{key}")


def _unique(title: str, key: str) -> str:
    """Return what orders by title; equal titles are ordered by key."""
    return f"{title_key(title)}\0{key}"
