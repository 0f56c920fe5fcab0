"""Passwords: which are taken, and how they are kept (argon2id)."""

import re
import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from services.web.problems import Fault, Invalid

SHORTEST, LONGEST = 12, 200
_LEAST_DIFFERENT = 5
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
"""OWASP's parameters: 19 MiB and two passes; hashes made with others are made anew at the next sign-in."""


def check(password: str, email: str, name: str, field: str = "password") -> None:
    """Raise `Invalid` for a password that is too short or long, or that whoever knows the person would guess."""
    length = len(unicodedata.normalize("NFKC", password))
    if not SHORTEST <= length <= LONGEST:
        _refuse(field, f"a password has {SHORTEST} to {LONGEST} characters")
    bare = _bare(password)
    local, _, domain = email.partition("@")
    if bare in {_bare(one) for one in (email, name, local, local * 2, domain, name * 2)}:
        _refuse(field, "a password must not be the e-mail address or the name")
    if len(set(password.casefold())) < _LEAST_DIFFERENT:
        _refuse(field, f"a password has at least {_LEAST_DIFFERENT} different characters")


def hash_of(password: str) -> str:
    """Return what is kept of a password."""
    return _HASHER.hash(_bytes(password))


def verify(kept: str | None, password: str) -> bool:
    """Tell whether a password is the one that was kept; takes the same time when none was."""
    try:
        return _HASHER.verify(kept or _nobodys(), _bytes(password)) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def warm_up() -> None:
    """Hash what unknown people's passwords are compared with, so that the first one takes no longer than others."""
    _nobodys()


def outdated(kept: str) -> bool:
    """Tell whether a hash was made with other parameters than today's."""
    return _HASHER.check_needs_rehash(kept)


@cache
def _nobodys() -> str:
    return hash_of("nobody's password")


def _bytes(password: str) -> bytes:
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")


def _bare(text: str) -> str:
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text).casefold())


def _refuse(field: str, message: str) -> None:
    raise Invalid([Fault(location="body", field=field, message=message)])
