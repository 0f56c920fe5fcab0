"""Forms: what is asked in records of each type. They tell what is text; found only where they are asked for by name."""

from collections.abc import Iterable

from services.search.cards import HitRead
from services.search.codes import Record
from services.search.declaring import SearchType
from services.search.engines.base import Text
from services.search.forms import FORM, trees
from services.search.naming import each_language
from services.search.types import shared


def _texts(record: Record) -> Iterable[Text]:
    return (Text("title", language, title, "title") for language, title in record["titles"].items())


TYPE = SearchType(
    name=FORM,
    labels=each_language(("Form", "Formulario", "Formulaire", "Modulo")),
    facets=(shared.TYPE,),
    hit=HitRead,
    titles=lambda record: record["titles"] or {"": record["id"]},
    texts=_texts,
    card=lambda record, codes: {"trees": trees(record)},
    derived=True,
)
