"""Bodies of the access room."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, SecretStr, model_validator
from pydantic_core import PydanticCustomError

from services.api.access.emails import Email
from services.api.access.passwords import LONGEST, SHORTEST
from services.api.kit.schema import Schema


def _secret(what: str, shortest: int, longest: int) -> tuple[Any, Any]:
    def check(value: SecretStr) -> SecretStr:
        if not shortest <= len(value.get_secret_value()) <= longest:
            raise PydanticCustomError("secret_length", "{what} has {shortest} to {longest} characters", context)
        return value

    context = {"what": what, "shortest": shortest, "longest": longest}
    return AfterValidator(check), Field(json_schema_extra={"minLength": shortest, "maxLength": longest})


Given = Annotated[SecretStr, *_secret("a password or token", 1, LONGEST)]
"""A password or token that somebody shows."""
NewPassword = Annotated[SecretStr, *_secret("a password", SHORTEST, LONGEST)]
"""A password to be."""


class SignIn(Schema):
    """A proof of who one is: e-mail and password, or the code with which a sign-in elsewhere came back."""

    email: Email | None = None
    password: Given | None = None
    code: Given | None = None
    verifier: Given | None = Field(None, description="What the sign-in's `challenge` is the SHA-256 of")

    @model_validator(mode="after")
    def _one_proof(self) -> Self:
        by_password = self.email is not None and self.password is not None and self.code is None
        by_code = self.code is not None and self.email is None and self.password is None
        if not by_password and not by_code:
            raise PydanticCustomError("proof", "give an e-mail and a password, or a code, and nothing besides")
        return self


class SessionOpened(BaseModel):
    """A session with its token, which is shown this once."""

    id: UUID
    account: UUID
    token: str
    created_at: datetime
    expires_at: datetime
    idle_until: datetime


class SignInWays(BaseModel):
    """Ways to sign in, and how a token to set a password comes: by e-mail, or from the secretariat."""

    password: bool
    oidc: bool
    delivery: Literal["e-mail", "secretariat"]


class SessionRead(BaseModel):
    """One of a person's sessions."""

    id: UUID
    current: bool
    address: str
    agent: str
    created_at: datetime
    expires_at: datetime
    idle_until: datetime


class SessionList(BaseModel):
    """A person's sessions, the newest first."""

    items: list[SessionRead]


class PasswordChange(Schema):
    """Another password, by whoever knows the present one."""

    present_password: Given
    password: NewPassword


class ResetRequest(Schema):
    """Whose password is to be set anew."""

    email: Email


class ResetTaken(BaseModel):
    """How the token comes, the same for every e-mail: by e-mail, or from the secretariat, who is to be asked."""

    delivery: Literal["e-mail", "secretariat"]


class Redeem(Schema):
    """A password, by whoever has a token for it."""

    token: Given
    password: NewPassword
