"""One committed state of the embedded index, and all that is asked of it."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING, Any

import orjson
import tantivy
from tantivy import Occur, Order

from services.search import words
from services.search.engines.base import Answer, FacetCounts, Generation, Hit, Query, type_and_id
from services.search.engines.counts import shared, top
from services.search.engines.embedded import clauses
from services.search.engines.embedded import query as readings
from services.search.engines.embedded import schema as fields
from services.search.engines.embedded.clauses import Found, run
from services.search.engines.embedded.marking import Marker
from services.search.engines.embedded.panics import no_panic
from services.search.passages import passages

if TYPE_CHECKING:
    # Only an installation that searches by meaning has what this needs.
    from services.search.engines.embedded.meaning import Fused, Sense

SIMILAR_TERMS = 25
SIMILAR_READ = 20_000

SPARE = 20
"""Records looked at besides those wanted, of which some may be gone or of another type."""

Json = Mapping[str, Any]

_FOLDING = fields.folding()


class Snapshot:
    """One committed state of an index; it answers from any number of threads and never changes."""

    def __init__(self, index: tantivy.Index, generation: Generation) -> None:
        self.generation = generation
        self._index = index
        self._schema = index.schema
        self._searcher = index.searcher()
        self._sense: Sense | None = None

    def beside(self, sense: "Sense") -> "Snapshot":
        """Return the same state of the index beside vectors of its records."""
        snapshot = copy(self)
        snapshot._sense = sense
        snapshot.generation = replace(self.generation, vectors=sense.number)
        return snapshot

    @no_panic()
    def search(self, query: Query) -> Answer:
        """Answer a query."""
        asked = self._asked(query)
        counts = self._counts(asked, query.facets)
        total, found = self._page(asked, counts.get("type"))
        mark = Marker(asked.reading, asked.plan, asked.unknown, query.language)
        return Answer(
            total=total,
            close=self._close(asked, total),
            hits=tuple(self._hit(address, score, mark) for score, address in found),
            facets={
                facet: top(counts[facet], query.selected.get(facet, ()), query.values_per_facet)
                for facet in query.facets
            },
            relaxed=asked.relaxed,
            meant={word: near[0] for word, near in asked.unknown.items() if near},
            generation=self.generation,
        )

    def _asked(self, query: Query) -> "_Asked":
        asked = _Asked(self._index, self._searcher, query)
        if self._sense and asked.reading and asked.reading.plan.is_plain and not query.titles_only:
            asked.fused = self._sense.fused(self._schema, self._searcher, query.text, asked.reading)
        return asked

    @no_panic()
    def facet_values(self, query: Query, facet: str, codes: Iterable[str] | None, limit: int) -> FacetCounts:
        """Count one facet's values under a query, among `codes` when given."""
        counts = self._counts(self._asked(query), [facet])[facet]
        if codes is not None:
            among = set(codes)
            counts = {code: count for code, count in counts.items() if code in among}
        selected = () if codes is not None else query.selected.get(facet, ())
        return top(counts, selected, limit)

    @no_panic()
    def documents(self) -> Iterable[tuple[str, int]]:
        """Return key and seq of every document, by key."""
        hits = run(self._searcher, tantivy.Query.all_query(), max(1, self._searcher.num_docs), "record")[1]
        seqs = self._searcher.fast_field_values("seq", [address for _, address in hits]) if hits else []
        return [(key, int(seq or 0)) for (key, _), seq in zip(hits, seqs, strict=True)]

    @no_panic()
    def stored(self, type: str) -> Iterable[bytes]:
        """Return the stored `hit` JSON of every document of a type, by key."""
        of_type = tantivy.Query.term_query(self._schema, "type", words.clean(type), "basic")
        there = run(self._searcher, of_type, max(1, self._searcher.num_docs), "record")[1]
        return [bytes(self._searcher.doc(address)["hit"][0]) for _, address in there]

    def passages(self, key: str) -> Sequence[str]:
        """Return what vectors of a record are made of, none for one without texts; raise `KeyError` when it is gone."""
        named = tantivy.Query.term_query(self._schema, "record", words.clean(key), "basic")
        there = run(self._searcher, named, 1)[1]
        if not there:
            raise KeyError(key)
        stored = self._searcher.doc(there[0][1])
        shown, texts = orjson.loads(stored["hit"][0]), orjson.loads(stored["texts"][0])
        own = [(language, text) for part, language, _, text in texts if part != "name"]
        original = shown.get("language") or next((language for language, _ in own), "")
        told = [text for language, text in own if language == original]
        return passages(shown.get("titles") or {}, shown.get("summaries") or {}, original, told)

    @no_panic()
    def similar(self, name: str, types: Sequence[str], limit: int) -> tuple[Hit, ...]:
        """Return the records of the same type most like one; raise `KeyError` when none of some types is named so.

        They are close in meaning where there are vectors, else they share its telling words.
        """
        named = [tantivy.Query.term_query(self._schema, by, words.clean(name), "basic") for by in ("id", "slug")]
        searched = tantivy.Query.term_query(self._schema, "searched", "1", "basic")
        for type in types:
            of_type = tantivy.Query.term_query(self._schema, "type", words.clean(type), "basic")
            itself = clauses.every([clauses.any_of(named), searched, of_type])
            if there := run(self._searcher, itself, 1)[1]:
                break
        else:
            raise KeyError(name)
        stored = self._searcher.doc(there[0][1])
        key, own = str(stored["record"][0]), _codes(stored)
        if self._sense and self._sense.knows(key):
            found = self._near(self._sense.similar(key, limit + SPARE), of_type, limit)
        else:
            query = tantivy.Query.boolean_query(
                [
                    (Occur.Must, self._telling(stored)),
                    (Occur.Must, clauses.unscored(of_type)),
                    (Occur.MustNot, itself),
                ]
            )
            found = self._ranked(query, 0, limit)[1] if limit > 0 else []
        return tuple(self._alike(address, score, own) for score, address in found)

    def _telling(self, stored: tantivy.Document) -> tantivy.Query:
        """Return what finds records that hold the most telling words of one, and ranks them by these."""
        counts = Counter(_FOLDING.analyze(words.searchable(_all_text(stored))[:SIMILAR_READ]))
        records = self._searcher.num_docs
        holders = {word: min(self._searcher.doc_freq("fold", word), records) for word in counts}
        worth = {
            word: count * (1 + math.log((records + 1) / (holders[word] + 1)))
            for word, count in counts.items()
            if holders[word]
        }
        # Of equal ones always the same are taken, so that a record is like the same others each time.
        telling = sorted(worth, key=lambda word: (-worth[word], word))[:SIMILAR_TERMS]
        terms = [(word, tantivy.Query.term_query(self._schema, "fold", word, "freq")) for word in telling]
        return clauses.any_of([tantivy.Query.boost_query(query, worth[word]) for word, query in terms])

    def _near(self, close: Iterable[tuple[str, float]], of_type: tantivy.Query, limit: int) -> Found:
        """Return those of a type among the records that are close in meaning to one."""
        found: Found = []
        for other, cosine in close:
            itself = tantivy.Query.term_query(self._schema, "record", other, "basic")
            there = run(self._searcher, clauses.every([itself, of_type]), 1)[1]
            found += [(cosine, address) for _, address in there]
        return found[: max(0, limit)]

    def _close(self, asked: "_Asked", total: int) -> int:
        reading = asked.reading
        if not total or reading is None or asked.query.close_only:
            return total
        if asked.fused is None and reading.near == reading.needed:
            return total
        return run(self._searcher, asked.matching(close_only=True, ranked=False), 1)[0]

    def _page(self, asked: "_Asked", counted: Mapping[str, int] | None) -> tuple[int, Found]:
        """Return the count and a page; by relevance, all of one group come first; those `counted` are not again."""
        query = asked.query
        if asked.nothing:
            return 0, []
        offset = (query.page - 1) * query.per_page
        if offset >= self._searcher.num_docs:
            return run(self._searcher, asked.matching(), 1)[0], []
        limit = min(query.per_page, self._searcher.num_docs - offset)
        if query.sort != "relevance" or not asked.reading:
            order = fields.title_order(query.language) if query.sort == "title" else f"by_{query.sort}"
            return self._ordered(asked.matching(), order, offset, limit)
        total = 0
        page: Found = []
        for types in asked.groups or (None,):
            start, room = max(0, offset - total), limit - len(page)
            if counted is None or types is None:
                count = self._count(asked, types)
            else:
                count = sum(counted.get(type, 0) for type in types)
            found: Found = []
            if asked.fused and room > 0 and start < count:
                found = asked.fused.page(asked.narrow(types=types), query.close_only, start, room, self._ranked)
            elif room > 0 and start < count:
                found = self._ranked(asked.matching(types=types), start, room)[1]
            total += count
            page += found
        return total, page

    def _count(self, asked: "_Asked", types: tuple[str, ...] | None) -> int:
        """Return how many records of some types are found, whether or not they are selected."""
        # All that words find hold enough of them: to see that none of a type does takes less than to look for them.
        by_words = asked.reading if types and not asked.fused else None
        if types and by_words and not by_words.is_held(clauses.of_types(self._schema, types)):
            return 0
        return run(self._searcher, asked.matching(ranked=False, types=types), 1)[0]

    def _ordered(self, query: tantivy.Query, field: str, offset: int, limit: int) -> tuple[int, Found]:
        """Return the count and a page in ascending order of a field whose values differ, by the shorter way to it."""
        if 2 * offset < self._searcher.num_docs:
            total, hits = run(self._searcher, query, limit, field, offset)
        else:
            total = run(self._searcher, query, 1)[0]
            limit = min(limit, total - offset)
            before_end = total - offset - limit
            hits = run(self._searcher, query, limit, field, before_end, Order.Desc)[1][::-1] if limit > 0 else []
        return total, [(0.0, address) for _, address in hits]

    def _ranked(self, query: tantivy.Query, offset: int, limit: int) -> tuple[int, Found]:
        """Return the count and a page by score, equal scores by key, once all that tie with the last are there."""
        end, size = offset + limit, offset + limit + 1
        while True:
            result: Any = self._searcher.search(query, size)
            total, hits = result.count, result.hits
            if len(hits) == total or hits[-1][0] < hits[end - 1][0]:
                break
            size = min(size * 8, total)
        page: Found = []
        at = 0
        for _, tied in groupby(hits, key=lambda hit: hit[0]):
            group = list(tied)
            if at + len(group) > offset and at < end:
                page += self._by_id(group)[max(0, offset - at) : end - at]
            at += len(group)
        return total, page

    def _by_id(self, group: Found) -> Found:
        if len(group) == 1:
            return group
        ties = self._searcher.fast_field_values("tie", [address for _, address in group])
        paired = sorted(zip(ties, range(len(group)), strict=True))
        ordered: Found = []
        for _, same in groupby(paired, key=lambda pair: pair[0]):
            hits = [group[place] for _, place in same]
            ordered += hits if len(hits) == 1 else sorted(hits, key=lambda hit: self._key(hit[1]))
        return ordered

    def _key(self, address: tantivy.DocAddress) -> str:
        return str(self._searcher.doc(address)["record"][0])

    def _hit(self, address: tantivy.DocAddress, score: float, mark: Marker | None) -> Hit:
        stored = self._searcher.doc(address)
        hit = orjson.loads(stored["hit"][0])
        highlights = mark.highlights(hit, orjson.loads(stored["texts"][0])) if mark else {}
        return Hit(_id(stored), hit, highlights, score)

    def _alike(self, address: tantivy.DocAddress, score: float, own: Mapping[str, list[str]]) -> Hit:
        stored = self._searcher.doc(address)
        return Hit(_id(stored), orjson.loads(stored["hit"][0]), {}, score, shared(own, _codes(stored)))

    def _counts(self, asked: "_Asked", facets: Iterable[str]) -> dict[str, dict[str, int]]:
        """Count facets: together those that all filters narrow, apart each that ignores its own selection."""
        if asked.nothing:
            return {facet: {} for facet in facets}
        alone = {facet for facet in facets if facet in asked.query.any_of and asked.query.selected.get(facet)}
        others = asked.other_types if "type" in alone else ()
        alone -= {"type"} if others else set()
        together = [facet for facet in facets if facet not in alone]
        counts = clauses.counts(self._searcher, asked.matching(ranked=False), together) if together else {}
        for facet in alone:
            counts |= clauses.counts(self._searcher, asked.matching(ignoring=facet, ranked=False), [facet])
        for type in others:
            # One by one they take less than all at once: mostly those that are few are left out.
            if there := self._count(asked, (type,)):
                counts["type"][type] = there
        return counts


