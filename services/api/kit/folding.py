"""Texts as they are compared: people write the same word in more than one way."""

import unicodedata


def folded(text: str) -> str:
    """Return a text without regard to case, accents and kinds of space."""
    plain = text.casefold()
    if not plain.isascii():
        plain = "".join(sign for sign in unicodedata.normalize("NFD", plain) if not unicodedata.combining(sign))
    return " ".join(plain.split())
