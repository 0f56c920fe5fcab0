"""How the words of a question are looked for in one state of an index on a Meilisearch server.

Before they are chosen, the server is asked in one request which phrases and which other words any record holds; what
was chosen is remembered as long as the index stands still.
"""

import threading
from collections import OrderedDict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from itertools import islice, product
from typing import Generic, TypeVar

from services.search import words
from services.search.engines.base import Generation, Query
from services.search.engines.meilisearch import marks, relaxing
from services.search.engines.meilisearch import query as questions
from services.search.engines.meilisearch.asking import Asking
from services.search.engines.meilisearch.query import Wording
from services.search.engines.meilisearch.relaxing import FEW, Step, Words
from services.search.engines.meilisearch.schema import Json
from services.search.engines.meilisearch.signs import is_unspaced

READINGS, SPELLINGS = 4_096, 16_384
"""Questions whose reading is remembered, and words of which it is remembered what they were meant to be."""

MOST_LOOKED_UP, MOST_FOR_ONE = 128, 24
"""Phrases and other words that are looked for in the records, and other words for one among them."""

MOST_OTHERS, FEWER_OTHERS = 12, 4
"""Other words for one that are asked for, those that most records hold; the second in longer questions."""

MOST_CLOSE, MOST_ASKED = 20, 32
"""Searches for one question that find what is close, and all together."""

OTHER = 0.5
"""What a search weighs for each word that others stand for."""

WIDE = 1e-6
"""What a search weighs that finds more than what is close: less than any record that the others find."""

LOOKED_AT = 5
"""Records that tell what a word was taken for."""

T = TypeVar("T")


