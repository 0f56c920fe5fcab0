"""Two servers asked in turn, so that whatever else the machine does hits both alike."""

from collections.abc import Callable
from dataclasses import dataclass

from tools.bench.client import Measured, ask_again, median, quantile

CONNECTIONS = 32


@dataclass(frozen=True)
class Pace:
    """How long to measure: rounds of a comparison, seconds of each; how many questions are timed and records published
    one by one, and how many searches made before memory is looked at.
    """

    rounds: int
    seconds: float
    questions: int
    publications: int
    searches: int


@dataclass(frozen=True)
class Compared:
    """Rounds of two servers, in pairs."""

    pairs: list[tuple[Measured, Measured]]

    @property
    def ratio(self) -> float:
        """The median over the pairs of the first server's rate to the second's."""
        return median(ours.rate / theirs.rate for ours, theirs in self.pairs)

    @property
    def client_share(self) -> float:
        """The largest share of a round that the client itself was busy; near 1 it would be what is measured."""
        return max(one.client_seconds / one.seconds for pair in self.pairs for one in pair)

    def ours(self) -> str:
        """Tell what the first server did."""
        return _told([ours for ours, _ in self.pairs])

    def theirs(self) -> str:
        """Tell what the second server did."""
        return _told([theirs for _, theirs in self.pairs])


def _told(rounds: list[Measured]) -> str:
    p50 = quantile([value for one in rounds for value in one.milliseconds], 0.5)
    return f"{median(one.rate for one in rounds):,.0f}/s, p50 {p50:.1f} ms"


def in_turn(rounds: int, ours: Callable[[], Measured], theirs: Callable[[], Measured]) -> Compared:
    """Measure two servers alternately, each round of the one beside a round of the other."""
    return Compared([(ours(), theirs()) for _ in range(rounds)])


def hot(pace: Pace, our_port: int, our_request: bytes, their_port: int, their_request: bytes) -> Compared:
    """Ask both servers the same again and again, after a first round that warms them."""
    for port, request in ((our_port, our_request), (their_port, their_request)):
        ask_again(port, request, 0.3, CONNECTIONS)
    return in_turn(
        pace.rounds,
        lambda: ask_again(our_port, our_request, pace.seconds, CONNECTIONS),
        lambda: ask_again(their_port, their_request, pace.seconds, CONNECTIONS),
    )
