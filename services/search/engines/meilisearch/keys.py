"""The three keys of a Meilisearch server that the search service works with, each with no more rights than it needs.

A server computes a key from its master key and the key's uid. The uids are fixed for an index's name, so that whoever
has the master key knows the keys before the server has them.
"""

import hashlib
import hmac
import math
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import meilisearch
import requests
from meilisearch.errors import MeilisearchApiError, MeilisearchError

from services.search.engines.base import EngineUnavailable

_NAMESPACE = uuid.UUID("6f0c2f4e-6d1b-5c53-9a53-7f6c1e0f4a11")

ACTIONS: Mapping[str, Sequence[str]] = {
    "search": ("search",),
    "write": (
        *("documents.add", "documents.delete", "settings.get", "settings.update"),
        *("indexes.create", "indexes.get", "indexes.delete", "indexes.swap"),
    ),
    "tasks": ("tasks.get",),
}
"""What each key may do; a key that sees tasks does nothing else, because it must see those of every index."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys that an engine is given: one to search, and two more to write."""

    search: str = field(repr=False)
    write: str | None = field(default=None, repr=False)
    tasks: str | None = field(default=None, repr=False)


class KeysRefused(Exception):
    """The server has a key of the same uid with other rights, or refuses the master key."""


def uid(role: str, index: str) -> str:
    """Return the uid of an index's key."""
    return str(uuid.uuid5(_NAMESPACE, f"{role} {index}"))


def derive(master: str, index: str) -> Keys:
    """Return the keys that a server with this master key has, or will have."""
    return Keys(*(hmac.new(master.encode(), uid(role, index).encode(), hashlib.sha256).hexdigest() for role in ACTIONS))


def create(url: str, master: str, index: str, seconds: float = 10) -> Keys:
    """Make the keys on a server, where they are missing, and return them.

    Raise `KeysRefused` when one is there with other rights, or the master key is not the server's; `EngineUnavailable`
    when the server cannot be reached.
    """
    client = meilisearch.Client(url, master, timeout=math.ceil(seconds))
    try:
        return Keys(*(_ensure(client, role, index) for role in ACTIONS))
    except MeilisearchApiError as error:
        raise KeysRefused(f"the server refused: {error.code or error.status_code}") from None
    except (MeilisearchError, requests.RequestException, ValueError, TypeError, LookupError) as error:
        raise EngineUnavailable(f"no answer from {url}: {type(error).__name__}") from None


def _ensure(client: meilisearch.Client, role: str, index: str) -> str:
    rights = {
        "actions": sorted(ACTIONS[role]),
        "indexes": ["*"] if role == "tasks" else [index, f"{index}_*"],
        "expiresAt": None,
    }
    made = {**rights, "uid": uid(role, index), "name": f"{index} {role}", "description": f"Praxis: {role} on {index}"}
    # Asked for as they are: the client's own objects fail on times that the server does not write as it does today.
    try:
        key = client.http.post("keys", made)
    except MeilisearchApiError as error:
        if error.code != "api_key_already_exists":
            raise
        key = client.http.get(f"keys/{uid(role, index)}")
    found = {"actions": sorted(key["actions"]), "indexes": key["indexes"], "expiresAt": key["expiresAt"]}
    if found != rights:
        raise KeysRefused(
            f"the key {uid(role, index)} ({role}) exists with other rights, which cannot be changed: "
            f"delete it on the server, then make the keys again"
        )
    return str(key["key"])
