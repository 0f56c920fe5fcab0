"""Practices: what municipal officers look for first. Their page is made by hand."""

from services.portal.types.declaration import RecordType, Words, _, ngettext

FACETS = {
    "priority": _("Priority"),
    "country": _("Country involved"),
    "feature": _("Evidence for"),
    "policy_area": _("Policy area"),
    "target_group": _("People addressed"),
    "keyword": _("Keyword"),
    "country_of_origin": _("Country of origin"),
    "country_of_destination": _("Country of destination"),
    "corridor": _("Corridor"),
    "authority": _("Authority"),
    "level": _("Level of government"),
    "budget_source": _("Who paid"),
    "budget_band": _("Total cost"),
    "ongoing": _("Still running"),
    "decade": _("Started in"),
    "sdg": _("Sustainable Development Goal"),
    "tier": _("How it was judged"),
    "state": _("Kept up"),
    "completeness": _("Completeness"),
    "provenance": _("Where it comes from"),
    "language": _("Original language"),
}
"""Facets and their headings, the most asked for first."""

NARROWING = {
    "year_from": _("From year"),
    "year_to": _("To year"),
    "completeness_from": _("At least complete"),
    "budget_from": _("Cost from"),
    "budget_to": _("Cost to"),
    "currency": _("Currency"),
    "type": _("Type"),
    "close": _("Match"),
}
"""Headings of what else can narrow a search."""

WORDS = Words(
    many=_("Practices"),
    about=_("Good practices of local authorities on migration and development"),
    find=_("Find practices"),
    example=_("seasonal workers, returning entrepreneurs, Senegal …"),
    count=ngettext("%(num)s practice", "%(num)s practices"),
    show=ngettext("Show %(num)s practice", "Show %(num)s practices"),
    compare=_("Compare practices"),
    nothing=_("Try other words, or browse by priority:"),
    choose=_("Choose two to four practices to set them side by side, question by question."),
    first=_("Find a practice"),
    another=_("Add a practice"),
    two=_("Choose two practices at least."),
    beyond=_("At most %(most)s practices are compared; left out: %(slugs)s."),
    unknown=_("There is no practice “%(slug)s”."),
    hidden=_(
        "The practice was taken out of public view: readers do not see the case. A change goes the same way again."
    ),
    moved=_("The practice was changed since this case was begun. Request changes, so that the two can be merged."),
    facets=FACETS | NARROWING,
    steps={"still-true": _("Still true")},
)

TYPE = RecordType(
    name="practice",
    plural="practices",
    said={"en": WORDS},
    groups=(*FACETS,),
    unfolded=("priority", "country", "feature", "policy_area"),
    sorts=("relevance", "newest", "title", "start", "completeness"),
    own_page=True,
    hit="parts/hit-practice.html",
    views=(("/map", _("On the map")), ("/matrix", _("As a matrix"))),
    needed_by={"who.authorities": "local-authority"},
    at={
        "compare": "/compare",
        "facets": "/facets",
        "feed.atom": "/practices.atom",
        "suggestions": "/suggestions",
        "embed": "/embed/practice",
    },
)
