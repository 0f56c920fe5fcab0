"""Fills a database with something of everything."""

from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import select

from services.api.access import accounts, lockout, tokens
from services.api.access.models import AccountIdentity, SignInBegun
from services.api.access.rules import Rules
from services.api.authorities import service as authorities
from services.api.kit.moments import now
from services.api.letters.models import Letter, LetterStop, RefusedAddress
from services.api.notices.models import Notice, NoticeSetting
from services.api.notices.service import tell
from services.api.readers.models import BlockedReader, FollowedSearch, ReaderLink, ReaderMessage, ReaderRequest
from services.api.records.models import RecordStep, RecordWithdrawal
from tests.api.submissions.support import begin, remark, taken
from tests.api.thesaurus.support import CONCEPTS, add_three
from tests.harness.people import PASSWORD, make_person, session_of
from tests.harness.support import Api, Template, authority_body, make_key, practice_body


def fill(api: Api, template: Template) -> None:
    """Write drafts, revisions, translations, publications, deletions, keys, refusals and answers that are kept."""
    spanish = {"how.summary": {"text": "¿Qué es «esto»? 漢字 🌍 عربى", "status": "human"}}
    unicode = practice_body("Ünïcødé 漢字 🌍", translations={"es": spanish})
    bodies = [body | {"owner": "alba"} for body in (practice_body(), unicode)]
    made = [api.post("/practices", template.secretariat, json=body).json() for body in bodies]
    assert made[1]["translations"]["es"]
    for one in made:
        api.post(f"/practices/{one['id']}/publish", template.secretariat, version=1).raise_for_status()
    again = practice_body("Another")
    api.put(f"/practices/{made[0]['id']}", template.secretariat, version=2, json=again).raise_for_status()
    api.post(f"/practices/{made[1]['id']}/unpublish", template.secretariat, version=2).raise_for_status()
    repeated = {"json": practice_body("Once"), "headers": {"Idempotency-Key": "first"}}
    api.post("/practices", template.secretariat, **repeated).raise_for_status()
    refused = api.put(f"/practices/{made[0]['id']}", template.boca, version=3, json=practice_body("Not hers"))
    assert refused.status_code == 403
    told = {"population": {"count": 2_000_000_000, "year": 2020, "source": "«é»"}, "ended": "2021-02"}
    told |= {"contact_office": {"name": "ألبا", "phone": "+39 051 219"}, "successor": "alba", "parent": "alba"}
    body = authority_body("Child", slug="child", **told)
    api.post("/authorities", template.secretariat, json=body).raise_for_status()
    make_key(api.database, "child")
    add_three(api, template.secretariat)
    api.delete(f"{CONCEPTS}/circular-migration", template.secretariat, version=2).raise_for_status()
    fill_access(api)
    fill_letters(api)
    fill_readers(api)
    fill_life(api, UUID(made[0]["id"]))
    fill_claims(api, template, made[0]["id"])
    case = taken(api, template.alba, begin(api, template.alba), "submit")
    asked = remark(api, template.secretariat, case, "Which year?", path="when.start")
    remark(api, template.secretariat, case, "In 2008.", parent=asked["id"])
    fill_sent(api)


def fill_claims(api: Api, template: Template, id: str) -> None:
    """Let an office ask for a record and be refused, and hand the record over to it all the same."""
    asked = api.post(f"/practices/{id}/claims", template.boca, json={"statement": "«é»"}).json()
    path, why = f"/claims/{asked['id']}/refuse", {"reason": "Not «yet»"}
    api.post(path, template.secretariat, version=1, json=why).raise_for_status()
    given = {"authority": "boca", "reason": "Now it is"}
    api.post(f"/practices/{id}/owner", template.secretariat, version=3, json=given).raise_for_status()


def fill_life(api: Api, id: UUID) -> None:
    """Write what happened to a record after it was public."""
    said = {"record_id": id, "at": now(), "caller": "operator"}
    done = {"path": "actions[key=1]", "kind": "done", "value": "met", "note": "«é»", "date": "2026-07"}
    with api.database.transaction() as session:
        session.add(RecordStep(number=1, **done, **said))
        session.add(RecordWithdrawal(number=1, path="how.summary", reason="A name stood in it", **said))


def fill_sent(api: Api) -> None:
    """Have all letters sent: what waits is not restored."""
    with api.database.transaction() as session:
        for letter in session.scalars(select(Letter)).all():
            letter.state = "sent"
        for notice in session.scalars(select(Notice)).all():
            notice.letter_id = uuid4()


def fill_letters(api: Api) -> None:
    """Write notices and their letters, an address that refuses letters, and a token that stops them."""
    id = UUID(make_person(api.database, "told@example.org", "reviewer"))
    with api.database.transaction() as session:
        tell(session, "commented", [id], title="«é»", path="/contribute", text={"en": "New"})
        session.add(NoticeSetting(account_id=id, kind="decided", often="weekly"))
        session.add(RefusedAddress(address="gone@example.org", at=now(), code="550"))
        session.add(LetterStop(secret_hash="s", room="notices", data={"kind": "decided"}, made_at=now()))


def fill_readers(api: Api) -> None:
    """Write what readers without an account asked for, a message, a search that is followed, and a blocked address."""
    said = {"email": "lea@example.org", "language": "fr"}
    with api.database.transaction() as session:
        session.add(ReaderRequest(kind="overview", data={"«é»": 1}, created_at=now(), **said))
        office = authorities.find(session, "alba").id
        message = ReaderMessage(
            name="Lea", to_type="authority", to_id=office, authority_id=office, text="«é»\n漢", sent_at=now(), **said
        )
        session.add(message)
        session.add(ReaderLink(secret_hash="p", purpose="report", target_id=message.id))
        session.add(BlockedReader(email_hash="h", at=now(), caller="operator"))
        told = {"created_at": now(), "told_until": now(), "due_at": now()}
        session.add(FollowedSearch(question="q=%C3%A9", every="weekly", **told, **said))


def fill_access(api: Api) -> None:
    """Write accounts, identities, sessions, tokens, sign-ins that are under way, and failures."""
    id = UUID(make_person(api.database, "ana@example.org", "officer", "alba", PASSWORD))
    make_person(api.database, "gone@example.org", "admin")
    session_of(api.database, "ana@example.org")
    later = now() + timedelta(hours=1)
    with api.database.transaction() as session:
        lockout.attempt(session, "ana@example.org", Rules(wrong_passwords=1), now())
        session.add(AccountIdentity(issuer="https://x.example", subject="ö", account_id=id, created_at=now()))
        session.add(SignInBegun(state_hash="s", browser_hash="b", return_to=None, challenge="c", expires_at=later))
        tokens.issue_on_request(session, accounts.find(session, id), Rules())
        tokens.issue_for_session(session, accounts.find(session, id), "c")
