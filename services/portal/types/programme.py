"""Programmes and networks that practices and road maps are part of."""

from services.portal.types.declaration import RecordType, Words, _, ngettext

WORDS = Words(
    many=_("Programmes"),
    about=_("Programmes and networks in which local authorities work on migration together"),
    find=_("Find programmes"),
    count=ngettext("%(num)s programme", "%(num)s programmes"),
    show=ngettext("Show %(num)s programme", "Show %(num)s programmes"),
    compare=_("Compare programmes"),
    facets={"country": _("Country involved")},
)

TYPE = RecordType(
    name="programme",
    plural="programmes",
    said={"en": WORDS},
    groups=("authority", "country", "completeness", "language"),
    unfolded=("authority",),
    facts=("about.start", "about.end"),
    compared_first=("about", "people"),
)
