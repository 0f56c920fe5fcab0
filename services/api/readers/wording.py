"""What letters to and about readers say, in each language of the interface (`words.yaml`)."""

from functools import cache
from pathlib import Path
from urllib.parse import parse_qsl

import yaml


@cache
def words() -> dict[str, dict[str, str]]:
    """Return all texts, by key and language."""
    read: dict[str, dict[str, str]] = yaml.safe_load((Path(__file__).parent / "words.yaml").read_text("utf-8"))
    return read


def say(key: str, language: str, **values: object) -> str:
    """Return a text in a language, in English where it is none of the interface's, with values filled in."""
    said = words()[key]
    return said.get(language, said["en"]).format(**values)


def told(question: str, language: str) -> str:
    """Return a search as a letter tells it: its words in quotes, then its filters by their names."""
    pairs = parse_qsl(question)
    asked = [f"“{value}”" for name, value in pairs if name == "q"]
    filters = [f"{name}: {value}" for name, value in pairs if name != "q"]
    return ", ".join([*asked, *filters]) or say("everything", language)
