"""A base of two types, on each database that a test asks for."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.records.support import Desk, running_two
from tests.harness.support import Template


@pytest.fixture
def desk(template: Template, tmp_path: Path) -> Iterator[Desk]:
    """The secretariat of a base that holds practices and pledges."""
    with running_two(template.copy(tmp_path)) as api:
        yield Desk(api, template.secretariat)
