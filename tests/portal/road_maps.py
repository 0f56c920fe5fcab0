"""A public road map in all its parts, with texts that try to be more than texts."""

from dataclasses import dataclass

from tests.harness.support import Json
from tests.portal.site import Person, Site, counter

HOSTILE = "</text><script>pwned()</script>\"'&"
FORMULA = '=HYPERLINK("http://evil.example","here")'


@dataclass(frozen=True)
class RoadMap:
    """What was published, who did it, and an officer of its authority."""

    shown: Json
    network: Person
    officer: Person

    @property
    def path(self) -> str:
        """The address of its page."""
        return f"/road-maps/{self.shown['slug']}"


def content(title: str) -> Json:
    """Return a road map of two areas and five activities, of which two have dates of their own."""
    culture, governance = "culture-and-heritage", "cross-sectoral-governance"
    return {
        "language": "en",
        "about": {
            "title": title,
            "summary": "What is planned.",
            "authority": "milan",
            "objectives": [f"Open museums {HOSTILE}", "Work together"],
            "sdgs_note": "A goal is spoken of, not named.",
            "elaboration_start": "2020-07",
            "elaboration_end": "2021-03",
            "start": "2021-05",
            "end": "2021-12",
        },
        "people": {
            "leads": [{"key": "l1", "name": "Welfare area", "role": "Leads"}],
            "working_group": [{"key": "w1", "name": "Culture area", "kind": "unit"}],
            "endorsements": [{"key": "e1", "kind": "letter", "by": "The mayor", "date": "2021-02-03"}],
        },
        "plan": {
            "areas": [
                {"key": "a1", "area": culture, "name": "Culture"},
                {"key": "a2", "area": governance, "name": "Governance", "aim": "One house"},
            ],
            "activities": [
                {"key": "t1", "area": culture, "text": f"Train guards {HOSTILE}", "start": "2021-05", "end": "2021-06"},
                {"key": "t2", "area": culture, "text": FORMULA, "unit": "Museums", "start": "2021-06-15"},
                {"key": "t3", "area": governance, "text": "Meet; often, and\\n talk", "state": "planned"},
                {"key": "t4", "area": governance, "text": "Write a report", "outputs": "Report", "state": "done"},
                {"key": "t5", "area": governance, "text": "Print it", "expected_result": "Read by all"},
            ],
            "stakeholders": [
                {"key": "s1", "name": "Choir", "kind": "civil-society", "area": culture},
                {"key": "s2", "name": FORMULA, "kind": "university-research", "role": "Advises"},
                {"key": "s3", "name": "Band", "kind": "civil-society"},
            ],
            "linked_plans": [{"key": "p1", "name": "City plan", "start": "2020", "end": "2024"}],
        },
        "budget": {
            "total": 32500,
            "currency": "EUR",
            "lines": [
                {"key": "b1", "kind": "human-resources", "amount": 28000, "share": 86.15},
                {"key": "b2", "kind": "experts", "name": f"Experts {HOSTILE}", "amount": 11500.5},
                {"key": "b3", "kind": "other-organisations", "amount": 0, "share": 0},
                {"key": "b4", "kind": "other", "not_available": True},
            ],
            "note": "Allocated, not spent.",
        },
        "outcome": {
            "adoption": [
                {"key": "d1", "what": "Handbook", "state": "not-approved"},
                {"key": "d2", "what": "Road map", "state": "before-council", "by": "Council", "date": "2021-11"},
                {"key": "d3", "what": "Report", "state": "approved", "date": "2021-10-04", "note": HOSTILE},
            ],
            "progress": [{"key": "g1", "percent": 62.5, "of": "of what was planned", "as_of": "2021-12"}],
            "results": ["Doors are open"],
            "difficulties": ["An election"],
            "next_steps": ["Go on"],
        },
        "sources": [{"key": "report", "kind": "report", "title": "The report", "year": 2022}],
        "references": [{"field": "plan.activities[key=t1].text", "source": "report", "place": "p. 7"}],
        "provenance": {"kind": "submitted"},
    }


def published(site: Site) -> RoadMap:
    """Publish a road map over HTTP, and tell of two of its activities."""
    number = next(counter)
    network, officer = site.person(f"net{number}", "secretariat"), site.person(f"mia{number}", "officer", "milan")
    body = {
        "content": content(f"Roads {number} {HOSTILE}"),
        "translations": {"es": {"about.title": {"text": f"Caminos {number}", "status": "human"}}},
    }
    with site.as_(network) as api:
        made = api.post("/road-maps", json=body)
        assert made.status_code == 201, made.text
        path = f"/road-maps/{made.json()['id']}"
        shown = api.post(f"{path}/publish", headers={"If-Match": made.headers["etag"]})
        assert shown.status_code == 200, shown.text
        handed = {"authority": "milan", "reason": "It is theirs"}
        owned = api.post(f"{path}/owner", json=handed, headers={"If-Match": shown.headers["etag"]})
        assert owned.status_code == 200, owned.text
        for step in (
            {"kind": "begun", "path": "plan.activities[key=t1]", "date": "2021-05-10"},
            {"kind": "done", "path": "plan.activities[key=t1]", "date": "2021-07", "note": f"At last {HOSTILE}"},
            {"kind": "dropped", "path": "plan.activities[key=t3]", "date": "2021"},
        ):
            told = api.post(f"{path}/steps", json=step)
            assert told.status_code == 201, told.text
    return RoadMap(shown.json(), network, officer)
