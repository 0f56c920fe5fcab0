"""The words of a question in the embedded engine's language: what finds them, and what ranks what is found."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import tantivy
from tantivy import Occur

from services.search import words
from services.search.engines.base import Synonyms
from services.search.engines.corrections import MOST_MEANT, corrections
from services.search.engines.embedded import schema as fields
from services.search.engines.embedded.clauses import any_of, every, favoured, run, unscored
from services.search.engines.matching import SHORTEST_PREFIX
from services.search.engines.stems import STEMMERS, stems
from services.search.engines.weights import CLOSE, MOST, NEEDED, WEIGHTS

PARTS = {"title": 2.0, "summary": 1.0, "key": 0.5}
"""What a word is worth there, added to what it is worth anywhere."""

STEM = 1.0
"""What another form of a word is worth; the form asked for counts this besides its own worth."""

PREFIX = 0.5
"""What a word begun is worth, as a share of what a word found in as many records is worth: the library scores such
matches alike, wherever they are found.
"""

CORRECTED = 0.9
"""What a word is worth that stands in for one which no record holds, as a share of what it is worth itself."""

SYNONYM, AKIN = 1.0, 0.5
"""What other words for what was asked are worth, and words for what is akin to it."""

NEIGHBOURS, APART = 0.3, 2
"""What two words of the question are worth besides where they stand together, at most so many words apart."""

NEAR = 1_000.0
"""What puts the records that answer most of a question before all others."""

Language = str


@dataclass(frozen=True, slots=True)
class _Word:
    """One word of a question and the queries for it: a record must be found by one of `found` to hold the word.

    Those of `ranked` order what is found and never find more. `rarity` is what BM25 makes of the number of records that
    hold it, zero when none does. `languages` are those whose other forms of it are looked for.
    """

    found: list[tantivy.Query]
    ranked: list[tantivy.Query]
    rarity: float
    languages: frozenset[Language]


class Reading:
    """How the words of one plan are looked up in one snapshot.

    `needed` is the weight of words that a record must hold, `near` that which a close one holds, both chosen by the
    words alone; `share` is the share of the question that the fullest record holds, and `relaxed` tells that none holds
    what the question first wanted. `unknown` maps long words that no record holds as they are spelt to the nearest that
    records hold, none when there is none so near; `others` are other words for those asked that some record holds, each
    with the word asked, its language and as it is written.
    """

    def __init__(
        self,
        schema: tantivy.Schema,
        searcher: tantivy.Searcher,
        folding: tantivy.TextAnalyzer,
        plan: words.Plan,
        titles_only: bool,
        synonyms: Sequence[Synonyms] = (),
    ) -> None:
        self.schema = schema
        self.searcher = searcher
        self.folding = folding
        self.titles_only = titles_only
        self.base = "title" if titles_only else "fold"
        unheld = [phrase for phrase in plan.phrases if plan.is_sentence and not self._count(self._phrase(phrase))]
        self.plan = plan.without_phrases(unheld) if unheld else plan
        plan = self.plan
        # What is rare is so among the records that come first: those of other types are many, short and alike.
        self.records = searcher.doc_freq("searched", "first") or searcher.doc_freq("searched", "1")
        self.unknown: dict[str, list[str]] = {}
        self.others: list[tuple[str, str, str]] = []
        others = self._synonyms([one for one in synonyms if not one.meant])
        self.guesses = [one for one in synonyms if one.meant]
        self.words = [self._word(word, others.get(word)) for word in plan.words]
        self.weights = [1] * len(self.words)
        if not plan.wants_all:
            rarest = max((word.rarity for word in self.words), default=0.0) or 1.0
            self.weights = [max(1, round(WEIGHTS * word.rarity / rarest)) for word in self.words]
        not_aside = (Occur.MustNot, tantivy.Query.term_query(schema, "aside", "1", "basic"))
        whole, held = sum(self.weights), self._most_held(not_aside) if self.words else 0
        self.needed = (held if plan.wants_all else math.ceil(NEEDED * held)) or whole
        self.near = (held if plan.wants_all else math.ceil(CLOSE * held)) or whole
        self.share = held / whole if whole else 0.0
        self.relaxed = bool(unheld and held) or 0 < held < (whole if plan.wants_all else MOST * whole)

    @property
    def languages(self) -> Mapping[str, frozenset[Language]]:
        """Return the languages in which other forms of each word are looked for."""
        return {word: read.languages for word, read in zip(self.plan.words, self.words, strict=True)}

    def query(self, close_only: bool, ranked: bool = True, close_first: bool = True) -> tantivy.Query:
        """Return what finds the records that hold words of the weight needed, or of that which close ones hold.

        Where they are `ranked`, it scores them, and `close_first` puts the close ones before all others.
        """
        clauses = [(Occur.Must, self._phrase(phrase)) for phrase in self.plan.phrases]
        clauses += [(Occur.MustNot, self._phrase(phrase)) for phrase in self.plan.excluded]
        if self.words:
            clauses.append((Occur.Must, self._holding(self.near if close_only else self.needed, ranked)))
            if ranked and close_first and self.needed != self.near and not close_only:
                near = self._holding(self.near, ranked=False)
                clauses.append((Occur.Should, tantivy.Query.const_score_query(near, NEAR)))
            if ranked:
                clauses += [(Occur.Should, neighbours) for neighbours in self._neighbours()]
        elif not self.plan.phrases:
            clauses.append((Occur.Must, unscored(tantivy.Query.all_query())))
        return tantivy.Query.boolean_query(clauses)

    def _holding(self, needed: int, ranked: bool) -> tantivy.Query:
        groups = [favoured(any_of(word.found), word.ranked if ranked else ()) for word in self.words]
        if needed == len(groups) and max(self.weights) == 1:
            return every(groups)
        clauses = [(Occur.Should, group) for group in groups]
        for word, weight in zip(self.words, self.weights, strict=True):
            # The library counts clauses: a word counts as often as it is repeated, the repetitions unscored.
            clauses += [(Occur.Should, unscored(any_of(word.found)))] * (weight - 1)
        return tantivy.Query.boolean_query(clauses, needed)

    def is_held(self, by: tantivy.Query) -> bool:
        """Tell whether one of some records holds words of the weight needed; takes the less the fewer they are."""
        return not self.words or self._most_held((Occur.Must, unscored(by))) >= self.needed

    def _most_held(self, among: tuple[Occur, tantivy.Query]) -> int:
        """Return the weight of the words that the fullest record among some holds."""
        clauses = [
            (Occur.Should, tantivy.Query.const_score_query(any_of(word.found), float(weight)))
            for word, weight in zip(self.words, self.weights, strict=True)
        ]
        best = run(self.searcher, tantivy.Query.boolean_query([*clauses, among]), 1)[1]
        return round(best[0][0]) if best else 0

    def _phrase(self, phrase: Sequence[str]) -> tantivy.Query:
        terms = [term for word in phrase for term in self.folding.analyze(word) or [word]]
        return _in_a_row(self.schema, "fold", list(enumerate(terms)))

    def _neighbours(self) -> Iterator[tantivy.Query]:
        """Yield what favours two words that follow each other in the question and nearly so in a record."""
        if self.titles_only:
            return
        for (one, its), (other, others) in pairwise(zip(self.plan.words, self.words, strict=True)):
            if not (its.rarity and others.rarity):
                continue
            languages = its.languages & others.languages or {""}
            for language in languages:
                field = fields.stemmed(language) if language else "fold"
                either = [stems(language, word) if language else self.folding.analyze(word) for word in (one, other)]
                terms = [term for found in either for term in sorted(found)[:1]]
                if len(terms) == 2 and all(self.searcher.doc_freq(field, term) for term in terms):
                    phrase = tantivy.Query.phrase_query(self.schema, field, list(terms), APART)
                    yield self._boosted(phrase, NEIGHBOURS)

    def _word(self, word: str, synonyms: tuple[tantivy.Query, int] | None) -> _Word:
        # The index's own folding has the last word: it knows letters that `words.fold` leaves alone.
        terms = self.folding.analyze(word) or [word]
        whole = self.plan.joined.get(word)
        open_end = word in self.plan.begun or (self.plan.open_end and word == self.plan.words[-1])
        languages = self._languages(word, terms)
        found, ranked, holders = self._forms(word, terms, languages)
        if whole:
            found_whole, ranked_whole, holders_whole = self._forms(
                whole, self.folding.analyze(whole) or [whole], languages
            )
            found, ranked, holders = found + found_whole, ranked + ranked_whole, max(holders, holders_whole)
        if synonyms:
            found.append(synonyms[0])
            holders = max(holders, synonyms[1])
        if open_end and (word in self.plan.begun or self.titles_only or (not holders and len(word) >= SHORTEST_PREFIX)):
            begun = tantivy.Query.fuzzy_term_query(self.schema, self.base, terms[0], 0, True, True)
            longer = self._count(begun)
            found.append(self._alike(begun, PREFIX, holders or longer))
            holders = max(holders, longer)
        if not holders and (typos := words.typos_allowed(word)):
            found, ranked, holders = self._meant(word, terms[0], typos, open_end)
            if guesses := [one for one in self.guesses if word in one.asked]:
                found, holders = self._guessed(word, guesses, found, holders)
        return _Word(found, ranked, self._rarity(holders) if holders else 0.0, languages)

    def _meant(
        self, word: str, term: str, typos: int, open_end: bool
    ) -> tuple[list[tantivy.Query], list[tantivy.Query], int]:
        """Return what finds the nearest words that records hold, in all their forms, for one that none does."""
        near = self._corrections(term, typos)[:MOST_MEANT]
        self.unknown[word] = near
        if not near and open_end:
            begun = tantivy.Query.fuzzy_term_query(self.schema, self.base, term, 1, True, True)
            holders = self._count(begun)
            return [self._alike(begun, PREFIX, holders)] if holders else [], [], holders
        forms = [self._forms(other, [other], self._languages(other, [other])) for other in near]
        if not forms:
            return [tantivy.Query.empty_query()], [], 0
        holders = max(held for *_, held in forms)
        return self._best([self._boosted(favoured(any_of(f), r), CORRECTED) for f, r, _ in forms]), [], holders

    def _guessed(
        self, word: str, guesses: Sequence[Synonyms], found: list[tantivy.Query], holders: int
    ) -> tuple[list[tantivy.Query], int]:
        """Return what finds a word as it was meant, or the other words of what it may have been meant to name."""
        for guess in guesses:
            if other := self._synonyms([guess]).get(word):
                found, holders = [*found, other[0]], max(holders, other[1])
                if not self.unknown[word]:
                    self.unknown[word] = [guess.meant[guess.asked.index(word)]]
        return found, holders

    def _corrections(self, word: str, typos: int) -> list[str]:
        def holders(other: str) -> int:
            return self.searcher.doc_freq(self.base, other)

        return corrections(word, typos, holders, partial(self.searcher.terms_with_prefix, self.base))[0]

    def _languages(self, word: str, terms: Sequence[str]) -> frozenset[Language]:
        """Return the languages whose other forms of a word are looked for: those that the question is in.

        When it does not tell, those in whose texts the word stands as it is spelt; of one that stands nowhere, all.
        """
        if self.titles_only:
            return frozenset()
        known = {
            language for language, stem in self._stems(word) if self.searcher.doc_freq(fields.stemmed(language), stem)
        }
        if asked := known & self.plan.languages:
            return frozenset(asked)
        if not self.searcher.doc_freq(self.base, terms[0]):
            return frozenset(known)
        if self.plan.languages:
            return frozenset()
        spelt = tantivy.Query.term_query(self.schema, self.base, terms[0], "basic")
        return frozenset(language for language in known if self._count(every([spelt, self._spoken(language)])))

    def _spoken(self, language: Language) -> tantivy.Query:
        return tantivy.Query.term_query(self.schema, "languages", language, "basic")

    def _forms(
        self, word: str, terms: Sequence[str], languages: Set[Language]
    ) -> tuple[list[tantivy.Query], list[tantivy.Query], int]:
        """Return what finds a word as it is spelt and in other forms, what ranks it besides, and how many hold it."""
        forms = [(fields.stemmed(language), stem) for language, stem in self._stems(word) if language in languages]
        parts = {} if self.titles_only else PARTS
        holders = max(self.searcher.doc_freq(field, term) for field, term in ((self.base, terms[0]), *forms))
        exact = [self._term(self.base, term, 1.0, holders) for term in terms]
        found = [every(exact), *self._best([self._term(field, stem, STEM, holders) for field, stem in forms])]
        return found, [self._term(part, terms[0], worth, holders) for part, worth in parts.items()], holders

    def _synonyms(self, synonyms: Sequence[Synonyms]) -> dict[str, tuple[tantivy.Query, int]]:
        """Return what finds other words for each word asked, and how many records hold one of them."""
        found: dict[str, tuple[tantivy.Query, int]] = {}
        for concept in synonyms:
            asked = [word for word in concept.asked if word in self.plan.words]
            if not asked:
                continue
            (others, holders), worth = self._held(asked[0], concept.others), SYNONYM
            if not holders and not self._spelt(concept.asked):
                kin = (self._held(asked[0], its) for its in concept.akin)
                (others, holders), worth = next((one for one in kin if one[1]), ([], 0)), AKIN
            if not holders:
                continue
            share = worth * self._rarity(holders) / len(asked)
            for word in asked:
                before, held = found.get(word, (None, 0))
                query = self._boosted(tantivy.Query.disjunction_max_query(others), share)
                found[word] = (any_of([before, query]) if before else query, max(held, holders))
        return found

    def _held(self, asked: str, others: Iterable[tuple[str, str]]) -> tuple[list[tantivy.Query], int]:
        """Return what finds other words and how many records hold one; keep in mind the words if some do."""
        found: list[tantivy.Query] = []
        told: list[tuple[str, str, str]] = []
        for language, text in others:
            if queries := list(self._other(language, text)):
                found += queries
                told.append((asked, language, text))
        holders = self._count(any_of(found)) if found else 0
        self.others += told if holders else []
        return found, holders

    def _spelt(self, asked: Sequence[str]) -> bool:
        """Tell whether some record holds words that follow each other as they are spelt, or forms of a single one."""
        if len(asked) == 1 and any(
            self.searcher.doc_freq(fields.stemmed(of), stem) for of, stem in self._stems(asked[0])
        ):
            return True
        return bool(self._count(self._phrase(asked)))

    def _other(self, language: Language, text: str) -> Iterator[tantivy.Query]:
        """Yield what finds other words: as they are spelt, and in the forms of their language."""
        its = words.words(text)
        spelt = [(at, term) for at, word in enumerate(its) for term in self.folding.analyze(word)]
        written = words.written_words(text)
        forms = [(at, stem) for at, word in enumerate(written) for stem in stems(language, word)]
        # What small words leave one word of is not what that word says: "no acompañados" is not "acompañar".
        forms = forms if len(forms) > 1 or len(written) == 1 else []
        for field, terms in (("fold", spelt), (fields.stemmed(language), forms)):
            holders = [self.searcher.doc_freq(field, term) for _, term in terms]
            if terms and all(holders):
                rarity = sum(self._rarity(held, self.searcher.num_docs) for held in holders)
                yield self._boosted(_in_a_row(self.schema, field, terms), 1 / rarity)

    def _best(self, queries: list[tantivy.Query]) -> list[tantivy.Query]:
        return [tantivy.Query.disjunction_max_query(queries)] if len(queries) > 1 else queries

    def _term(self, field: str, term: str, worth: float, holders: int) -> tantivy.Query:
        """Return what finds a term, and ranks it by the rarity of its word, wherever that stands."""
        query = tantivy.Query.term_query(self.schema, field, term, "freq")
        # The library judges rarity by the field: a common word would be rare in titles, or in another language's texts.
        there = self._rarity(self.searcher.doc_freq(field, term), self.searcher.num_docs)
        return self._boosted(query, worth * self._rarity(holders) / there)

    def _boosted(self, query: tantivy.Query, worth: float) -> tantivy.Query:
        return query if worth == 1.0 else tantivy.Query.boost_query(query, worth)

    def _stems(self, word: str) -> Iterator[tuple[Language, str]]:
        for language in STEMMERS:
            for stem in frozenset[str]().union(*(stems(language, spelt) for spelt in self.plan.spellings(word))):
                yield language, stem

    def _alike(self, query: tantivy.Query, share: float, holders: int) -> tantivy.Query:
        """Score what a query finds alike: a share of what BM25 makes of a word with so many holders."""
        return tantivy.Query.const_score_query(query, share * self._rarity(holders))

    def _count(self, query: tantivy.Query) -> int:
        return run(self.searcher, query, 1)[0]

    def _rarity(self, holders: int, records: int | None = None) -> float:
        records = max(self.records if records is None else records, holders)
        return math.log1p((records - holders + 0.5) / (holders + 0.5))


def _in_a_row(schema: tantivy.Schema, field: str, terms: Sequence[tuple[int, str]]) -> tantivy.Query:
    """Return what finds terms at their distances from each other."""
    if len(terms) == 1:
        return tantivy.Query.term_query(schema, field, terms[0][1], "freq")
    return tantivy.Query.phrase_query(schema, field, list(terms))
