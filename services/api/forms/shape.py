"""The shape of a form's content: which fields there are, in which order, of which type.

Canonical forms and tables are made from it, so that a new question needs no word there.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from services.api.forms.inputs import field_type
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


def shape_of(model: type[BaseModel], *, required: bool = False, optional: bool = False) -> Group:
    """Return the shape of a model."""
    return Group({name: _node(field) for name, field in model.model_fields.items()}, required, optional)


def _node(field: FieldInfo) -> Node:
    found = field_type(field)
    if found.part:
        required, optional = (False, False) if found.many else (field.is_required(), found.optional)
        node: Node = shape_of(found.part, required=required, optional=optional)
    else:
        term = found.mark(Term)
        is_date = replace(found, many=False).kind == "date"
        default = None if field.is_required() or found.many else field.default
        node = Scalar(found.plain, codes(term.vocabulary) if term else (), is_date, default)
    return Many(node) if found.many else node


def canonical(value: Json, shape: Group) -> Json:
    """Return a value as exports write it: fields in the order of the form, nothing that is empty."""
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
