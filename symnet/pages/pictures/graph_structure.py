"""The computational graph of a program before layout: operations in order, and the operands of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from sympy import Add, Expr, Indexed, Sum
from sympy.core.function import Application, AppliedUndef

from symnet.core import Equation, Program, walk
from symnet.formula import Formula, Letter, Operator, row
from symnet.notation import function_name, textbook

MAX_LAYERS, FIRST_LAYERS, LAST_LAYERS = 4, 2, 2


@dataclass(frozen=True)
class Node:
    """An operation of the graph, the input, or dots for omitted layers.

    Attributes:
        name: the array that it computes; for dots, the array that leaves them.
        operation: the label of the operation; None for an input, which shows its own symbol.
        follows: whether it uses the array of the node before it.
        leaves: declared arrays that are drawn here.
        repeated: declared arrays that are drawn at an earlier node.
        carried: arrays of earlier nodes other than the one before.
        uses: all arrays that its equation refers to.
        starts_layer: whether a row preferably starts here.
        is_dots: whether it stands for omitted layers.
        layer: the layer of the array.
    """

    name: str
    operation: Formula | str | None = None
    follows: bool = False
    leaves: tuple[str, ...] = ()
    repeated: tuple[str, ...] = ()
    carried: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    starts_layer: bool = False
    is_dots: bool = False
    layer: int | None = None


@dataclass
class _Reader:
    """Reads the nodes of a program one after another."""

    program: Program
    functions: Mapping[Expr, Formula]
    drawn: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.order = list(self.program.declared)

    def node(self, equation: Equation, before: str, starts_layer: bool) -> Node:
        used = self.program.dependencies[equation.name]
        given = [array.name for array in self.program.arrays if array.role != "input" and array.name in used]
        leaves = tuple(name for name in given if name not in self.drawn)
        self.drawn.update(leaves)
        return Node(
            equation.name,
            self.operation(equation),
            before in used,
            leaves,
            tuple(name for name in given if name not in leaves),
            tuple(name for name in used if name not in (before, *given)),
            tuple(sorted(used, key=self.order.index)),
            starts_layer,
            layer=equation.array.layer,
        )

    def operation(self, equation: Equation) -> Formula | str:
        """The operation of an equation, as a word or a sign."""
        rhs = equation.rhs
        if equation.array.layer is None:
            return self._at_the_end(self.program.dependencies[equation.name])
        if any(isinstance(node, Sum) for node in walk(rhs)):
            return Letter("Sigma", "upright")
        terms = Add.make_args(rhs)
        added = [term for term in terms if isinstance(term, Indexed)]
        main = [term for term in terms if term not in added]
        if not main:
            return "identity" if len(added) == 1 else "+"
        named = self._named(Add(*main))
        return row(named, Operator("+")) if added else named

    def _at_the_end(self, used: Sequence[str]) -> str:
        """The operation of an equation after the layers: the loss, the penalty of weights, or the sum of both."""
        roles = {self.program.array(name).role for name in used if self.program.array(name).indices}
        if "target" in roles or "value" in roles:
            return "loss"
        return "penalty" if roles else "+"

    def _named(self, body: Expr) -> Formula:
        """The sign of an elementwise function: the page's sign for it, else its name, or f."""
        if body in self.functions:
            return self.functions[body]
        written = textbook(body)
        is_named = isinstance(written, Application) and not isinstance(written, AppliedUndef)
        return function_name(written) if is_named else Letter("f")


def graph_nodes(program: Program, functions: Mapping[Expr, Formula] | None = None) -> list[Node]:
    """The input and the operations up to the loss; layers between the first and the last few are omitted.

    Args:
        program: the equations of a network.
        functions: the page's sign for each activation function, by the function of its layer's pre-activation.
    """
    forward = program.needed_for([program.outputs["loss"]])
    inputs = [array.name for array in program.arrays if array.role == "input"]
    nodes = [Node(name) for name in inputs]
    reader = _Reader(forward, functions or {})
    layers = [equation.array.layer for equation in forward.equations]
    for at, equation in enumerate(forward.equations):
        starts = layers[at] is not None and at > 0 and layers[at] != layers[at - 1]
        nodes.append(reader.node(equation, nodes[-1].name, starts))
    return _abbreviated(nodes)


def _abbreviated(nodes: Sequence[Node]) -> list[Node]:
    """The nodes, with dots for layers between the first and the last few."""
    numbers = sorted({node.layer for node in nodes if node.layer is not None})
    if len(numbers) <= MAX_LAYERS:
        return list(nodes)
    hidden = set(numbers[FIRST_LAYERS:-LAST_LAYERS])
    kept: list[Node] = []
    for node in nodes:
        if node.layer not in hidden:
            kept.append(node)
        elif kept[-1].is_dots:
            kept[-1] = replace(kept[-1], name=node.name)
        else:
            kept.append(Node(node.name, follows=True, is_dots=True, layer=node.layer))
    return kept
