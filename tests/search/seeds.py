"""The seed records, as documents: words enough, in four languages, to ask for."""

import pytest

from services.search.engines.base import Document
from tools import evaluate


def seed_documents() -> list[Document]:
    """Return the documents of the seed practices."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PRAXIS_API_DATABASE_URL", "")  # the seeds' reader sets it
        return list(evaluate.seed_documents().values())
