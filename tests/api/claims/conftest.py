"""Claims on a base of two types."""

import pytest

from tests.api.claims.support import Claiming
from tests.harness.support import Api, Template


@pytest.fixture
def desk(api: Api, template: Template) -> Claiming:
    return Claiming(api, template)
