"""Where things stand in a checkout."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
SEEDS = ROOT / "seeds"
PRACTICES = SEEDS / "practices"
