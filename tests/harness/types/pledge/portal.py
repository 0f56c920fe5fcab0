"""How pledges appear on the site: their words stand here, in each language of the interface."""

from services.portal.types import RecordType, Words

TYPE = RecordType(
    name="pledge",
    plural="pledges",
    said={
        "en": Words(
            many="Pledges",
            about="What authorities promise each other",
            find="Find pledges",
            count=("%(num)s pledge", "%(num)s pledges"),
            show=("Show %(num)s pledge", "Show %(num)s pledges"),
            compare="Compare pledges",
            facets={"partner": "Promised to"},
            next={"submitted": "The secretariat reads the pledge and publishes it."},
            steps={"done": "Done", "kept": "Kept", "in-time": "in time", "late": "late"},
        ),
        "es": Words(
            many="Compromisos",
            about="Lo que las autoridades se prometen",
            find="Buscar compromisos",
            count=("%(num)s compromiso", "%(num)s compromisos"),
            show=("Mostrar %(num)s compromiso", "Mostrar %(num)s compromisos"),
            compare="Comparar compromisos",
            facets={"partner": "Prometido a"},
            next={"submitted": "La secretaría lee el compromiso y lo publica."},
            steps={"done": "Hecho", "kept": "Cumplido", "in-time": "a tiempo", "late": "con retraso"},
        ),
        "fr": Words(
            many="Engagements",
            about="Ce que les autorités se promettent",
            find="Chercher des engagements",
            count=("%(num)s engagement", "%(num)s engagements"),
            show=("Afficher %(num)s engagement", "Afficher %(num)s engagements"),
            compare="Comparer des engagements",
            facets={"partner": "Promis à"},
            next={"submitted": "Le secrétariat lit l’engagement et le publie."},
            steps={"done": "Fait", "kept": "Tenu", "in-time": "à temps", "late": "en retard"},
        ),
        "it": Words(
            many="Impegni",
            about="Ciò che le autorità si promettono",
            find="Cercare impegni",
            count=("%(num)s impegno", "%(num)s impegni"),
            show=("Mostra %(num)s impegno", "Mostra %(num)s impegni"),
            compare="Confrontare impegni",
            facets={"partner": "Promesso a"},
            next={"submitted": "La segreteria legge l’impegno e lo pubblica."},
            steps={"done": "Fatto", "kept": "Mantenuto", "in-time": "in tempo", "late": "in ritardo"},
        ),
    },
    groups=("authority", "partner", "completeness", "language"),
    unfolded=("partner",),
    facts=("promise.partner",),
    compared_first=("plan",),
)
