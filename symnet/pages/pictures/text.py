"""Pictures for a terminal: a line for each layer, or for each array of a graph."""

from __future__ import annotations

from collections.abc import Sequence

from symnet.formula import Formula, formula_text
from symnet.notation import Symbols
from symnet.pages.pictures.geometry import Label
from symnet.pages.pictures.graph_labels import GraphLabels, Leaf
from symnet.pages.pictures.graph_structure import Node
from symnet.pages.pictures.structure import LayerView, layer_title, shown_layers, whole
from symnet.support import table, visible

DOTS = "…"


def network_text(views: Sequence[LayerView], symbols: Symbols) -> str:
    """A line for each layer: its title, parameters, values and number of units."""
    last = len(views) - 1
    rows = []
    for number in shown_layers(last):
        if number is None:
            rows.append((DOTS, "", ""))
            continue
        view = views[number]
        stages = [list(view.parameters), *([array] for array in view.values)]
        stages[-2] += [views[source].output for source in view.skips]
        way = " → ".join(
            ", ".join(formula_text(whole(symbols, array)) for array in arrays) for arrays in stages if arrays
        )
        name = visible(f" {view.function}") if view.function else ""
        rows.append((layer_title(number, last), f"{'→ ' if number else ''}{way}", f"({view.units:,}){name}"))
    return table(("layer", "arrays", "units"), rows)


def graph_text(nodes: Sequence[Node], labels: GraphLabels) -> str:
    """A line for each array: its value, the operation that computes it, and its cotangent."""
    rows: list[tuple[str, str, str]] = []
    for node in nodes:
        if node.is_dots:
            rows.append((DOTS, "", ""))
            continue
        leaves = labels.leaves(node)
        rows += [_leaf_row(leaf) for leaf in leaves if not leaf.dashed]
        value = [labels.symbol(node.name), *labels.value(node.name)]
        back = labels.backward(node.name)
        rows.append((_equals(value), _source(node, labels), _equals(back)))
    return table(("array", "from", "derivative of the loss"), rows)


def _leaf_row(leaf: Leaf) -> tuple[str, str, str]:
    forward = [label for label in leaf.numbers if label.tone == "forward"]
    backward = [label for label in leaf.numbers if label.tone == "backward"]
    return _equals([leaf.symbol, *forward]), "", _equals([leaf.cotangent, *backward] if leaf.cotangent else [])


def _source(node: Node, labels: GraphLabels) -> str:
    if node.operation is None:
        return ""
    used = [_text(labels.symbol(name).content) for name in node.uses]
    return f"{_text(labels.content(node).content)} of {', '.join(used)}"


def _equals(labels: Sequence[Label]) -> str:
    return " = ".join(_text(label.content) for label in labels)


def _text(content: Formula | str) -> str:
    return visible(content) if isinstance(content, str) else formula_text(content)
