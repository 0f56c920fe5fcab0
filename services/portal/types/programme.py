"""Programmes and networks that practices and road maps are part of."""

from services.portal.types.declaration import RecordType, Words, _, ngettext

WORDS = Words(
    many=_("Programmes"),
    about=_("Programmes and networks in which local authorities work on migration together"),
    find=_("Find programmes"),
    count=ngettext("%(num)s programme", "%(num)s programmes"),
    show=ngettext("Show %(num)s programme", "Show %(num)s programmes"),
    compare=_("Compare programmes"),
    choose=_("Choose two to four programmes to set them side by side, question by question."),
    first=_("Find a programme"),
    another=_("Add a programme"),
    two=_("Choose two programmes at least."),
    beyond=_("At most %(most)s programmes are compared; left out: %(slugs)s."),
    unknown=_("There is no programme “%(slug)s”."),
    hidden=_(
        "The programme was taken out of public view: readers do not see the case. A change goes the same way again."
    ),
    moved=_("The programme was changed since this case was begun. Request changes, so that the two can be merged."),
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
