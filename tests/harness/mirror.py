"""A mirror that follows the change feed as any partner would, and what it must end with."""

import hashlib
from collections.abc import Callable
from typing import Any

from services.api.types import TYPES

Json = dict[str, Any]
Get = Callable[[str], Any]
"""Reads an address below /api/v1 without a key and returns its JSON."""
State = dict[tuple[str, str], Json]


class Mirror:
    """Records by type and id, kept by polling the feed; every page is checked as it comes."""

    def __init__(self) -> None:
        self.cursor = 0
        self.head = 0
        self.epoch: str | None = None
        self.seqs: dict[tuple[str, str], int] = {}
        self.records: State = {}

    def copy(self) -> "Mirror":
        """Return a mirror that stands where this one does."""
        other = Mirror()
        other.cursor, other.head, other.epoch = self.cursor, self.head, self.epoch
        other.seqs, other.records = dict(self.seqs), dict(self.records)
        return other

    def poll(self, get: Get, limit: int = 100) -> bool:
        """Take one page; return whether more may follow."""
        page = get(f"/changes?after={self.cursor}&limit={limit}")
        changes = page["changes"]
        assert set(page) == {"epoch", "head", "changes"}
        assert len(changes) <= limit
        assert self.epoch in (None, page["epoch"])
        assert page["head"] >= self.head, "the head never goes back"
        seqs = [change["seq"] for change in changes]
        assert seqs == sorted(set(seqs)), "numbers rise and are unique"
        assert all(self.cursor < seq <= page["head"] for seq in seqs)
        keys = [(change["type"], change["id"]) for change in changes]
        assert len(set(keys)) == len(keys), "a record appears once, with its last state"
        if len(changes) < limit:  # the newest number always belongs to a row: page and head are of one moment
            assert (seqs[-1] if seqs else self.cursor) == page["head"]
        self.epoch, self.head = page["epoch"], page["head"]
        for change, key in zip(changes, keys, strict=True):
            self.cursor = change["seq"]
            assert (change["op"] == "delete") == (change["record"] is None)
            if change["op"] == "upsert":
                assert (change["record"]["type"], change["record"]["id"]) == key
                self.records[key], self.seqs[key] = change["record"], change["seq"]
            else:
                self.records.pop(key, None)
                self.seqs.pop(key, None)
        return len(changes) == limit

    def catch_up(self, get: Get, limit: int = 100) -> None:
        """Poll until there is nothing more."""
        while self.poll(get, limit):
            pass

    @property
    def digest(self) -> str:
        """The digest over the mirror's own records."""
        lines = (f"{type} {id} {seq}\n" for (type, id), seq in sorted(self.seqs.items()))
        return hashlib.sha256("".join(lines).encode()).hexdigest()

    def check_digest(self, get: Get) -> None:
        """Compare with what the api says of itself."""
        said = get("/changes/digest")
        assert said == {"epoch": self.epoch, "head": self.head, "count": len(self.records), "digest": self.digest}


def public_state(get: Get) -> State:
    """Return every public record as the rooms' own addresses show it."""
    records: list[Json] = [get(f"/vocabularies/{one['name']}") for one in get("/vocabularies")]
    records += [get(f"/forms/{one['name']}") for one in get("/forms")]
    for room in (*(type.plural for type in TYPES.values()), "authorities"):
        cursor = ""
        while cursor is not None:
            page = get(f"/{room}?limit=100" + (f"&cursor={cursor}" if cursor else ""))
            records += [get(f"/{room}/{item['id']}") for item in page["items"]]
            cursor = page["next"]
    return {(record["type"], record["id"]): record for record in records}
