"""Settings of the api, read from the environment (`PRAXIS_API_…`) or a `.env` file."""

import sys
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from services.api.access.issuer import require_safe
from services.api.letters.smtp import Smtp


class Settings(BaseSettings):
    """What an installation may set; every value has a limit or a safe default."""

    model_config = SettingsConfigDict(
        env_prefix="PRAXIS_API_", env_file=".env", extra="ignore", env_ignore_empty=True, hide_input_in_errors=True
    )

    database_url: str = Field("sqlite:///data/praxis.db", repr=False)
    """SQLAlchemy address of the system of record: `sqlite:///…` or `postgresql://…`."""
    pool_size: int = Field(10, ge=1)
    """Connections kept open to the database, by one process."""
    pool_overflow: int = Field(20, ge=0)
    """Connections opened beyond those while all are busy."""
    pool_timeout: float = Field(10, gt=0)
    """Seconds to wait for a connection while all are busy."""
    connect_timeout: float = Field(5, gt=0)
    """Seconds in which PostgreSQL must take a new connection."""
    busy_timeout: float = Field(10, gt=0)
    """Seconds to wait for a lock of the database."""
    statement_timeout: float = Field(30, gt=0)
    """Seconds that one statement may take on PostgreSQL."""
    idle_timeout: float = Field(60, gt=0)
    """Seconds after which PostgreSQL ends a transaction that stands still."""
    migration_timeout: float = Field(600, gt=0)
    """Seconds that one statement of a migration or a restore may take on PostgreSQL."""

    max_body_bytes: int = 2_000_000
    """Largest body taken; the longest text of the questionnaire is far shorter."""
    max_workbook_bytes: int = 10_000_000
    """Largest Excel workbook taken."""
    max_import_bytes: int = 20_000_000
    """Largest file of practices taken at once."""
    max_import_records: int = Field(2_000, ge=1)
    """Records that one such file may hold, and one that is written."""
    writes_per_minute: int = 600
    """Writes that one caller may make a minute, in one process."""
    refusals_per_minute: int = 60
    """Refused keys, and as many wrong attempts of any other kind, that an address may send a minute, in one process."""
    session_hours: float = Field(12, gt=0, le=24 * 31)
    """Hours after which a session ends."""
    session_idle_hours: float = Field(2, gt=0, le=24 * 31)
    """Hours without a request after which it ends."""
    wrong_passwords: int = Field(5, ge=1, le=100)
    """Wrong passwords after which an e-mail is locked."""
    lock_seconds: float = Field(60, gt=0)
    """Seconds of the first lock; each further wrong password doubles it."""
    longest_lock_seconds: float = Field(3600, gt=0)
    """Seconds that a lock lasts at most."""
    reset_hours: float = Field(1, gt=0, le=24 * 7)
    """Hours that a token lasts by which a forgotten password is set anew."""
    invitation_hours: float = Field(24 * 7, gt=0, le=24 * 31)
    """Hours that a token lasts by which a new account gets its first password."""
    hashes_at_once: int = Field(4, ge=1)
    """Passwords that are hashed at once in one process, each with 19 MiB."""
    hashes_waiting: int = Field(100, ge=0)
    """Requests that may wait for that."""

    smtp_url: str | None = Field(None, repr=False)
    """SMTP server for letters: `smtp://user:password@host:587` or `smtps://…`; none: this process sends no letters."""
    smtp_timeout: float = Field(30, gt=0, le=600)
    """Seconds that sending one letter may take, all in all."""
    mail_from: str | None = None
    """Sender of letters; none: there are no letters. Without a server, `praxis letters` sends them from elsewhere."""
    letter_grace_seconds: float = Field(180, ge=0, le=3600)
    """Seconds that a letter to a person waits for more to tell."""
    letters_a_day: int = Field(10, ge=1)
    """Letters at once that a person gets a day; what comes beyond waits for the next digest."""

    message_days: float = Field(30, gt=0, le=366)
    """Days that the text and the address of a reader's message to an office are kept, for whoever reports it."""
    asks_per_place: int = Field(50, ge=1)
    """Messages and searches to follow that may be asked for a day from one network address, in one process."""
    search_url: str | None = None
    """Where the search service is, which is asked what is new in followed searches; none: none are followed."""
    search_seconds: float = Field(10, gt=0)
    """Seconds that it may take for each answer."""

    public_url: str | None = None
    """Address at which browsers reach this installation, such as `https://praxis.example.org`: begins all addresses."""
    oidc_issuer: str | None = None
    """Issuer of OpenID Connect at which people may sign in, by https; none: by password only."""
    oidc_client_id: str | None = None
    oidc_client_secret: str | None = Field(None, repr=False)
    """How this installation is registered there, with `PUBLIC_URL/api/v1/sign-in/oidc/callback` to come back to."""
    oidc_timeout: float = Field(5, gt=0)
    """Seconds that the issuer may take for each answer."""
    return_to: Annotated[tuple[str, ...], NoDecode] = ()
    """Pages that may be returned to after a sign-in there, exactly as they are asked for, separated by spaces."""

    answer_cache_bytes: int = 32_000_000
    """Memory for recent answers to public reads."""

    most_waiters: int = 1_000
    """Readers of the change feed that may wait at once in one process."""

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_json: bool = Field(default_factory=lambda: not sys.stderr.isatty())
    """JSON lines for machines, else plain text; by default plain on a terminal."""
    log_sample: int = 100
    """One request in so many is logged; failures always are."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.mail_from is not None and self.public_url is None:
            raise ValueError("PRAXIS_API_PUBLIC_URL must be set when there are letters: they lead there")
        if self.smtp_url is not None:
            if self.mail_from is None:
                raise ValueError("PRAXIS_API_MAIL_FROM must name the sender when there is an SMTP server")
            Smtp.read(self.smtp_url, self.mail_from, self.smtp_timeout)
        told = (self.oidc_issuer, self.oidc_client_id, self.oidc_client_secret)
        if any(told) and not all((*told, self.public_url)):
            raise ValueError("OIDC takes PRAXIS_API_OIDC_ISSUER, _OIDC_CLIENT_ID, _OIDC_CLIENT_SECRET and _PUBLIC_URL")
        for address in (self.oidc_issuer, self.public_url, *self.return_to):
            if address is not None:
                require_safe(address)
        return self

    @field_validator("return_to", mode="before")
    @classmethod
    def _separated(cls, value: object) -> object:
        return tuple(value.split()) if isinstance(value, str) else value
