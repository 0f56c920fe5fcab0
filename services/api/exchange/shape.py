"""The shape of the questionnaire, read off its model: which fields there are, in which order, of which type.

Canonical forms and tables are made from it, so that a new question of the questionnaire needs no word here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from services.api.kit.schema import PartialDate
from services.api.records.schemas import Translation
from services.api.types.practice.content import PracticeContent
from services.api.vocabularies.terms import Term, codes

Json = dict[str, Any]


@dataclass(frozen=True)
class Scalar:
    """A text, a number or a truth value; `codes` are those that a text is one of."""

    type: type
    codes: tuple[str, ...] = ()
    is_date: bool = False
    default: Any = None
    """What the model takes it for where nothing is given."""


@dataclass(frozen=True)
class Many:
    """A list."""

    item: "Node"


@dataclass(frozen=True)
class Group:
    """A section or an item with fields of its own."""

    fields: Mapping[str, "Node"]
    required: bool
    """Whether it must be there even when it is empty."""
    optional: bool
    """Whether an empty one differs from none."""


Node = Scalar | Many | Group


@cache
def content() -> Group:
    """Return the shape of `PracticeContent`."""
    return _group(PracticeContent, required=True, optional=False)


@cache
def translation() -> Group:
    """Return the shape of a translated text."""
    return _group(Translation, required=False, optional=False)


def canonical(value: Json, shape: Group) -> Json:
    """Return a value as exports write it: fields in the order of the questionnaire, nothing that is empty."""
    return dict(_filled(value, shape))


def _filled(value: Json, shape: Group) -> Iterator[tuple[str, Any]]:
    for name, node in shape.fields.items():
        found = value.get(name)
        if found is None or found == []:
            if isinstance(node, Group) and node.required:
                yield name, {}
        elif isinstance(node, Group):
            inner = canonical(found, node)
            if inner or node.required or node.optional:
                yield name, inner
        elif isinstance(node, Many) and isinstance(node.item, Group):
            item = node.item
            yield name, [canonical(one, item) for one in found]
        else:
            yield name, found


def _group(model: type[BaseModel], *, required: bool, optional: bool) -> Group:
    return Group({name: _node_of(field) for name, field in model.model_fields.items()}, required, optional)


def _node_of(field: FieldInfo) -> Node:
    metadata: list[Any] = list(field.metadata)
    required = field.is_required()
    return _node(field.annotation, metadata, required=required, default=None if required else field.default)


def _node(annotation: Any, metadata: list[Any], *, required: bool, default: Any = None) -> Node:
    optional = False
    while (origin := get_origin(annotation)) in (Annotated, Union, UnionType):
        inner, *more = get_args(annotation)
        if origin is Annotated:
            metadata = [*metadata, *more]
        else:
            (inner,) = (one for one in (inner, *more) if one is not NoneType)
            optional = True
        annotation = inner
    if origin is list:
        return Many(_node(get_args(annotation)[0], [], required=False))
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return _group(annotation, required=required, optional=optional)
    if annotation not in (str, int, float, bool, Decimal):
        raise TypeError(f"there is no form of {annotation!r} in files")
    terms = [one.vocabulary for one in metadata if isinstance(one, Term)]
    is_date = any(one in metadata for one in get_args(PartialDate)[1:2])
    return Scalar(annotation, codes(terms[0]) if terms else (), is_date, default)