class _Asked:
    """A query made ready for one snapshot: its words with what records need of them, and its filters."""

    def __init__(self, index: tantivy.Index, searcher: tantivy.Searcher, query: Query) -> None:
        self._index = index
        self.query = query
        self.plan = words.plan(query.text, literally=query.titles_only)
        self.nothing = bool(query.text.strip()) and not self.plan.asks
        self.filters = clauses.filters(index, query)
        self.reading: readings.Reading | None = None
        self.fused: Fused | None = None
        if self.plan.asks:
            self.reading = readings.Reading(
                index.schema, searcher, _FOLDING, self.plan, query.titles_only, query.synonyms
            )

    @property
    def relaxed(self) -> bool:
        """Tell whether fewer words had to be there than the question first wanted."""
        return self.reading is not None and self.reading.relaxed

    @property
    def unknown(self) -> Mapping[str, list[str]]:
        """Return the words that no record holds, each with those that it may have been meant to be."""
        return self.reading.unknown if self.reading else {}

    @property
    def chosen(self) -> tuple[str, ...] | None:
        """Return the types of records that may be found, in their order; none where any type may."""
        asked, selected = self.query.types, self.query.selected.get("type")
        if not asked or not selected:
            return asked or selected or None
        return tuple(type for type in asked if type in selected)

    @property
    def groups(self) -> tuple[tuple[str, ...], ...]:
        """Return the types of records that may be found, in their order, those that stand abreast together."""
        chosen, together = self.chosen or (), self.query.abreast
        abreast = tuple(type for type in chosen if type in together)
        return (*((abreast,) if abreast else ()), *((type,) for type in chosen if type not in together))

    @property
    def other_types(self) -> tuple[str, ...]:
        """Return the types of records that a selection of types leaves out."""
        return tuple(type for type in self.query.types if type not in self.query.selected["type"])

    def matching(
        self,
        ignoring: str | None = None,
        close_only: bool = False,
        ranked: bool = True,
        types: tuple[str, ...] | None = None,
    ) -> tantivy.Query:
        """Return what finds the records, scored by the words alone: of some types, or without one facet's selection."""
        close_only = close_only or self.query.close_only
        text = [self.reading.query(close_only, ranked)] if self.reading else []
        if self.reading and self.fused:
            text = [self.fused.matching(self.reading.query(close_only=False, ranked=False), close_only)]
        return clauses.every([*text, *self.narrow(ignoring, types)])

    def narrow(self, ignoring: str | None = None, types: tuple[str, ...] | None = None) -> list[tantivy.Query]:
        """Return the filters, unscored: of some types alone, or without one facet's selection."""
        found = [wanted for facet, wanted in self.filters.items() if facet != ignoring]
        if types is None:
            types = (self.query.types or None) if ignoring == "type" else self.chosen
        if types is not None:
            found.append(clauses.of_types(self._index.schema, types))
        return [clauses.unscored(wanted) for wanted in found]


def _id(stored: tantivy.Document) -> str:
    return type_and_id(stored["record"][0])[1]


def _all_text(stored: tantivy.Document) -> str:
    shown = orjson.loads(stored["hit"][0])
    heads = [text for part in ("titles", "summaries") for text in (shown.get(part) or {}).values()]
    return " ".join([*heads, *(text for *_, text in orjson.loads(stored["texts"][0]))])


def _codes(stored: tantivy.Document) -> dict[str, list[str]]:
    codes: dict[str, list[str]] = orjson.loads(stored["codes"][0])
    return codes