class Recent(Generic[T]):
    """Remembers what was put last."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, T] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> T | None:
        """Return what was put under a key, if that is remembered."""
        with self._lock:
            if key not in self._kept:
                return None
            self._kept.move_to_end(key)
            return self._kept[key]

    def put(self, key: Hashable, value: T) -> None:
        """Remember a value."""
        with self._lock:
            self._kept[key] = value
            self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)


class Asked:
    """The words of a query, as they are read and as they are sent."""

    def __init__(self, query: Query) -> None:
        self.titles_only = query.titles_only
        self.close_only = query.close_only
        self.text = query.text
        self.plan = words.plan(query.text, literally=query.titles_only)
        self.nothing = bool(query.text.strip()) and not self.plan.asks
        self.wording = questions.wording(query.text, self.plan, query.titles_only)
        # Misspelt names are left to the server, which forgives what it may.
        self.synonyms = tuple(concept for concept in query.synonyms if not concept.meant)
        self.key: Hashable = (self.wording, self.plan.wants_all, query.titles_only, self.synonyms)

    @property
    def is_plain(self) -> bool:
        """Tell whether a record that holds all words needs nothing else to be asked about."""
        few = self.plan.wants_all and len(self.wording.words) + len(self.wording.always) <= questions.MOST_WORDS
        return few and not self.synonyms and not (self.plan.is_sentence and self.plan.phrases)

    def counting(self, q: str) -> Json:
        """Return a search that counts the records which hold some words, whatever the filters."""
        return questions.counting(q, self.titles_only, [questions.SEARCHED])


@dataclass(frozen=True, slots=True)
class Reading:
    """The texts of the searches that together find what a question asks for, each with its weight from 0 to 1.

    The first `close` of them find what answers most of it. `relaxed` tells that they answer less than it first wanted,
    `replaced` names the words that others stand for.
    """

    searches: tuple[tuple[str, float], ...]
    close: int
    relaxed: bool = False
    replaced: frozenset[str] = frozenset()

    def asked(self, close_only: bool) -> tuple[tuple[str, float], ...]:
        """Return the searches, or those that find what is close."""
        return self.searches[: self.close] if close_only else self.searches


@dataclass(frozen=True, slots=True)
class _Instead:
    """Words as they are sent, and other words, each of which stands for all of them."""

    words: frozenset[str]
    others: tuple[str, ...]


class Readings:
    """Chooses how questions are read, for any number of threads."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking
        self._known = Recent[Reading](READINGS)
        self._meant = Recent[str](SPELLINGS)

    def known(self, asked: Asked, at: Generation) -> Reading | None:
        """Return how a question is read, if it was chosen for this state."""
        return self._known.get((at, asked.key))

    def choose(self, asked: Asked, generation: Generation | None) -> tuple[Generation, Reading]:
        """Choose how a question is read by what records hold, whatever the filters; raise as `Asking.all` does."""
        plan, wording, instead, unheld = asked.plan, asked.wording, list[_Instead](), list[tuple[str, ...]]()
        looked_up = dict.fromkeys(islice(self._looked_up(asked), MOST_LOOKED_UP))
        if looked_up:
            generation, found = self._asking.all([asked.counting(q) for q in looked_up], generation)
            held = {q: one["totalHits"] for q, one in zip(looked_up, found, strict=True)}
            if plan.is_sentence:
                unheld = [phrase for phrase, q in wording.phrases.items() if not held.get(q)]
            if unheld:
                plan = plan.without_phrases(unheld)
                wording = questions.wording(asked.text, plan, asked.titles_only)
            instead = list(_instead(asked, wording, held))
        choosing = relaxing.choose(wording.words, plan.wants_all)
        bare = replace(wording, always=())
        combinations, holds = next(choosing), False
        long = [word for word in wording.sent if words.typos_allowed(word)]
        while True:
            each = [[q for q, _ in _texts(bare, some, instead)] if some else [""] for some in combinations]
            each += [[f'"{wording.sent[word]}"'] for word in long]
            generation, found = self._asking.all([asked.counting(q) for texts in each for q in texts], generation)
            totals = (one["totalHits"] for one in found)
            counts = [sum(next(totals) for _ in texts) for texts in each]
            known = dict(zip(combinations, counts, strict=False))
            for word, spelt in zip(long, counts[len(combinations) :], strict=True):
                if spelt or not known[wording.sent[word],]:
                    self._meant.put((generation, word, asked.titles_only), "")
            long = []
            holds |= any(count for some, count in known.items() if some)
            try:
                combinations = choosing.send(counts[: len(combinations)])
            except StopIteration as chosen:
                step: Step = chosen.value
                break
        reading = _reading(wording, step, instead)
        if unheld and holds:
            reading = replace(reading, relaxed=True)
        self._known.put((generation, asked.key), reading)
        return generation, reading

    def _looked_up(self, asked: Asked) -> Iterator[str]:
        if asked.plan.is_sentence:
            yield from asked.wording.phrases.values()
        for concept in asked.synonyms:
            if set(concept.asked) & set(asked.plan.words):
                yield questions.exactly(concept.asked)
                yield from _exactly(concept.others)
                for kin in concept.akin:
                    yield from _exactly(kin)

    def meant(self, asked: Asked, reading: Reading, found: Iterable[Json], at: Generation) -> dict[str, str]:
        """Return the words of a question that no record holds as they are spelt, with what the server took them for.

        The words marked in the records found are those that need not be asked about.
        """
        sent = {
            word: asked.wording.sent[word]
            for word in asked.plan.words
            if words.typos_allowed(word) and word not in reading.replaced and not is_unspaced(word)
        }
        marked = frozenset[str]().union(*(marks.words_marked(one.get("_formatted")) for one in found if sent))
        unknown = [word for word in sent if not _answers(word, marked, asked)]
        if not unknown:
            return {}
        unasked = [word for word in unknown if self._meant.get((at, word, asked.titles_only)) is None]
        if unasked:
            searches = [asked.counting(f'"{sent[word]}"') for word in unasked]
            searches += [
                questions.marking(f"{sent[word]} ", asked.titles_only, LOOKED_AT, marks.TAGS) for word in unasked
            ]
            _, told = self._asking.all(searches, at)
            for word, spelt, nearly in zip(unasked, told, told[len(unasked) :], strict=False):
                near = "" if spelt["totalHits"] else _nearest(word, nearly["hits"], asked)
                self._meant.put((at, word, asked.titles_only), near)
        meant = {word: self._meant.get((at, word, asked.titles_only)) for word in unknown}
        return {word: near for word, near in meant.items() if near}


