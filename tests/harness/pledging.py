"""The one process with a second type of record, which no base in service knows: `python -m tests.harness.pledging`."""

import pytest

from services import standalone
from services.search.types import TYPES
from tests.harness.support import pledges
from tests.harness.types.pledge.search import TYPES as FOUND

if __name__ == "__main__":
    with pledges(), pytest.MonkeyPatch.context() as patch:
        for type in FOUND:
            patch.setitem(TYPES, type.name, type)
        standalone.main()
