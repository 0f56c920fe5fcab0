"""The map's geometry, by its properties."""

import math

from hypothesis import given
from hypothesis import strategies as st

from services.portal import atlas
from services.portal.atlas import VIEWS, View

COUNTS = st.dictionaries(st.sampled_from(sorted(atlas.points())), st.integers(0, 500), max_size=240)


@given(COUNTS, st.sampled_from(sorted(VIEWS)))
def test_circles_do_not_overlap_and_lose_nobody(counts: dict[str, int], name: str) -> None:
    view, total = View.of(name), max(counts.values(), default=0) + 3
    drawn = atlas.circles(counts, total, view)
    visible = [code for code, count in counts.items() if count and atlas.within(view.place(code) or (-1, -1))]
    assert sorted(code for circle in drawn for code in circle.codes) == sorted(visible)
    for place, one in enumerate(drawn):
        assert len(one.codes) <= atlas.MOST_IN_CIRCLE
        assert one.most == min(sum(counts[code] for code in one.codes), total)
        for other in drawn[place + 1 :]:
            apart = math.hypot(one.x - other.x, one.y - other.y)
            meet = apart < atlas.radius(one.most, total) + atlas.radius(other.most, total)
            assert not meet or len(one.codes) + len(other.codes) > atlas.MOST_IN_CIRCLE


@given(st.integers(1, 10_000), st.integers(1, 10_000))
def test_areas_are_in_proportion(one: int, other: int) -> None:
    total = max(one, other)
    radii = [atlas.radius(count, total) for count in (one, other)]
    if min(radii) > atlas.SMALLEST:
        assert math.isclose(radii[0] ** 2 / radii[1] ** 2, one / other)
    assert max(radii) <= atlas.LARGEST


@given(st.floats(-180, 180), st.floats(-56, 83.6))
def test_every_place_is_on_the_map(longitude: float, latitude: float) -> None:
    x, y = atlas.project(longitude, latitude)
    assert -0.01 <= x <= atlas.WIDTH + 0.01
    assert 0 <= y <= atlas.HEIGHT


def test_the_projection_keeps_areas() -> None:
    def area(latitude: float) -> float:
        (left, low), (right, _), (_, high) = (
            atlas.project(10, latitude),
            atlas.project(11, latitude),
            atlas.project(10, latitude + 0.5),
        )
        return (right - left) * (low - high) / math.cos(math.radians(latitude + 0.25))

    areas = [area(latitude) for latitude in range(-50, 80, 10)]
    assert max(areas) / min(areas) < 1.02


def test_countries_lie_where_they_are() -> None:
    points = atlas.points()
    assert len(points) > 230
    assert points["PT"][0] < points["ES"][0] < points["IT"][0] < points["GE"][0] < points["PH"][0]
    assert points["NO"][1] < points["IT"][1] < points["MA"][1] < points["SN"][1] < points["ZA"][1]


def test_lines_lead_from_one_to_the_other() -> None:
    view = View.of("world")
    there, back = atlas.curve("MA-ES", view), atlas.curve("ES-MA", view)
    assert there
    assert back
    assert (there.x, there.y) != (back.x, back.y)  # so that both can be seen
    assert abs(abs(there.turn - back.turn) - 180) < 0.2
    assert atlas.curve("002-ES", view) is None
    assert atlas.curve("MX-US", View.of("africa")) is None


PLACES = st.dictionaries(st.text("abc", min_size=1, max_size=6), st.tuples(st.floats(-180, 180), st.floats(-56, 83.6)))


@given(PLACES, st.sampled_from([*sorted(VIEWS), "around"]))
def test_clusters_hold_every_place_and_do_not_overlap(places: dict[str, tuple[float, float]], name: str) -> None:
    points = {code: atlas.project(*place) for code, place in places.items()}
    view = View.around([*points.values()]) if name == "around" else View.of(name)
    drawn = atlas.clusters(points, view)
    visible = [code for code, point in points.items() if atlas.within(view.drawn(point))]
    assert sorted(code for circle in drawn for code in circle.codes) == sorted(visible)
    assert name != "around" or len(visible) == len(points), "a view around places shows all of them"
    for place, one in enumerate(drawn):
        assert one.most == len(one.codes)
        for other in drawn[place + 1 :]:
            apart = math.hypot(one.x - other.x, one.y - other.y)
            assert apart >= atlas.radius(one.most, len(points)) + atlas.radius(other.most, len(points))


def test_thousands_of_places_are_drawn_at_once() -> None:
    """They are looked at cell by cell: that many circles, each compared with each, would take seconds."""
    points = {str(number): (number % 997, number % 433) for number in range(10_000)}
    drawn = atlas.clusters({code: (float(x), float(y)) for code, (x, y) in points.items()}, View.of("world"))
    assert sum(circle.most for circle in drawn) == 10_000