def _exactly(others: Sequence[tuple[str, str]]) -> Iterator[str]:
    for _, text in others[:MOST_FOR_ONE]:
        its = words.written_words(words.together(text))
        if its:
            yield questions.exactly(one for word in its for one in (words.words(word) if is_unspaced(word) else [word]))


def _instead(asked: Asked, wording: Wording, held: Mapping[str, int]) -> Iterator[_Instead]:
    """Yield the other words that some record holds; those akin where none holds any others, or what was asked."""
    most = MOST_OTHERS if len(wording.words) <= FEW else FEWER_OTHERS
    for concept in asked.synonyms:
        its = frozenset(wording.sent[word] for word in concept.asked if word in wording.sent)
        if not its:
            continue
        others = _held(concept.others, held)
        if not others and not held.get(questions.exactly(concept.asked)):
            others = next(filter(None, (_held(kin, held) for kin in concept.akin)), [])
        if others:
            yield _Instead(its, tuple(others[:most]))


def _held(others: Sequence[tuple[str, str]], held: Mapping[str, int]) -> list[str]:
    return sorted((q for q in dict.fromkeys(_exactly(others)) if held.get(q)), key=lambda q: -held[q])


def _texts(wording: Wording, some: Words, instead: Sequence[_Instead]) -> list[tuple[str, int]]:
    """Return the texts of the searches for some words or others that stand for them, each with how many do."""
    those = [one for one in instead if one.words & set(some)]
    found = dict[str, int]()
    for chosen in product(*([None, *one.others] for one in those)):
        left, others = set(some), list[str]()
        for one, other in zip(those, chosen, strict=True):
            if other is not None and one.words & left:
                left -= one.words
                others.append(other)
        found.setdefault(wording.only(left, others), len(others))
        if len(found) >= MOST_ASKED:
            break
    return sorted(found.items(), key=lambda text: text[1])


def _reading(wording: Wording, step: Step, instead: Sequence[_Instead]) -> Reading:
    close = list(_weighed(wording, step.combinations[: step.close], instead))[:MOST_CLOSE]
    taken = {q for q, _ in close}
    wide = [(q, weight) for q, weight in _weighed(wording, step.combinations[step.close :], instead) if q not in taken]
    searches = (*close, *((q, weight * WIDE) for q, weight in wide[: MOST_ASKED - len(close)]))
    replaced = frozenset[str]().union(*(one.words for one in instead))
    return Reading(searches, len(close), step.relaxed, frozenset(w for w, s in wording.sent.items() if s in replaced))


def _weighed(
    wording: Wording, combinations: Iterable[tuple[Words, float]], instead: Sequence[_Instead]
) -> Iterator[tuple[str, float]]:
    """Yield the searches of combinations, those with the words asked first."""
    each = [
        (others, q, weight * OTHER**others)
        for some, weight in combinations
        for q, others in _texts(wording, some, instead)
    ]
    yield from ((q, weight) for _, q, weight in sorted(each, key=lambda one: one[0]))


def _answers(word: str, marked: Set[str], asked: Asked) -> bool:
    """Tell whether some words that were marked hold one as it is spelt, or begin so where it may be begun."""
    begun = asked.wording.open_end and asked.wording.sent[word] == asked.wording.words[-1]
    return word in marked or (begun and any(one.startswith(word) for one in marked))


def _nearest(word: str, hits: Iterable[Json], asked: Asked) -> str:
    """Return the word nearest to one that was marked in hits, among equally near ones the one that most hits hold."""
    each = [marks.words_marked(hit.get("_formatted")) for hit in hits]
    marked = frozenset[str]().union(*each)
    if _answers(word, marked, asked):
        return ""
    for typos in range(1, words.typos_allowed(word) + 1):
        near = {one: sum(one in its for its in each) for one in marked if words.is_near(word, one, typos)}
        if near:
            return min(near, key=lambda one: (-near[one], one))
    return ""
