"""Settings of access: what is unsafe or cannot work stops the start, and says nothing secret."""

from typing import Any

import pytest
from pydantic import ValidationError

from services.api.settings import Settings


@pytest.mark.parametrize(
    "more",
    [
        {"oidc_issuer": "http://issuer.example"},
        {"oidc_issuer": "issuer.example"},
        {"oidc_client_secret": None},
        {"public_url": None},
        {"public_url": "http://praxis.example"},
        {"return_to": "https://good.example http://evil.example"},
    ],
)
def test_an_issuer_that_would_be_unsafe_stops_the_start(more: dict[str, Any]) -> None:
    good = {
        "oidc_issuer": "https://issuer.example",
        "oidc_client_id": "praxis",
        "oidc_client_secret": "s3cret",
        "public_url": "https://praxis.example",
        "return_to": "https://a.example/x https://b.example/y",
    }
    assert Settings(_env_file=None, **good).return_to == ("https://a.example/x", "https://b.example/y")
    with pytest.raises(ValidationError) as refused:
        Settings(_env_file=None, **good | more)
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize(
    "more",
    [
        {"smtp_url": "mail.example"},
        {"smtp_url": "http://mail.example"},
        {"smtp_url": "smtp://"},
        {"smtp_url": "smtp://mail.example/inbox"},
        {"mail_from": None},
        {"public_url": None},
    ],
)
def test_a_server_for_letters_that_cannot_work_stops_the_start(more: dict[str, Any]) -> None:
    good: Any = {
        "smtp_url": "smtp://u:s3cret@mail.example",
        "mail_from": "a@example.org",
        "public_url": "https://a.example",
    }
    assert "s3cret" not in repr(Settings(_env_file=None, **good))
    with pytest.raises(ValidationError) as refused:
        Settings(_env_file=None, **good | more)
    assert "s3cret" not in str(refused.value)


def test_what_is_empty_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a container is handed what its operator did not give."""
    for name in ("SMTP_URL", "MAIL_FROM", "OIDC_ISSUER", "RETURN_TO"):
        monkeypatch.setenv(f"PRAXIS_API_{name}", "")
    settings = Settings(_env_file=None)
    assert (settings.smtp_url, settings.oidc_issuer, settings.return_to) == (None, None, ())
