"""Rows of any values that tables can hold, which a backup must bring back."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from services.api.authorities.rendering import RENDERING

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**80), 2**80) | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT | st.just("\0\x7f\u2028"), inner, max_size=3),
    max_leaves=10,
)
MOMENT = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30)).map(lambda one: one.replace(tzinfo=UTC))
WHOLE = st.integers(-(2**31), 2**31 - 1)
EVENT = st.fixed_dictionaries(
    {"at": MOMENT, "caller": TEXT, "action": TEXT, "target_type": TEXT, "target_id": TEXT}
    | {"detail": st.dictionaries(TEXT, JSON, max_size=3)}
)
ANSWER = st.fixed_dictionaries(
    {"key": TEXT, "fingerprint": TEXT, "status": WHOLE, "at": MOMENT}
    | {"headers": st.dictionaries(TEXT, TEXT, max_size=3), "body": st.binary(max_size=200) | TEXT.map(str.encode)}
)


def degrees(most: int) -> st.SearchStrategy[float]:
    """Return floats but negative zero, which SQLite takes for zero."""
    return st.floats(-most, most).map(lambda one: one + 0.0)


AUTHORITY = st.fixed_dictionaries(
    {"version": WHOLE, "name": TEXT, "level": TEXT}
    | {"names": st.dictionaries(TEXT, TEXT, max_size=2), "country": st.just("IT"), "updated_by": st.just("")}
    | {"latitude": st.none() | degrees(90), "longitude": st.none() | degrees(180)}
    | {"population_count": st.none() | st.integers(0, 2**31 - 1), "population_year": st.none() | WHOLE}
    | {"migration_roles": st.lists(TEXT, max_size=2), "networks": st.just([]), "website": st.none() | TEXT}
    | {"population_source": st.none() | TEXT, "ended": st.none() | st.just("2014")}
    | {"contact_office": st.none() | st.dictionaries(TEXT, JSON, max_size=3), "folded_names": st.none() | TEXT}
    | {"folded_networks": st.none() | TEXT, "rendering": st.just(RENDERING)}
    | {"created_at": MOMENT, "updated_at": MOMENT}
)
"""Those of another rendering would be rendered anew by a restore."""
