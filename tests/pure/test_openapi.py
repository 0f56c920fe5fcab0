"""The committed OpenAPI documents say what the code does, in names from which clients get good ones."""

import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from services.api.app import create_app
from services.api.settings import Settings
from services.api.types import TYPES
from tests.harness.types.pledge.type import TYPE as PLEDGE
from tools.openapi import documents, drift

Json = dict[str, Any]
METHODS = frozenset(("get", "post", "put", "patch", "delete"))
TEXTS = ("text/plain", "text/html")


@pytest.fixture(scope="module")
def written() -> dict[str, Json]:
    """The documents, and that of an api with a second record type."""
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        patch.setitem(TYPES, PLEDGE.name, PLEDGE)
        wider = create_app(Settings(database_url=f"sqlite:///{folder}/praxis.db"))
        found = {"api.json with pledges": wider.openapi()}
    return documents() | found


def operations(document: Json) -> Iterator[tuple[str, Json]]:
    for path, methods in document["paths"].items():
        for method in METHODS & methods.keys():
            yield f"{method.upper()} {path}", methods[method]


def test_no_drift() -> None:
    lines = drift()
    assert not lines, "run `make openapi` and commit:\n" + "\n".join(lines[:60])


def test_schemas_have_plain_names(written: dict[str, Json]) -> None:
    """Two models of one name are called by their modules; pages, bodies and directions have marks of their own."""
    for name, document in written.items():
        ugly = [one for one in document["components"]["schemas"] if not re.fullmatch(r"([A-Z][a-z0-9]*)+", one)]
        assert not ugly, f"{name}: rename the models, or use one in place of several: {ugly}"
        assert not [one for one in document["components"]["schemas"] if re.match(r"Page|Body[A-Z]|HTTPV", one)]


def test_operations_have_names_of_their_own_that_read_well(written: dict[str, Json]) -> None:
    for name, document in written.items():
        ids = {where: operation["operationId"] for where, operation in operations(document)}
        twice = {id for id, number in Counter(ids.values()).items() if number > 1}
        assert not twice, f"{name}: {[(where, id) for where, id in ids.items() if id in twice]}"
        ugly = [id for id in ids.values() if not re.fullmatch(r"[a-z]+(_[a-z]+)+", id) or "api_v" in id]
        assert not ugly, f"{name}: a verb and a noun, such as list_practices: {ugly}"


def test_operations_of_a_type_are_named_after_it(written: dict[str, Json]) -> None:
    ids = {operation["operationId"] for _, operation in operations(written["api.json with pledges"])}
    of_practices = {id for id in ids if "practice" in id}
    assert {"list_practices", "read_practice", "publish_practice", "list_practice_revisions"} <= of_practices
    assert {id.replace("practice", "pledge") for id in of_practices} == {id for id in ids if "pledge" in id}


def test_operations_have_one_tag_and_a_summary(written: dict[str, Json]) -> None:
    for name, document in written.items():
        for where, operation in operations(document):
            assert len(operation.get("tags", ())) == 1, f"{name}: {where} {operation.get('tags')}"
            assert operation.get("summary"), f"{name}: {where}"
            assert operation.get("description"), f"{name}: {where} has no docstring"


def test_answers_say_what_they_hold(written: dict[str, Json]) -> None:
    """JSON by its schema, another file as binary; what holds nothing says so by its status."""
    for name, document in written.items():
        for where, operation in operations(document):
            for status, answer in operation["responses"].items():
                if status in ("204", "304") or status[0] == "3":
                    assert "content" not in answer, f"{name}: {where} {status}"
                    continue
                assert answer.get("content"), f"{name}: {where} {status} has no content"
                for media_type, body in answer["content"].items():
                    schema = body.get("schema")
                    assert schema, f"{name}: {where} {status} {media_type} says nothing of its content"
                    if "json" not in media_type and media_type not in TEXTS:
                        assert schema == {"type": "string", "format": "binary"}, f"{name}: {where} {media_type}"
