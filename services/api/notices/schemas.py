"""Bodies of notices."""

from pydantic import Field

from services.api.kit.schema import Schema
from services.api.notices.kinds import Kind, Often


class NoticeSettings(Schema):
    """How often a person is told of each kind of thing, by letter; what is not named is told by default."""

    often: dict[Kind, Often] = Field(description="at-once, daily, weekly or never, by kind")
