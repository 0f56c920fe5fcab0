"""The committed OpenAPI documents say what the code does."""

from tools.openapi import drift


def test_no_drift() -> None:
    lines = drift()
    assert not lines, "run `make openapi` and commit:\n" + "\n".join(lines[:60])
