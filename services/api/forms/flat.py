"""A content as the values that it is made of, each with the way to it: what a table has columns for."""

from collections.abc import Iterator, Sequence
from typing import Any

from services.api.forms.paths import KEY, Key, Step
from services.api.forms.shape import Group, Json, Many, Node, Scalar

Way = tuple[Step, ...]
Place = tuple[Any, ...]
"""Sorts values in the order of the form."""
Answer = tuple[Place, Way, Node, Any]


def answers(shape: Group, canonical: Json) -> Iterator[Answer]:
    """Yield what a content answers, by its place in the form; `canonical` holds nothing that is empty."""
    return _of_group(shape, canonical, (), ())


def _of_group(group: Group, value: Json, place: Place, way: Way) -> Iterator[Answer]:
    for number, (name, node) in enumerate(group.fields.items()):
        if (found := value.get(name)) is not None:
            yield from _of_node(node, found, (*place, number), (*way, name))


def _of_node(node: Node, value: Any, place: Place, way: Way) -> Iterator[Answer]:
    if isinstance(node, Many) and not _is_one_value(node):
        for number, one in enumerate(value):
            yield from _of_node(node.item, one, (*place, number), (*way, number))
    elif isinstance(node, Group) and value:
        yield from _of_group(node, value, place, way)
    elif not isinstance(node, Group) or node.optional:
        yield (*place, -1), way, node, value


def node_at(shape: Group, way: Sequence[Step]) -> Node | None:
    """Return what stands at the end of a way, none where no value does: what has parts is told by these."""
    node: Node = shape
    for step in way:
        inner: Node | None = None
        if isinstance(node, Many) and not _is_one_value(node):
            inner = node.item if isinstance(step, int) or (isinstance(step, Key) and has_keys(node)) else None
        elif isinstance(node, Group) and not isinstance(step, int | Key):
            inner = node.fields.get(step)
        if inner is None:
            return None
        node = inner
    held = node.optional if isinstance(node, Group) else isinstance(node, Scalar) or _is_one_value(node)
    return node if held else None


def ways(shape: Group, way: Way = ()) -> Iterator[Way]:
    """Yield the ways to all values that there may be, of a list those in its first item."""
    for name, node in shape.fields.items():
        path: Way = (*way, name)
        inner = node
        if isinstance(node, Many) and not _is_one_value(node):
            path, inner = (*path, 0), node.item
        if isinstance(inner, Group):
            yield from ways(inner, path)
        else:
            yield path


def has_keys(node: Node | None) -> bool:
    """Tell whether it is a list whose rows have keys."""
    return isinstance(node, Many) and isinstance(node.item, Group) and KEY in node.item.fields


def keyed_lists(shape: Group, way: Way = ()) -> Iterator[Way]:
    """Yield the ways to the lists whose rows have keys, beside those within other lists."""
    for name, node in shape.fields.items():
        if has_keys(node):
            yield (*way, name)
        elif isinstance(node, Group):
            yield from keyed_lists(node, (*way, name))


def _is_one_value(node: Node) -> bool:
    """Tell whether a list is one value: of codes, which stand together in one cell."""
    return isinstance(node, Many) and isinstance(node.item, Scalar) and bool(node.item.codes)
