"""Schemathesis against the api's OpenAPI document: no server error, no undeclared answer, with a key and without."""

import tempfile
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, settings
from schemathesis.config import SchemathesisConfig

from services.api.app import create_app
from services.api.exchange.endpoints import MEDIA_TYPES
from services.api.records.workbooks import MEDIA_TYPE
from tests.harness.depth import PROVING, either
from tests.harness.support import Template, practice_body, running, settings_for

REFUSALS = ["2xx", "3xx", "401", "403", "404", "409", "412", "422", "428"]
"""What a body that fits the document may be answered: it may name what is not there, or not the present version."""
CHECKS = {
    "positive_data_acceptance": {"expected-statuses": REFUSALS},
    "negative_data_rejection": {"expected-statuses": ["400", "401", "403", "404", "412", "413", "422", "428"]},
}
LARGE = ("/api/v1/practices", "/api/v1/practices/{practice}", "/api/v1/authorities", "/api/v1/authorities/{authority}")
"""Without a key their bodies, of which coverage makes thousands of cases, do not matter."""


def config(*sampled: str) -> SchemathesisConfig:
    """Return a configuration in which some paths are sampled only; in proofs every case of the others is covered."""
    sparse = [{"include-path": path, "phases": {"coverage": {"enabled": False}}} for path in sampled]
    generation = {"max-examples": either(3, 10), "database": "none"}
    phases = {"coverage": {"enabled": PROVING}}
    # A file is told as bytes, and YAML is read all the same: its records would be compared with that.
    file = {"include-path-regex": r"\.yaml$", "checks": {"response_schema_conformance": {"enabled": False}}}
    known = {"generation": generation, "checks": CHECKS, "operations": [*sparse, file], "phases": phases}
    return SchemathesisConfig.from_dict(known)


@schemathesis.serializer(*{MEDIA_TYPE, *MEDIA_TYPES, "application/octet-stream"})
def as_file(context: Any, value: Any) -> bytes:
    """Send what is made for a file as it is: random bytes, which hold no record."""
    return value.encode() if isinstance(value, str) else bytes(getattr(value, "data", value))


FOLDER = tempfile.TemporaryDirectory(prefix="praxis-contract-")
"""For the app that is only asked for its document: the tests are made of it before there is any fixture."""
APP = create_app(settings_for(f"sqlite:///{FOLDER.name}/praxis.db"))
public = schemathesis.openapi.from_dict(APP.openapi(), config=config(*LARGE))
keyed = schemathesis.openapi.from_dict(APP.openapi(), config=config())
public.app = keyed.app = APP
# What nobody may write is refused before it is read, which every day `test_rights` sees for each route.
asked = public if PROVING else public.exclude(method=["POST", "PUT", "PATCH", "DELETE"])
bounded = settings(deadline=None, suppress_health_check=list(HealthCheck), database=None)


@pytest.fixture(scope="module")
def app(template: Template, tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    """The api with a published practice and a draft; its lifespan runs from the first call to the process' end."""
    settings = template.copy(tmp_path_factory.mktemp("contract"))
    settings = settings.model_copy(update={"wrong_passwords": 10**6})  # the same e-mail comes often
    with running(settings) as api:
        for title in ("Draft", "Published"):
            made = api.post("/practices", template.secretariat, json=practice_body(title))
        api.post(f"/practices/{made.json()['id']}/publish", template.secretariat, version=1)
    return create_app(settings)


@asked.parametrize()
@bounded
def test_anybody(case: Any, app: FastAPI) -> None:
    case.call_and_validate(app=app)


@keyed.parametrize()
@bounded
def test_secretariat(case: Any, app: FastAPI, template: Template) -> None:
    case.call_and_validate(app=app, headers={"Authorization": f"Bearer {template.secretariat}"})
