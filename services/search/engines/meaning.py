"""What a question means beside its words: which records speak of it in others, and in what order all are shown."""

import re
from collections.abc import Mapping, Sequence

import numpy as np

from services.search import words
from services.search.embedding import Encoder
from services.search.engines.vectors import Floats, Snapshot

MOST_FOUND = 100
"""Records that meaning alone finds for a question."""

NEAR = 0.5
"""How far above the average a record must be to be found, as a share of how far the closest one is."""

WORDS = 0.6
"""What words are worth beside meaning where a record holds all of the question."""

_WRITTEN = re.compile(r"[^\W\d_]+")


class Meaning:
    """How close one question comes to each record of a snapshot.

    `found` are the records that answer it, closest first, in whatever words; none where even the closest says nothing.
    """

    def __init__(self, encoder: Encoder, snapshot: Snapshot, question: str) -> None:
        cosines = snapshot.cosines(encoder.question(question))
        mean, best = (float(cosines.mean()), float(cosines.max())) if len(cosines) else (0.0, 0.0)
        self._worth: Floats = (cosines - np.float32(mean)) / np.float32(max(best - mean, encoder.spread))
        self._places = snapshot.places
        # Where even the average is close, as in a language that the model does not know, only what stands out counts.
        least = mean + encoder.rise if mean >= encoder.floor else min(encoder.floor, mean + encoder.rise)
        self.found = _closest(snapshot.keys, cosines, mean + NEAR * (best - mean), MOST_FOUND) if best >= least else []

    def worth(self, key: str) -> float:
        """Return how much closer than others a record is: 0 for one like the average, or without vectors; 1 at most."""
        place = self._places.get(key)
        return 0.0 if place is None else float(self._worth[place])

    def ordered(self, lexical: Sequence[tuple[str, float]], share: float) -> list[tuple[str, float]]:
        """Return records with their scores, best first, equal ones by key: those found by words, and `found` besides.

        `lexical` holds what words found, best first, with scores; `share` is the share of the question that the fullest
        record holds: words that found little of it are trusted less.
        """
        best = max((score for _, score in lexical), default=0.0) or 1.0
        scores = dict.fromkeys(self.found, 0.0) | {key: WORDS * share**2 * score / best for key, score in lexical}
        worth = ((key, score + self.worth(key)) for key, score in scores.items())
        return sorted(worth, key=lambda one: (-one[1], one[0]))


def similar(snapshot: Snapshot, key: str, most: int) -> list[tuple[str, float]]:
    """Return the records closest to what one is about, with their cosines; raise `KeyError` when it has no vectors."""
    cosines = snapshot.cosines(snapshot.vector(key))
    cosines[snapshot.places[key]] = -1.0
    return [(other, float(cosines[snapshot.places[other]])) for other in _closest(snapshot.keys, cosines, 0.0, most)]


def corrected(text: str, unknown: Mapping[str, Sequence[str]]) -> str:
    """Return a question as it was meant to be spelt.

    `unknown` maps folded words that no record holds to the nearest that one does. Where one has none, the question is
    left alone: it is likelier in another language than misspelt, and meaning knows that language.
    """
    if not all(unknown.values()):
        return text
    return _WRITTEN.sub(lambda word: _meant(word.group(), unknown), text)


def _meant(word: str, unknown: Mapping[str, Sequence[str]]) -> str:
    near = unknown.get(words.fold(word))
    return near[0] if near else word


def _closest(keys: Sequence[str], cosines: Floats, least: float, most: int) -> list[str]:
    places = np.flatnonzero(cosines >= least)
    if len(places) > most:
        # All that tie with the last, so that keys decide among them.
        places = places[cosines[places] >= np.partition(cosines[places], -most)[-most]]
    return [key for _, key in sorted((-float(cosines[place]), keys[int(place)]) for place in places)][:most]
