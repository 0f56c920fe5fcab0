"""How much of a question records must hold, for every engine alike."""

WEIGHTS = 5
"""In longer questions the rarest word weighs so much, the most common 1."""

NEEDED, CLOSE = 0.35, 0.5
"""Shares of what the fullest record holds of a longer question, by weight, that records found and close ones hold."""

MOST = 0.5
"""The share of a longer question's weight below which even the fullest record does not answer it as it was asked."""
