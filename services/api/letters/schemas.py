"""Bodies of letters."""

from pydantic import BaseModel


class StopRead(BaseModel):
    """What a token stops: kinds of letters, of one room; nothing of who gets them."""

    room: str
    kinds: list[str]
