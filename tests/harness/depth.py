"""How deep a run goes: the everyday one is quick, a proof (`make prove`) takes the time that it needs."""

import os
from typing import TypeVar

from hypothesis import HealthCheck, settings

PROVING = os.environ.get("PRAXIS_PROVE") == "1"
"""Whether this run is a proof."""

SEED = int(os.environ.get("PRAXIS_SEED", "1"))
"""Where the random choices of long runs begin."""

T = TypeVar("T")


def either(everyday: T, proof: T) -> T:
    """Return what this run takes of two sizes."""
    return proof if PROVING else everyday


def examples(proof: int) -> int:
    """Return how many examples a property gets in this run, given how many a proof takes: a tenth, six at least."""
    return either(min(proof, max(6, proof // 10)), proof)


def life(everyday: tuple[int, int], proof: tuple[int, int]) -> settings:
    """Return the settings of a stateful model, given how many lives it has and how many steps each takes."""
    lives, steps = either(everyday, proof)
    return settings(max_examples=lives, stateful_step_count=steps, deadline=None, suppress_health_check=[*HealthCheck])
