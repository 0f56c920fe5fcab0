"""A practice whose every text tries to be more than text."""

from collections.abc import Iterator
from typing import Any

import httpx
import yaml

from tests.harness.paths import PRACTICES
from tests.harness.support import Json

SEED = PRACTICES / "cartaya.yaml"

CORPUS = (
    "<script>window.pwned=1</script>",
    "</script><script>window.pwned=1</script>",
    '"><script>window.pwned=1</script>',
    "'><img src=x onerror=window.pwned=1>",
    "<img src=x onerror='window.pwned=1'>",
    "<svg onload=window.pwned=1>",
    "<svg><script>window.pwned=1</script></svg>",
    "</textarea><svg/onload=window.pwned=1>",
    "</title><iframe src=javascript:window.parent.pwned=1>",
    '" autofocus onfocus=window.pwned=1 x="',
    "' onmouseover='window.pwned=1",
    "<mark onpointerenter=window.pwned=1>mark</mark>",
    "</mark><b>bold</b><mark>",
    "<a href='javascript:window.pwned=1'>link</a>",
    "javascript:window.pwned=1",
    "<style>body{display:none}</style>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<base href='//evil.example/'>",
    "<form action=//evil.example><button>go</button></form>",
    "{{ 7 * 7 }} {% raw %} ${7*7} #{7*7}",
    "<!-- --!><img src=x onerror=window.pwned=1> -->",
    "&lt;script&gt;window.pwned=1&lt;/script&gt;",
    "]]><script>window.pwned=1</script>",
    "<details open ontoggle=window.pwned=1>",
    '=HYPERLINK("http://evil.example","click")',
    "hx-get=/ hx-trigger=load <div hx-get='/sign-out' hx-trigger='load'>",
)
_TIED = ("who.authorities.authority", "why.features.source", "sources.key", "references.source", "references.field")
"""Texts that must name something else of the record."""


def content(http: httpx.Client) -> tuple[Json, list[str]]:
    """Return a full record with something of the corpus in each of its texts, and the texts put in."""
    made: Json = yaml.safe_load(SEED.read_text(encoding="utf-8"))["content"]
    put: list[str] = []

    for path, longest, holder, key in _texts(made, http.get("/api/v1/questionnaire?form=full&lang=en").json()):
        if path not in _TIED:
            number = len(put)
            text = f"n{number} {CORPUS[number % len(CORPUS)]} end{number}"
            put.append(text if len(text) <= longest else f"n{number} <img src=x onerror=y>")
            holder[key] = put[-1]
    return made, put


def _texts(made: Json, questionnaire: Json) -> Iterator[tuple[str, int, Any, Any]]:
    for section in questionnaire["sections"]:
        for question in section["questions"]:
            *above, last = question["path"].split(".")
            holder: Any = made
            for step in above:
                holder = (holder or {}).get(step)
            if not isinstance(holder, dict) or not holder.get(last):
                continue
            if question["kind"] in ("text", "long-text"):
                yield question["path"], question["longest"], holder, last
            elif question["kind"] == "texts":
                for place, text in enumerate(holder[last]):
                    if not text.startswith("http"):
                        yield question["path"], question["longest"], holder[last], place
            for column in question["columns"]:
                if column["kind"] in ("text", "long-text"):
                    for row in holder[last]:
                        *inner, name = column["path"].split(".")
                        part = row
                        for step in inner:
                            part = (part or {}).get(step)
                        if isinstance(part, dict) and part.get(name):
                            yield f"{question['path']}.{column['path']}", column["longest"], part, name
