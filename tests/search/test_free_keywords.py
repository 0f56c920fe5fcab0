"""Keywords over HTTP, on each engine: one value however they are written, whatever letters they hold."""

from collections import Counter

import pytest
from anyio.from_thread import BlockingPortal

from services.search.codes import keyword
from services.search.facets import facets
from tests.harness.support import check_problem
from tests.search.support import Search
from tests.search.varied import RECORDS, WRITTEN


def test_keywords_are_found_however_they_are_written(portal: BlockingPortal, search: Search) -> None:
    counts = Counter(code for one in RECORDS for code in set(facets()["keyword"].codes(one)))
    body = portal.call(search.json, "/facets/keyword", {"limit": 500})
    assert {one["value"]: one["count"] for one in body["values"]} == counts
    assert all(one["label"] == one["value"] for one in body["values"])
    found = portal.call(search.json, "/facets/keyword", {"q": "Estaciónal trab"})["values"]
    assert [(one["value"], one["count"]) for one in found] == [("trabajo estacional", counts["trabajo estacional"])]
    for written in WRITTEN:
        asked = {"keyword": written, "facets": "keyword", "per_page": 1}
        answer = portal.call(search.json, "/records", asked)
        code = keyword(written)
        assert answer["total"] == counts[code] > 0
        assert [one["value"] for one in answer["facets"]["keyword"]["values"] if one["selected"]] == [code]
    assert portal.call(search.json, "/records", {"q": "季節労働", "per_page": 1})["total"] == counts["季節労働"]


@pytest.mark.parametrize(
    ("value", "said"), [(" ", "seasonal work"), ("a\x07b", "on one line"), ("x" * 151, "longer than 150")]
)
def test_what_can_be_no_keyword_is_told(portal: BlockingPortal, search: Search, value: str, said: str) -> None:
    (fault,) = check_problem(portal.call(search.get, "/records", {"keyword": value}), 422)["errors"]
    assert fault["field"] == "keyword"
    assert said in fault["message"]
