"""The pages for developers say what the interfaces are, and what the README says."""

import json
import re
import shlex

import pytest

from services.portal import interface
from services.portal.pages.developers import EXAMPLES
from tests.harness.paths import ROOT
from tests.portal.links import read
from tests.portal.site import CARTAYA, Site

README = ROOT / "README.md"


def requests_of_the_readme() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return path and parameters of each curl of the README's five requests."""
    text = README.read_text(encoding="utf-8").split("## Five requests")[1].split("\n## ")[0]
    found = []
    for line in re.findall(r"^\$ (curl .*?) \| python3", text, re.MULTILINE):
        words = shlex.split(line)
        address = next(word for word in words if word.startswith("localhost"))
        path, _, query = address.removeprefix("localhost:8000").partition("?")
        given = [words[place + 1] for place, word in enumerate(words) if word in ("-d", "--data-urlencode")]
        pairs = [tuple(one.split("=", 1)) for one in [*given, *filter(None, query.split("&"))]]
        found.append((path, [(name, value) for name, value in pairs]))
    return found


def test_the_requests_are_those_of_the_readme() -> None:
    slug = CARTAYA.rsplit("/", 1)[1]
    shown = [(one.path.replace("{slug}", slug), list(one.pairs)) for one in EXAMPLES]
    assert [(path, sorted(pairs)) for path, pairs in shown] == [
        (path, sorted(pairs)) for path, pairs in requests_of_the_readme()
    ]


def test_each_request_can_be_copied_and_its_answer_is_real(site: Site) -> None:
    page = read(site.http.get("/developers"))
    examples = page.all("section", "example")
    assert len(examples) == 5
    for example in examples:
        words = shlex.split(example.all("textarea")[0].text.replace("\\", " "))
        assert words[2].startswith(f"{site.url}/")
        given = [tuple(one.split("=", 1)) for one in words[4::2]]
        answer = site.http.get(words[2], params=[(name, value) for name, value in given])
        assert answer.status_code == 200
        shown = example.all("pre")[0].text
        assert len(shown) < 4_200
        body = answer.json()
        assert all(f'"{name}"' in shown for name in list(body)[:2])
        first = (body.get("hits") or body.get("suggestions") or [{}])[0]
        for value in (first.get("slug"), first.get("value")):
            assert value is None or value in shown
        (link,) = [one for one in example.all("a") if "#" in one.attributes["href"]]
        path, anchor = link.attributes["href"].split("#")
        assert f'id="{anchor}"' in site.http.get(path).text


@pytest.mark.parametrize("service", ["api", "search"])
def test_everything_that_can_be_asked_is_listed(site: Site, service: str) -> None:
    document = site.http.get(f"/{service}/openapi.json").json()
    page = read(site.http.get(f"/developers/{service}"))
    articles = {one.attributes["id"]: one for one in page.all("article", "endpoint")}
    expected = {
        interface.anchor(method, path): one
        for path, methods in document["paths"].items()
        for method, one in methods.items()
    }
    assert set(articles) == set(expected)
    listed = {link.attributes["href"] for link in page.all("nav", "endpoints")[0].all("a")}
    assert listed == {f"#{anchor}" for anchor in expected}
    for anchor, one in expected.items():
        told = articles[anchor].text
        assert all(code in told for code in one["responses"])
        for parameter in one.get("parameters", ()):
            assert parameter["name"] in told
            assert " ".join(parameter.get("description", "").replace("`", " ").split())[:20].strip() in told
            for value in parameter["schema"].get("enum", ()):
                assert str(value) in told
    assert site.http.get("/developers/else").status_code == 404


def test_answers_are_abridged_to_what_can_be_read() -> None:
    long = {"items": list(range(100)), "text": "x" * 1000, "deep": {"a": {"b": {"c": {"d": {"e": [1]}}}}}}
    short = interface.abridged(long)
    assert short["items"] == [0, 1, "… 98 more"]
    assert len(short["text"]) < 130
    assert len(json.dumps(short)) < 400
    assert interface.abridged({"few": [1, 2], "text": "short"}) == {"few": [1, 2], "text": "short"}
