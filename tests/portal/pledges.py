"""A running Praxis that has a second type of record, and a few pledges in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from services.api.app import open_database
from tests.harness.paths import ROOT
from tests.harness.server import serving
from tests.harness.support import Json, pledge_body, settings_for
from tests.portal.site import Person, Site

PRIVATE = ("What-is-doubted", "What-is-done-inside", "What-is-not-said")
"""What stands in the private fields of the first pledge."""
HOSTILE = '"><script>pwned()</script>'
SPANISH = {
    "promise.title": "Una escuela",
    "plan.actions[key=1].text": f"Construir {HOSTILE}",
    "plan.actions[key=1].doubts": PRIVATE[0],
}
LANGUAGES = ("en", "es", "fr", "it")


@dataclass(frozen=True)
class Base:
    """The site with two public pledges: the second answers the first, and something was told of the first."""

    site: Site
    network: Person
    school: Json
    road: Json

    def get(self, path: str, person: Person | None = None, **more: Any) -> httpx.Response:
        """Return a page as a visitor of whom nothing is known meets it, or as a person does."""
        self.site.http.cookies.clear()
        headers = {"Cookie": f"praxis_session={person.token}"} if person else {}
        return self.site.http.get(path, headers=headers, **more)

    def send(self, path: str, person: Person, **form: Any) -> httpx.Response:
        """Send a form in a person's name, as her browser would."""
        self.site.http.cookies.clear()
        headers = {"Cookie": f"praxis_session={person.token}", "Sec-Fetch-Site": "same-origin"}
        return self.site.http.post(path, data=form, headers=headers)


@contextmanager
def pledging(folder: Path) -> Iterator[Base]:
    """Serve the seed records beside pledges that are published over HTTP."""
    with serving(folder, ROOT / "seeds", program="tests.harness.pledging") as client:
        database = open_database(settings_for(f"sqlite:///{folder}/praxis.db"))
        site = Site(str(client.base_url).rstrip("/"), client, database)
        network = site.person("network", "secretariat")
        school = published(site, network, _school())
        told = {"kind": "done", "path": "plan.actions[key=1]", "value": "late", "note": f"At last {HOSTILE}"}
        with site.as_(network) as api:
            assert api.post(f"/pledges/{school['id']}/steps", json=told).status_code == 201
        road = pledge_body("A road", actions=[{"key": "1", "text": "Pave"}])
        road["content"]["links"] = [
            {"relation": "answers", "to": f"pledge/{school['slug']}", "asserted_by": "authority"}
        ]
        yield Base(site, network, school, published(site, network, road))
        database.close()


def _school() -> Json:
    body = pledge_body(
        f"A school {HOSTILE}",
        translations={"es": {path: {"text": text, "status": "human"} for path, text in SPANISH.items()}},
        partner="cartaya",
        actions=[{"key": "1", "text": f"Build {HOSTILE}", "due": "2026-05", "doubts": PRIVATE[0]}],
        steps=[PRIVATE[1]],
        reservations=PRIVATE[2],
        comment=f"Walls first {HOSTILE}",
    )
    body["content"]["promise"] |= {"authority": "milan", "summary": f"Walls and a roof {HOSTILE}"}
    body["content"]["references"] = [{"field": "plan.actions[0]", "source": "report", "place": "p. 7"}]
    return body


def published(site: Site, network: Person, body: Json) -> Json:
    """Publish a pledge over HTTP and return it as its editors see it."""
    with site.as_(network) as api:
        made = api.post("/pledges", json=body)
        assert made.status_code == 201, made.text
        answer = api.post(f"/pledges/{made.json()['id']}/publish", headers={"If-Match": made.headers["etag"]})
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found
