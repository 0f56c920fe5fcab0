"""One's account: who one is, one's sessions, and setting a password, by the present one or by a token."""

import asyncio
from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Query, Response

from services.portal import notices, visitor
from services.portal.page import AnyPage, Page, url
from services.portal.upstream import Json, Refused

router = APIRouter()

Token = Annotated[str, Query(max_length=500)]
Typed = Annotated[str, Form()]


@router.get("/account")
async def read(page: AnyPage, said: Annotated[str, Query(max_length=40)] = "") -> Response:
    """Who I am here, and where I am signed in."""
    return await _account(page, said)


@router.post("/account/sessions/{id}/end")
async def end_session(page: AnyPage, id: UUID) -> Response:
    """End one of my sessions."""
    page.must_be()
    try:
        await page.upstream.call("DELETE", f"/sessions/{id}")
    except Refused as refusal:
        if refusal.status != 404:  # it has ended by itself
            raise
    return page.redirect("/account?said=ended")


@router.post("/account/password")
async def change_password(page: AnyPage, present_password: Typed = "", password: Typed = "") -> Response:
    """Set another password; all sessions end, and a new one goes on here."""
    page.must_be()
    agent = {"User-Agent": page.request.headers.get("user-agent", "")}
    body = {"present_password": present_password, "password": password}
    try:
        opened = (await page.upstream.call("PUT", "/me/password", json=body, headers=agent)).json()
    except Refused as refusal:
        if refusal.status not in (422, 429):
            raise
        return await _account(page, "", 422, _faults(page, refusal))
    answer = page.redirect("/account?said=changed")
    visitor.sign_in(answer, page.request, opened["token"])
    return answer


@router.get("/invitation")
async def invitation(page: AnyPage, token: Token = "") -> Response:
    """Set the first password of an account."""
    return _setting(page, token, invited=True)


@router.get("/password/reset")
async def reset(page: AnyPage, token: Token = "") -> Response:
    """Set a password anew."""
    return _setting(page, token, invited=False)


@router.post("/invitation")
@router.post("/password/reset")
async def set_password(page: AnyPage, token: Typed = "", password: Typed = "") -> Response:
    """Set a password by a token, which is good once; all sessions of the account end."""
    invited = page.request.url.path == "/invitation"
    try:
        await page.upstream.call("POST", "/password-resets/redeem", json={"token": token, "password": password})
    except Refused as refusal:
        if refusal.status not in (422, 429):
            raise
        return _setting(page, token, invited, 422, _faults(page, refusal))
    return page.redirect(url("/sign-in", {"said": "set"}))


@router.get("/password/forgotten")
async def forgotten(page: AnyPage, delivery: Annotated[str, Query(max_length=20)] = "") -> Response:
    """Ask for a way to set a password, or read how it comes."""
    return page.html("password-forgotten.html", delivery=delivery, email="", faults=[])


@router.post("/password/forgotten")
async def ask_for_reset(page: AnyPage, email: Typed = "") -> Response:
    """Ask for a token; what is answered is the same for every e-mail."""
    try:
        taken = (await page.upstream.call("POST", "/password-resets", json={"email": email})).json()
    except Refused as refusal:
        if refusal.status not in (422, 429):
            raise
        said = (
            page.gettext("Write your e-mail, such as name@town.example.org.")
            if refusal.status == 422
            else page.gettext("This was asked for too often from where you are: wait for a minute.")
        )
        faults = [{"field": "email", "message": said}]
        return page.html("password-forgotten.html", 422, delivery="", email=email, faults=faults)
    return page.redirect(url("/password/forgotten", {"delivery": taken["delivery"]}))


def _setting(page: Page, token: str, invited: bool, status: int = 200, faults: Sequence[Json] = ()) -> Response:
    answer = page.html("password-set.html", status, token=token, invited=invited, faults=faults)
    # The token stands in this page's address: no other site is to learn it, and nobody keeps the page.
    answer.headers["Referrer-Policy"] = "same-origin"
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _faults(page: Page, refusal: Refused) -> list[Json]:
    """Say of each part of a password form what is wrong with it."""
    if refusal.status == 429:
        said = page.gettext("There were too many wrong attempts: wait for some minutes, then try again.")
        return [{"field": "password", "message": said}]
    words = {
        "token": page.gettext("This link is no longer good: it works once, and for a limited time. Ask for another."),
        "present_password": page.gettext("This is not your present password."),
        "password": page.gettext("Choose a password of 12 to 200 characters that is not your e-mail or your name."),
    }
    named = dict.fromkeys(fault["field"].split(".")[-1] for fault in refusal.errors)
    return [{"field": field, "message": words.get(field, refusal.detail)} for field in named]


async def _account(page: Page, said: str, status: int = 200, faults: Sequence[Json] = ()) -> Response:
    page.must_be()
    sessions, told = await asyncio.gather(page.upstream.read("/sessions"), page.upstream.read("/me/notices"))
    return page.html(
        "account.html",
        status,
        sessions=sessions["items"],
        letters=notices.choices(told["often"]),
        often_names=notices.OFTEN,
        said=said,
        faults=faults,
    )
