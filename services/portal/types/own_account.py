"""Accounts: what authorities tell of their own practices."""

from services.portal.types.declaration import RecordType, Words, _, ngettext

WORDS = Words(
    many=_("Own accounts"),
    about=_("What local authorities tell of their own practices"),
    find=_("Find accounts"),
    count=ngettext("%(num)s account", "%(num)s accounts"),
    show=ngettext("Show %(num)s account", "Show %(num)s accounts"),
    compare=_("Compare accounts"),
    facets={"priority": _("Priority")},
)

TYPE = RecordType(
    name="own-account",
    plural="own-accounts",
    said={"en": WORDS},
    groups=("authority", "priority", "completeness", "language"),
    unfolded=("priority",),
    facts=("account.practice",),
    compared_first=("account",),
)
