"""The activities of a road map, how far each has come, and how far all of them have. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from services.portal.record import Reading
from services.portal.upstream import Json

ACTIVITIES = "plan.activities"
STATES = "activity-states"


@dataclass(frozen=True)
class Step:
    """Something that was told of an activity: `date` is partial, `told_at` a time of RFC 3339."""

    kind: str
    label: str
    date: str
    told_at: str
    note: str


@dataclass(frozen=True)
class Activity:
    """An activity: its row, the path of that, and what was told of it since, the first first."""

    number: int
    path: str
    row: Json
    steps: tuple[Step, ...]
    state: str
    """The last step, else the state that was printed; none where nothing is known."""
    label: str

    @property
    def state_date(self) -> str:
        """When its state came about, where it was told."""
        return self.steps[-1].date if self.steps else ""


@dataclass(frozen=True)
class Part:
    """The activities of an area, and what the road map says of it; none of an area that it does not describe."""

    label: str
    path: str
    row: Json
    activities: tuple[Activity, ...]


@dataclass(frozen=True)
class Progress:
    """How many activities there are, and how many of them are in each state: code, label, count."""

    total: int
    done: int
    states: tuple[tuple[str, str, int], ...]


def activities(read: Reading) -> list[Activity]:
    """Return the activities of a road map in its order."""
    found = []
    for number, (path, row) in enumerate(read.rows(ACTIVITIES), 1):
        steps = tuple(_step(read, one) for one in read.shown.get("progress", ()) if one["path"] == path)
        state = steps[-1].kind if steps else row["state"] or ""
        found.append(Activity(number, path, row, steps, state, read.labels(STATES, state) if state else ""))
    return found


def _step(read: Reading, one: Json) -> Step:
    return Step(
        one["kind"],
        read.labels(STATES, one["kind"]),
        one.get("date") or one["at"][:10],
        one["at"],
        one["note"] or "",
    )


def by_area(read: Reading, found: Iterable[Activity]) -> list[Part]:
    """Return the areas of a road map in its order, each with its activities."""
    of: dict[str, list[Activity]] = {row["area"]: [] for _, row in read.rows("plan.areas")}
    for one in found:
        of.setdefault(one.row["area"], []).append(one)
    rows = {row["area"]: (path, row) for path, row in read.rows("plan.areas")}
    return [
        Part(read.labels("road-map-areas", code), *rows.get(code, ("", {})), tuple(own)) for code, own in of.items()
    ]


def progress(read: Reading, found: Iterable[Activity]) -> Progress:
    """Return how far the activities have come."""
    states = [one.state for one in found]
    codes = [*read.labels.of(STATES), ""]
    counted = tuple(
        (code, read.labels(STATES, code) if code else "", states.count(code)) for code in codes if code in states
    )
    return Progress(len(states), states.count("done"), counted)
