"""Modules of straight-line code: a network in which every weight has a name of its own."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from symnet.core import BATCH, Entries, Program
from symnet.network import Network, architecture_text, shape_text
from symnet.scalar_form import Graph, GraphArithmetic, scalar_graph, share_products, verify_graph
from symnet.simplify import add_up_parts, hold_squares
from symnet.targets.face import Argument, Documented
from symnet.targets.header import ACCURACY_LINES
from symnet.targets.python_text import docstring_text, listed, literal_lines, shortened
from symnet.targets.source import Source
from symnet.targets.straight_line.graph_code import GraphCode
from symnet.targets.straight_line.language import Language
from symnet.version import VERSION


@dataclass(frozen=True)
class StraightLine(Documented):
    """One function of a module: its docstring, its signature and its lines."""

    signature: str
    lines: list[str]


def network_module(source: Source, kind: type[NetworkCode]) -> str:
    """Return the source of a network in scalar form: `forward`, `loss` and `value_and_grad`.

    Args:
        source: the network and its equations with gradients.
        kind: the target's `NetworkCode`, which says how data are passed, and its language.
    """
    network = source.network
    graph = Graph()
    program = hold_squares(add_up_parts(source.program))
    entries = scalar_graph(program, GraphArithmetic(graph, batched=kind.batched))
    code = kind(network, program, graph, entries)
    functions = [code.forward(), code.loss(), code.value_and_grad()]
    names = code.parameters
    return source.templates.render(
        kind.template,
        title=shortened(docstring_text(network.title), 60),
        summary="in scalar form, every weight a name of its own",
        about=[
            *code.about(),
            *([f"A row of x is {code.flat}."] if code.flat else []),
            f"Accuracy {ACCURACY_LINES[source.accuracy]}.",
            f"Written by symnet {VERSION}.",
        ],
        constants=[
            *literal_lines("ARCHITECTURE", json.dumps(architecture_text(network))),
            *listed("PARAMETERS = ", [json.dumps(name) for name in names], "", indent=0),
        ],
        functions=functions,
        outputs=network.sizes[-1],
        targets=code.targets,
        **code.needs(),
        **code.language.needs(),
    )


class NetworkCode(ABC):
    """The functions of a network's module; subclasses say how parameters and data are passed.

    Attributes:
        template: the template of the module.
        language_of: the class of the language.
        batched: whether a symbol of the data is a column over the rows of a batch, not a number of one row.
        row: the type annotation of outputs and of the gradient.
        given: the type annotation of inputs and targets.
        targets: the kind of targets that the loss declares.
        parameters: the names of all weights, in order.
    """

    template: ClassVar[str]
    language_of: ClassVar[type[Language]]
    batched: ClassVar[bool]
    row: ClassVar[str]
    given: ClassVar[str]

    def __init__(self, network: Network, program: Program, graph: Graph, entries: Mapping[str, Entries]) -> None:
        self.network = network
        self.program = program
        self.graph = graph
        self.entries = entries
        self.targets = network.loss.kind.targets
        self.parameters = [str(graph.detail[node]) for array in program.parameters for node in self.array(array.name)]
        self.language = self.language_of(self.floats())
        self.signature = f"params: Row, x: {self.given}"

    @abstractmethod
    def about(self) -> list[str]:
        """Return the lines about arguments in the docstring of the module."""

    @abstractmethod
    def arguments(self) -> dict[str, str]:
        """Return descriptions of params, x and y for the docstrings of functions."""

    @abstractmethod
    def floats(self) -> frozenset[str] | None:
        """Return the symbols that stand for Python floats; None if all do."""

    @abstractmethod
    def taken(self, used: set[str], *, data: Sequence[str], parameters: bool = True) -> list[str]:
        """Return the lines that check and unpack arguments.

        Args:
            used: the names that the code uses.
            data: which of "x" and "y" the function takes.
            parameters: whether the parameters are unpacked too.
        """

    @abstractmethod
    def outputs_taken(self, names: Sequence[str], used: set[str]) -> list[str]:
        """Return the lines of the loss that call `forward`, and unpack the outputs and the targets.

        Args:
            names: the names of the outputs.
            used: the names that the code uses.
        """

    @abstractmethod
    def listed(self, before: str, values: Sequence[str]) -> list[str]:
        """Return the lines that return the derivatives, after the code `before`."""

    @abstractmethod
    def outputs(self, code: GraphCode, nodes: Sequence[int]) -> list[str]:
        """Return the lines that return the outputs."""

    @abstractmethod
    def number(self, text: str) -> str:
        """Return the code of the loss as a float."""

    def needs(self) -> dict[str, Any]:
        """Return the template's values that only this target has."""
        return {}

    @property
    def flat(self) -> str:
        """What a row of inputs of several axes holds, for docstrings; nothing where they have one."""
        shape = self.network.shapes[0]
        return f"the {shape_text(shape)} inputs of a sample in C order" if len(shape) > 1 else ""

    @property
    def naming(self) -> str:
        """How the names of parameters are made, by an example."""
        weights = self.program.declared.get("W1")
        if weights is not None and len(weights.indices) == 2:
            return "W1_1_2 leads from unit 1 to unit 2 of layer 1."
        first = next(iter(self.program.parameters), None)
        return f"{self.parameters[0]} is the first entry of {first.name}." if first else "It has no parameters."

    def array(self, name: str) -> list[int]:
        return [int(node) for node in self.entries[name].ravel()]

    def nodes(self, public: str) -> list[int]:
        return self.array(self.program.outputs[public])

    def names(self, letter: str) -> list[str]:
        return [str(self.graph.detail[node]) for node in self.array(letter)]

    def function(self, name: str, result: str, doc: str, returns: str, lines: list[str]) -> StraightLine:
        """Return the parts of a function for the template."""
        names = ("params", "x") if name == "forward" else ("params", "x", "y")
        arguments = tuple(Argument(each, self.arguments()[each]) for each in names)
        signature = f"{name}({self.signature}{f', y: {self.given}' if 'y' in names else ''}) -> {result}"
        return StraightLine(name, doc, arguments, returns, signature, lines)

    def forward(self) -> StraightLine:
        body, code, outputs = self.body(self.nodes("prediction"), targets=False)
        lines = [*body, *self.outputs(code, outputs)]
        return self.function("forward", self.row, "The outputs of the network.", "the outputs", lines)

    def loss(self) -> StraightLine:
        """Return the function of the loss, which calls `forward` if it depends on x only by the outputs."""
        (loss,) = self.nodes("loss")
        outputs = {node: self.graph.names.get(node, f"output_{node}") for node in self.nodes("prediction")}
        graph, root = self.graph.cut(loss, outputs)
        verify_graph(graph, [root])
        code = GraphCode(graph, [root], self.language)
        used = symbols_of(code)
        if not used.isdisjoint(self.names("x")) or len(outputs) < len(self.nodes("prediction")):
            body, code, (root,) = self.body([loss], targets=True)
        else:
            body = [*self.outputs_taken(list(outputs.values()), used), *code.lines]
        lines = [*body, f"return {self.number(code.text(root))}"]
        return self.function("loss", "float", "The loss C.", "the loss C", lines)

    def value_and_grad(self) -> StraightLine:
        (loss,) = self.nodes("loss")
        gradients = [node for array in self.program.parameters for node in self.nodes(array.name)]
        body, code, (loss, *gradients) = self.body([loss, *gradients], targets=True)
        before = f"return {self.number(code.text(loss))}, "
        lines = [*body, *self.listed(before, [code.text(node) for node in gradients])]
        doc = "The loss C and its derivatives in the order of PARAMETERS."
        returns = "the loss C, and its derivatives in the order of PARAMETERS"
        return self.function("value_and_grad", f"tuple[float, {self.row}]", doc, returns, lines)

    def body(self, roots: Sequence[int], *, targets: bool) -> tuple[list[str], GraphCode, list[int]]:
        """Return the lines that unpack arguments and compute the roots, the printer, and the roots in its graph."""
        graph, wanted = shared(self.graph, roots)
        code = GraphCode(graph, wanted, self.language)
        used = symbols_of(code)
        lines = self.taken(used, data=("x", "y") if targets else ("x",))
        if self.batched and str(BATCH) in used:
            lines.append(f"{BATCH} = len(x)")
        return [*lines, *code.lines], code, wanted

    def positive_checked(self) -> list[str]:
        """Return the lines that check that the parameters of the loss are positive."""
        lines = []
        for name in sorted(self.positive):
            message = f'f"{name}: expected a positive number, got {{{name}}}"'
            lines += [f"if not {name} > 0:", f"    raise ValueError({message})"]
        return lines

    @property
    def positive(self) -> set[str]:
        """The parameters of the loss, which are positive."""
        return set(self.network.loss.learned)


MAX_SHARED = 2_000
"""The most nodes of a graph that is searched for common parts of products; for more, the search takes too long."""


def shared(graph: Graph, roots: Sequence[int]) -> tuple[Graph, list[int]]:
    """Share common parts of products in a graph of at most `MAX_SHARED` nodes."""
    return share_products(graph, roots) if len(graph.operation) <= MAX_SHARED else (graph, list(roots))


def symbols_of(code: GraphCode) -> set[str]:
    """Return the names of the symbols that some code uses."""
    return {str(code.graph.detail[node]) for node in code.nodes if code.graph.operation[node] == "symbol"}


def unpacked(names: Sequence[str], source: str, used: set[str], indent: int = 4) -> list[str]:
    """Return the assignment that unpacks a sequence, with underscores for names that are not used."""
    return listed("", [name if name in used else "_" for name in names], f" = {source}", indent)
