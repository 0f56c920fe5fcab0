"""Accounts: what authorities tell of their own practices."""

from services.portal.types.declaration import OwnWords, RecordType, Words, _, ngettext

WORDS = Words(
    many=_("Own accounts"),
    about=_("What local authorities tell of their own practices"),
    find=_("Find accounts"),
    count=ngettext("%(num)s account", "%(num)s accounts"),
    show=ngettext("Show %(num)s account", "Show %(num)s accounts"),
    compare=_("Compare accounts"),
    choose=_("Choose two to four accounts to set them side by side, question by question."),
    first=_("Find an account"),
    another=_("Add an account"),
    two=_("Choose two accounts at least."),
    beyond=_("At most %(most)s accounts are compared; left out: %(slugs)s."),
    unknown=_("There is no account “%(slug)s”."),
    hidden=_(
        "The account was taken out of public view: readers do not see the case. A change goes the same way again."
    ),
    moved=_("The account was changed since this case was begun. Request changes, so that the two can be merged."),
    facets={"priority": _("Priority")},
)

BESIDE = {
    "account.title": ("initiative.title",),
    "account.strand": ("what.priorities.priority",),
    "account.description": ("how.summary",),
    "account.funds": ("initiative.budget_sources",),
    "account.contribution": ("context.strategies",),
    "account.set_up": ("how.working_methods",),
    "account.results": ("how.results",),
    "account.adaptations": ("lessons.near_future",),
    "account.debate": ("context.debate",),
    "account.obstacles": ("lessons.challenges",),
    "account.transferability": ("replication.*",),
    "account.dissemination": ("how.communication",),
}
"""What editors answer, too, when they write about the practice."""

TYPE = RecordType(
    name="own-account",
    plural="own-accounts",
    said={"en": WORDS},
    groups=("authority", "priority", "completeness", "language"),
    unfolded=("priority",),
    facts=("account.practice",),
    compared_first=("account",),
    given=("account.practice", "account.authority", "language"),
    own_words=OwnWords(
        of="practice",
        relation="account-of",
        record="account.practice",
        authority="account.authority",
        begins={"account.title": "initiative.title", "account.strand": "what.priorities.priority"},
        beside=BESIDE,
        evidence="account.features",
        kind="own-account",
    ),
)
