"""HTTP of sign-in at an issuer: a browser goes there and comes back."""

from typing import Annotated, Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse

from services.api.access import service
from services.api.access.callers import desk_of, seen
from services.api.access.desk import Opened
from services.api.access.endpoints import opened_answer
from services.api.access.issuer import IssuerFailed, Refused
from services.api.access.oidc import LASTS, SignInElsewhere
from services.api.access.schemas import SessionOpened, SignInWays
from services.api.access.sessions import Seen
from services.web.observe import log
from services.web.parameters import any_parameters
from services.web.problems import BadRequest, Forbidden, NotFound, Unavailable, responses

router = APIRouter(prefix="/api/v1/sign-in", tags=["sessions"])
CALLBACK = f"{router.prefix}/oidc/callback"
_LONGEST = 2_000
_SAID = {
    "cancelled": "The sign-in was cancelled",
    "no_account": "There is no active account of yours: ask the secretariat",
    "refused": "What the issuer said of you is not good: begin again",
    "unavailable": "The issuer does not answer",
    "unverified_email": "The issuer does not vouch for your e-mail, by which your account would be found",
}


def _elsewhere(request: Request) -> SignInElsewhere:
    elsewhere: SignInElsewhere | None = request.app.state.elsewhere
    if elsewhere is None:
        raise NotFound("There is no sign-in by OpenID Connect here")
    return elsewhere


BACK: dict[int | str, dict[str, Any]] = {
    302: {"description": "Back to the page, with a `code` for `POST /api/v1/sessions`, or an `error`"}
}
Elsewhere = Annotated[SignInElsewhere, Depends(_elsewhere)]


@router.get("", response_model=SignInWays, responses=responses(422))
def read_sign_in_ways(request: Request) -> dict[str, Any]:
    """Which ways to sign in there are here, and how who has no password yet comes by one."""
    elsewhere = request.app.state.elsewhere is not None
    return {"password": True, "oidc": elsewhere, "delivery": desk_of(request).delivery}


@router.get(
    "/oidc",
    status_code=302,
    response_class=RedirectResponse,
    responses=responses(404, 422),
)
async def begin_sign_in(
    request: Request,
    elsewhere: Elsewhere,
    return_to: Annotated[str | None, Query(max_length=500, description="Page to come back to with a code")] = None,
    challenge: Annotated[
        str | None,
        Query(
            pattern=r"^[0-9a-f]{64}$", description="SHA-256, in hexadecimal, of the verifier to be sent with the code"
        ),
    ] = None,
) -> Response:
    """Go to the issuer to sign in there, in a browser; it comes back to `…/callback`."""
    desk_of(request).refusals.hit("sign-in elsewhere", seen(request).address)
    try:
        begun = await elsewhere.begin(return_to, challenge)
    except IssuerFailed as failed:
        log.error("issuer failed", cause=str(failed))
        raise Unavailable(_SAID["unavailable"], retry_after=30) from None
    answer = _redirect(begun.address)
    secure = elsewhere.secure
    answer.set_cookie(
        _cookie(secure),
        begun.browser,
        max_age=int(LASTS.total_seconds()),
        path="/",
        secure=secure,
        httponly=True,
        samesite="lax",
    )
    return answer


@router.get(
    "/oidc/callback",
    response_model=SessionOpened,
    responses=responses(400, 403, 404, 422) | BACK,
    dependencies=[Depends(any_parameters)],
)
async def end_sign_in(
    request: Request,
    elsewhere: Elsewhere,
    state: Annotated[str, Query(max_length=_LONGEST)],
    code: Annotated[str | None, Query(max_length=_LONGEST)] = None,
    error: Annotated[str | None, Query(max_length=_LONGEST)] = None,
    iss: Annotated[str | None, Query(max_length=_LONGEST)] = None,
) -> Response:
    """Come back from the issuer: a session, or the page that was asked for with a code that opens one."""
    here = seen(request)
    desk_of(request).refusals.hit("sign-in elsewhere", here.address)
    browser = request.cookies.get(_cookie(elsewhere.secure), "")
    begun = await elsewhere.take(state, browser)
    try:
        if error is not None or code is None:
            raise Refused("cancelled", f"the issuer said {(error or 'nothing')[:60]}")
        if iss not in (None, elsewhere.issuer.registration.issuer):
            raise Refused("refused", "another issuer answered")
        done = await elsewhere.finish(begun, code, browser, here)
    except (Refused, IssuerFailed) as refused:
        answer = await _refused(request, refused, begun.return_to, here)
    else:
        if isinstance(done, Opened):
            answer = opened_answer(done, 200)
        else:
            answer = _redirect(_with(begun.return_to or "", code=done.token))
    answer.delete_cookie(_cookie(elsewhere.secure), path="/", secure=elsewhere.secure, httponly=True, samesite="lax")
    return answer


async def _refused(request: Request, refused: Refused | IssuerFailed, return_to: str | None, here: Seen) -> Response:
    """Leave a trace of a refusal, and say why: to the page that is returned to, or by the status."""
    why = refused.why if isinstance(refused, Refused) else "unavailable"
    log.warning("sign-in refused", why=why, cause=str(refused), address=here.address)
    detail = {"address": here.address, "why": why}
    await desk_of(request).write(
        lambda session: service.audit(session, None, "sign-in.refused", "account", "unknown", detail)
    )
    if return_to is not None:
        return _redirect(_with(return_to, error=why))
    if why == "unavailable":
        raise Unavailable(_SAID[why], retry_after=30)
    if why in ("cancelled", "refused"):
        raise BadRequest(_SAID[why])
    raise Forbidden(_SAID[why])


def _redirect(address: str) -> Response:
    return RedirectResponse(address, 302, {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})


def _with(address: str, **more: str) -> str:
    parts = urlsplit(address)
    query = "&".join(one for one in (parts.query, urlencode(more)) if one)
    return urlunsplit(parts._replace(query=query))


def _cookie(secure: bool) -> str:
    """Return the cookie's name: over https, one that no other host can set."""
    return "__Host-praxis-sign-in" if secure else "praxis-sign-in"
