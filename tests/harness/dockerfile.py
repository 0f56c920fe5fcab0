"""Reads a Dockerfile, and does in a folder what an engine would do with its first stage."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.harness.paths import ROOT

PLACES = ("/opt/praxis", "/app")
"""Where an image holds the packages and the project; a replay holds them below its own folder."""


class Dockerfile:
    """The instructions of one file, by stage."""

    def __init__(self, path: Path) -> None:
        text = re.sub(r"^\s*#.*\n", "", path.read_text(), flags=re.MULTILINE).replace("\\\n", " ")
        self.stages: list[list[tuple[str, str]]] = []
        for line in filter(None, (line.strip() for line in text.splitlines())):
            word, _, rest = line.partition(" ")
            if word == "FROM":
                self.stages.append([])
            self.stages[-1].append((word, rest.strip()))

    def all(self, word: str) -> list[str]:
        """Return what follows an instruction wherever it stands."""
        return [rest for stage in self.stages for name, rest in stage if name == word]

    def last(self, word: str) -> str:
        """Return what an instruction of the final image says."""
        return next(rest for name, rest in reversed(self.stages[-1]) if name == word)

    def environment(self) -> dict[str, str]:
        """Return the final image's own environment."""
        return dict(pair.split("=", 1) for pair in re.findall(r"\w+=\S+", self.last("ENV")))

    def command(self) -> list[str]:
        """Return what the final image runs."""
        words: list[str] = json.loads(self.last("CMD"))
        return words

    def health(self) -> list[str]:
        """Return what its health check runs."""
        words: list[str] = json.loads(self.last("HEALTHCHECK").partition("CMD ")[2])
        return words


class Replay:
    """An image's packages and files below a folder, made by the Dockerfile's own steps, and nothing else."""

    def __init__(self, file: Dockerfile, folder: Path) -> None:
        self._file = file
        self._folder = folder
        place = folder
        for word, rest in file.stages[0]:
            if word == "WORKDIR":
                place = Path(self._here(rest))
                place.mkdir(parents=True)
            elif word == "COPY":
                *sources, target = rest.split()
                for source in sources:
                    _copy(ROOT / source, place / target)
            elif word == "RUN":
                path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
                subprocess.run(["sh", "-ec", self._here(rest)], cwd=place, env=os.environ | {"PATH": path}, check=True)

    def environment(self, **settings: str) -> dict[str, str]:
        """Return the environment of a process of this image."""
        own = {
            name: self._here(value).replace("$PATH", "/usr/bin:/bin")
            for name, value in self._file.environment().items()
        }
        return own | settings

    def arguments(self, words: list[str]) -> list[str]:
        """Return a command of this image with its program's place here."""
        return [str(self._folder / "opt/praxis/bin" / words[0]), *words[1:]]

    @property
    def place(self) -> Path:
        """Where its processes start."""
        return self._folder / "app"

    def _here(self, text: str) -> str:
        for place in PLACES:
            text = re.sub(rf"(?<![\w.]){place}\b", str(self._folder) + place, text)
        return text


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "Dockerfile"))
    else:
        target.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, target)


def sources(file: Dockerfile) -> Iterator[str]:
    """Yield what a Dockerfile copies from the project."""
    for rest in file.all("COPY"):
        if not rest.startswith("--from"):
            yield from rest.split()[:-1]
