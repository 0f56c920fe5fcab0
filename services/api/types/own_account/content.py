"""What an authority tells of its own practice: the questionnaire of the peer review (JMDI report 2010, Annex III).

Numbers such as `III.2` are those of its items.
"""

from typing import Annotated

from services.api.forms.catalogue import Section
from services.api.forms.inputs import Names
from services.api.forms.parts import ask, cell, listed
from services.api.kit.schema import Language, LongText, Name, Schema, Slug
from services.api.vocabularies.terms import Term


class FeatureAccount(Schema):
    """What the authority says of a feature of its practice: evidence of the kind `own-account`."""

    feature: Annotated[str, Term("features")] = cell("Feature", "Feature of a good practice")
    statement: LongText = cell("What shows it", "What shows that the practice has this feature")


class Account(Section):
    """III. The policy or practice, as its authority tells it."""

    practice: Annotated[Slug, Names("practice", "account-of")] = ask(
        "III", "Practice", "Slug or id of the practice of this base that it is an account of"
    )
    authority: Annotated[Slug, Names("authority")] = ask(
        "III", "Authority", "Slug or id of the authority that tells it"
    )
    kind: Annotated[str, Term("measure-kinds")] | None = ask(
        "III.1", "Kind", "Whether it is a policy measure or a good practice", default=None
    )
    strand: Annotated[str, Term("priorities")] | None = ask(
        "III.1", "Thematic strand", "Which of the four thematic strands it belongs to", default=None
    )
    title: Name = ask("III.1", "Name", "Name or title of the policy or practice")
    description: LongText = ask("III.2", "Brief description", "Main elements of the policy or practice")
    funds: list[Annotated[str, Term("fund-origins")]] = listed(
        "III.2",
        "Origin of the money",
        "Local budget, national budget, or external funds, those of the EU included",
        most=4,
    )
    contribution: LongText | None = ask(
        "III.2",
        "Contribution to strategies",
        "What it contributes to objectives and strategies of development, and which aspects of strategies of the EU, "
        "the nation, the region or the place it addresses",
        default=None,
    )
    set_up: LongText | None = ask(
        "III.2",
        "Set-up and working methods",
        "Institutions and working methods that carry it, with the levels of government that take part",
        default=None,
    )
    results: LongText | None = ask("III.2", "Results so far", "What came of it so far", default=None)
    adaptations: LongText | None = ask(
        "III.2", "Intended adaptations", "How it is meant to be changed in future", default=None
    )
    debate: LongText | None = ask(
        "III.3",
        "Questions and debate",
        "Main questions and areas of debate in your own context or country",
        default=None,
    )
    obstacles: LongText | None = ask(
        "III.4", "Obstacles", "Obstacles and constraints that it met, in brief", default=None
    )
    transferability: LongText | None = ask(
        "III.5", "Transferability", "Whether it could be taken over in other contexts, in brief", default=None
    )
    dissemination: LongText | None = ask(
        "III.6", "Dissemination", "Means of public communication that were used", default=None
    )
    features: list[FeatureAccount] = listed(
        "7.1", "Features of a good practice", "What you can say of features of a good practice", most=8
    )


class AccountContent(Schema):
    """An authority's own account of a practice; whatever is unknown stays empty."""

    language: Language = ask("R.1", "Language", "Language that this account is written in")
    account: Account
