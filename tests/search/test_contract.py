"""Schemathesis against search's OpenAPI document, on the seed records: every check, over HTTP."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.config import SchemathesisConfig

from services.search.app import create_app
from services.search.labels import Labels
from services.search.parameters import with_values
from services.search.settings import Settings
from tests.harness.depth import PROVING, either
from tests.harness.server import serving_seeds
from tests.search.support import TERMS

CONFIG = {
    "generation": {"max-examples": either(3, 15), "database": "none"},
    "phases": {"coverage": {"enabled": PROVING}},
    "checks": {
        # What fits the document may name a state, a currency or a record that is not there, or amounts the wrong way.
        "positive_data_acceptance": {"expected-statuses": ["2xx", "404", "409", "422", "503"]},
        "negative_data_rejection": {"expected-statuses": ["400", "404", "422"]},
    },
}


def document() -> dict[str, Any]:
    """Return the document as it is served once the index knows the vocabularies: with the facets' values."""
    with tempfile.TemporaryDirectory() as folder:
        plain = create_app(Settings(index_dir=Path(folder))).openapi()
    known = [
        orjson.dumps({"id": name, "terms": [{"code": code, "labels": labels} for code, labels in terms.items()]})
        for name, terms in TERMS.items()
    ]
    return with_values(plain, Labels.read(known, []))


schema = schemathesis.openapi.from_dict(document(), config=SchemathesisConfig.from_dict(CONFIG))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with serving_seeds(tmp_path_factory.mktemp("server")) as client:
        yield client


@schema.parametrize()
@settings(deadline=None, suppress_health_check=list(HealthCheck), database=None)
def test_search(case: Any, server: httpx.Client) -> None:
    case.call_and_validate(base_url=str(server.base_url).rstrip("/"))
