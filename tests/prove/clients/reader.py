"""A partner's program in Python, on generated clients: it lists, reads, searches, and follows the change feed.

`python reader.py URL` prints one line of JSON for each; the last comes with the first change that it waits for.
"""

import json
import sys

from praxis_api import AuthenticatedClient
from praxis_api.api.change_feed import read_changes
from praxis_api.api.practices import download_practice_workbook, list_practices, read_practice
from praxis_api.models import ChangesRead, PracticePage, PracticeRead, PracticeSummary, ProblemBody
from praxis_search import Client as SearchClient
from praxis_search.api.search import find_records
from praxis_search.models import RecordsRead


def tell(**what: object) -> None:
    """Print what was found."""
    print(json.dumps(what), flush=True)


def listed(api: AuthenticatedClient) -> list[PracticeSummary]:
    """Return all public practices, page by page."""
    found: list[PracticeSummary] = []
    cursor: str | None = None
    while True:
        page = list_practices.sync(client=api, cursor=cursor, limit=2)
        assert isinstance(page, PracticePage)
        found += page.items
        cursor = page.next_
        if cursor is None:
            return found


def changes(api: AuthenticatedClient, after: int, wait: float) -> ChangesRead:
    """Return the next page of the change feed."""
    page = read_changes.sync(client=api, after=after, limit=10, wait=wait)
    assert isinstance(page, ChangesRead)
    return page


def main(url: str) -> None:
    """Show that a mirror and a reader can be built on the clients."""
    # The generator takes a key that may be given for one that must: without one, it goes into a header of no meaning.
    api = AuthenticatedClient(base_url=url, token="none", auth_header_name="X-No-Key", timeout=None)
    practices = listed(api)
    tell(listed=[one.slug for one in practices])

    practice = read_practice.sync(practices[0].slug or "", client=api)
    assert isinstance(practice, PracticeRead)
    tell(read=practice.title[practice.content.language], completeness=practice.completeness.full)
    missing = read_practice.sync("no-such-practice", client=api)
    assert isinstance(missing, ProblemBody)
    tell(missing=missing.status)
    workbook = download_practice_workbook.sync_detailed(practice.slug, client=api)
    tell(workbook=workbook.content[:2].decode())

    search = SearchClient(base_url=url)
    records = find_records.sync(client=search, q=practices[0].title, type_=[])
    assert isinstance(records, RecordsRead)
    tell(found=[hit.slug for hit in records.hits], facets=sorted(records.facets.additional_properties))

    cursor, page = 0, changes(api, 0, 0)
    while page.changes:
        cursor = page.changes[-1].seq
        page = changes(api, cursor, 0)
    tell(followed=cursor, head=page.head)

    (change,) = changes(api, cursor, 25).changes
    assert change.record is not None
    tell(told=change.type_, id=change.id, title=change.record["title"])


if __name__ == "__main__":
    main(sys.argv[1])
