"""What stands on a page, read from its HTML: links with their text, tables by row, and the counts that both tell."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlsplit

import httpx

VOID = frozenset(("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"))


@dataclass
class Element:
    """An element with what is in it."""

    tag: str
    attributes: dict[str, str]
    children: list["Element | str"] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All its text, blanks joined."""
        return " ".join("".join(one if isinstance(one, str) else f" {one.text} " for one in self.children).split())

    def all(self, tag: str, name: str = "") -> list["Element"]:
        """Return the elements of a tag below it, with a class if one is named."""
        found = [] if self.tag != tag or name not in ["", *self.attributes.get("class", "").split()] else [self]
        for child in self.children:
            if isinstance(child, Element):
                found += child.all(tag, name)
        return found


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open = [Element("", {})]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        made = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(made)
        if tag not in VOID:
            self.open.append(made)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].children.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
            self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def read(answer: httpx.Response, status: int = 200) -> Element:
    """Read a page; fail when it is of another status, or its tags do not match."""
    assert answer.status_code == status, (answer.url, answer.status_code, answer.text[:300])
    reader = _Reader()
    reader.feed(answer.text)
    return reader.open[0]


def number(text: str) -> int:
    """Return the number in a text."""
    found = re.search(r"[\d,]+", text)
    assert found, text
    return int(found[0].replace(",", ""))


def searched(http: httpx.Client, pairs: Iterable[tuple[str, str]]) -> int:
    """Return how many practices the search service finds."""
    asked = [*pairs, ("type", "practice"), ("per_page", "1"), ("facets", "none")]
    answer = http.get("/search/v1/records", params=asked)
    assert answer.status_code == 200, answer.text
    total: int = answer.json()["total"]
    return total


def behind(http: httpx.Client, address: str) -> int:
    """Return how many practices there are behind a link to a search of the portal."""
    parts = urlsplit(address)
    assert parts.path == "/practices", address
    return searched(http, parse_qsl(parts.query))
