"""How people sign in, put together from the settings."""

from datetime import timedelta

from services.api.access import oidc_endpoints as oidc
from services.api.access import passwords
from services.api.access.desk import Desk
from services.api.access.issuer import Issuer, Registration
from services.api.access.oidc import SignInElsewhere
from services.api.access.rules import Rules
from services.api.kit.db import Database
from services.api.settings import Settings
from services.web.bounds import Places, RateLimit


def rules_of(settings: Settings) -> Rules:
    """Return what the settings say of sessions, passwords and tokens."""
    return Rules(
        session=timedelta(hours=settings.session_hours),
        idle=timedelta(hours=settings.session_idle_hours),
        wrong_passwords=settings.wrong_passwords,
        first_lock=timedelta(seconds=settings.lock_seconds),
        longest_lock=timedelta(seconds=settings.longest_lock_seconds),
        reset=timedelta(hours=settings.reset_hours),
        invitation=timedelta(hours=settings.invitation_hours),
    )


def open_desk(settings: Settings, database: Database) -> Desk:
    """Open the desk at which people sign in."""
    passwords.warm_up()
    return Desk(
        database,
        rules_of(settings),
        Places(settings.hashes_at_once, settings.hashes_waiting, "Too many passwords are being checked at this moment"),
        RateLimit(settings.refusals_per_minute),
        sends_letters=settings.smtp_url is not None,
    )


def open_elsewhere(settings: Settings, desk: Desk) -> SignInElsewhere | None:
    """Return sign-in at the issuer that the settings name, if they do."""
    if not (settings.oidc_issuer and settings.oidc_client_id and settings.oidc_client_secret and settings.public_url):
        return None
    registration = Registration(
        settings.oidc_issuer,
        settings.oidc_client_id,
        settings.oidc_client_secret,
        settings.public_url.rstrip("/") + oidc.CALLBACK,
        settings.oidc_timeout,
    )
    return SignInElsewhere(desk, Issuer(registration), settings.return_to)
