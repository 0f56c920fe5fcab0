"""Road maps: what authorities plan on migration, and what came of it."""

from services.portal.road_maps.view import dates, view
from services.portal.types.declaration import RecordType, Words, _, ngettext

WORDS = Words(
    many=_("Road maps"),
    about=_("What local authorities plan on migration, with whom, for which money, and what came of it"),
    find=_("Find road maps"),
    example=_("access to culture, diaspora, one-stop shop …"),
    count=ngettext("%(num)s road map", "%(num)s road maps"),
    show=ngettext("Show %(num)s road map", "Show %(num)s road maps"),
    compare=_("Compare road maps"),
    choose=_("Choose two to four road maps to set them side by side, question by question."),
    first=_("Find a road map"),
    another=_("Add a road map"),
    two=_("Choose two road maps at least."),
    beyond=_("At most %(most)s road maps are compared; left out: %(slugs)s."),
    unknown=_("There is no road map “%(slug)s”."),
    hidden=_(
        "The road map was taken out of public view: readers do not see the case. A change goes the same way again."
    ),
    moved=_("The road map was changed since this case was begun. Request changes, so that the two can be merged."),
    facets={
        "area": _("Area"),
        "adoption": _("Adoption"),
        "lead_authority": _("Lead authority"),
        "activity_state": _("State of activities"),
        "currency": _("Currency"),
        "budget_band": _("Total cost"),
        "country": _("Country involved"),
        "sdg": _("Sustainable Development Goal"),
    },
    steps={"begun": _("Begun"), "done": _("Done"), "dropped": _("Dropped")},
)

TYPE = RecordType(
    name="road-map",
    plural="road-maps",
    said={"en": WORDS},
    groups=(
        "area",
        "adoption",
        "lead_authority",
        "activity_state",
        "currency",
        "budget_band",
        "country",
        "sdg",
        "completeness",
        "language",
    ),
    unfolded=("area", "adoption", "activity_state"),
    facts=("about.start", "about.end"),
    template="road-map.html",
    view=view,
    dates=dates,
    compared_first=("plan", "budget", "outcome"),
)
