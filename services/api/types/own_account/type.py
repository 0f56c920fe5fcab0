"""The account: what makes it a record type."""

from pathlib import Path

from services.api.forms.catalogue import RECORD
from services.api.forms.form import Form
from services.api.forms.types import OwnWords, RecordType
from services.api.types.own_account.content import AccountContent
from services.api.types.own_account.rules import RULES
from services.api.types.unreviewed import WORKFLOW

FORM = Form(
    model=AccountContent,
    sections={"account": "III", RECORD: "R"},
    short=("III", "III.1", "III.2", "III.3", "III.4", "III.5", "III.6", "7.1"),
    rules=RULES,
    folder=Path(__file__).parent / "wording",
)

TYPE = RecordType(
    name="own-account",
    plural="own-accounts",
    form=FORM,
    title="account.title",
    summary="account.description",
    workflow=WORKFLOW,
    rendering=1,
    tiers=("network",),
    own_words=OwnWords(of="account.practice", by="account.authority"),
)
