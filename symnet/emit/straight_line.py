"""Modules of straight-line code: a network with every weight a name of its own, or a user's function."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from symnet.architecture import Network
from symnet.choices import FUNCTION_TARGETS
from symnet.emit.graph_code import GraphCode, Language
from symnet.emit.module_header import ACCURACY_LINES, architecture_text
from symnet.emit.python_text import WIDTH, broken, docstring_text, listed, literal_lines, shortened
from symnet.equations import BATCH, Program
from symnet.equations.interpreter import Entries
from symnet.errors import OptionError
from symnet.functions import helper_context, helpers_needed
from symnet.names import unknown
from symnet.scalar_form import Graph, GraphArithmetic, scalar_graph
from symnet.simplify import add_up_parts, function_graph, hold_squares
from symnet.simplify.products import share_products
from symnet.templating import render
from symnet.version import VERSION


def _sum_to_one(names: Sequence[str]) -> str:
    signs = " and ".join(f"{name} >= 0.0" for name in names)
    return f"{signs} and abs({' + '.join(names)} - 1.0) <= {4 * len(names)} * 2.0**-52"


OUT_OF_RANGE: dict[str, Callable[[Sequence[str]], str]] = {
    "signs": lambda names: " or ".join(f"{name} not in (-1.0, 1.0)" for name in names),
    "unit interval": lambda names: " or ".join(f"not 0.0 <= {name} <= 1.0" for name in names),
    "probabilities": lambda names: f"not ({_sum_to_one(names)})",
}
"""When the targets of one row are refused, by the kind of targets that a loss declares; others may be any number."""


@dataclass(frozen=True)
class StraightLine:
    """One function of a module: its signature, what it says of itself, and its lines."""

    signature: str
    doc: str
    lines: list[str]


def language_named(name: str) -> Language:
    """The language of scalar code with this name.

    Raises:
        OptionError: there is none.
    """
    if name not in FUNCTION_TARGETS:
        raise OptionError(unknown("target", name, FUNCTION_TARGETS))
    return Language(name)


def scalar_module(network: Network, program: Program, target: str, accuracy: str = "fast") -> str:
    """The source of a network in scalar form, `forward`, `loss` and `value_and_grad` for floats or for columns.

    Args:
        network: the architecture.
        program: its equations with gradients.
        target: "python", one row of floats with `math` alone, or "numpy", columns over a batch.
        accuracy: which the program was derived for.

    Raises:
        OptionError: the target is unknown.
    """
    language = language_named(target)
    graph = Graph()
    program = hold_squares(add_up_parts(program))
    entries = scalar_graph(program, GraphArithmetic(graph, batched=target == "numpy"))
    code = _ScalarNetwork(network, program, graph, entries, language)
    functions = [code.forward(), code.loss(), code.value_and_grad()]
    written = architecture_text(network)
    names = code.parameters
    return render(
        "straight_line.py.jinja",
        title=shortened(docstring_text(network.title), 60),
        summary="in scalar form, every weight a name of its own",
        about=[*_about(target, len(names)), f"Accuracy {ACCURACY_LINES[accuracy]}.", f"Written by symnet {VERSION}."],
        constants=[
            *literal_lines("ARCHITECTURE", json.dumps(written)),
            *listed("PARAMETERS = ", [json.dumps(name) for name in names], "", indent=0),
        ],
        functions=functions,
        lengths=code.lengths,
        outputs=network.layers[-1].units,
        targets=code.kind,
        wrong_targets=code.kind if target == "python" and code.kind in OUT_OF_RANGE else "",
        **_needs(code.target, network=True),
    )


def function_module(
    text: str, program: Program, variables: Sequence[str], with_respect_to: Sequence[str], target: str
) -> str:
    """The source of a user's function with its gradient, and its Hessian if the program has it.

    Args:
        text: the formula, for the header.
        program: its simplified derivative program.
        variables: the arguments of the functions.
        with_respect_to: the variables of the gradient, in order.
        target: "python" for floats, or "numpy" for arrays, elementwise.

    Raises:
        OptionError: the target is unknown.
    """
    code = language_named(target)
    graph, nodes = function_graph(program)
    gradient = [f"d/d{name}" for name in with_respect_to]
    scalar = "float" if target == "python" else "Array"
    arguments = ", ".join(f"{name}: {scalar}" for name in variables)
    results = {
        "value": scalar,
        "gradient": f"tuple[{scalar}, ...]",
        "value_and_grad": f"tuple[{scalar}, tuple[{scalar}, ...]]",
        "hessian": f"tuple[tuple[{scalar}, ...], ...]",
    }

    def function(name: str, doc: str, outputs: Sequence[str]) -> StraightLine:
        small, roots = shared(graph, [nodes[output] for output in outputs])
        printed = GraphCode(small, roots, code)
        values = [printed.text(root) for root in roots]
        if target == "numpy":
            values = [_as_array(small, root, text, variables) for root, text in zip(roots, values, strict=True)]
            # SciPy's functions have no types; what they return is an array all the same.
            values = [f"np.asarray({text})" if code.scipy and name == "value" else text for text in values]
        result = _hessian(with_respect_to, outputs, values) if name == "hessian" else _result(name, values)
        return StraightLine(f"{name}({arguments}) -> {results[name]}", doc, [*printed.lines, *result])

    functions = [
        function("value", "The function.", ["value"]),
        function("gradient", f"Its derivatives by {', '.join(with_respect_to)}.", gradient),
        function("value_and_grad", "The function and its derivatives.", ["value", *gradient]),
    ]
    second = [output for output in nodes if output.count("d") > 2 and " " in output]
    if second:
        functions.append(function("hessian", "Its second derivatives, row by row.", second))
    return render(
        "straight_line.py.jinja",
        title=shortened(docstring_text(text), 60),
        summary="a function with its derivatives",
        about=[f"Arguments are {'floats' if target == 'python' else 'arrays or floats'}. Written by symnet {VERSION}."],
        constants=literal_lines("FORMULA", json.dumps(text)),
        functions=functions,
        lengths={},
        wrong_targets="",
        **_needs(code, network=False),
    )


def _as_array(graph: Graph, root: int, text: str, variables: Sequence[str]) -> str:
    """A result that is an array of its own: a constant in the arguments' shape, an argument as a copy."""
    if graph.operation[root] == "symbol":
        return f"np.array({text})"
    if graph.operation[root] != "number":
        return text
    shapes = ", ".join(f"np.shape({name})" for name in variables)
    return f"np.full(np.broadcast_shapes({shapes}), {text})"


def _result(name: str, values: Sequence[str]) -> list[str]:
    if name == "value":
        return [f"return {values[0]}"]
    return listed("return ", values, "") if name == "gradient" else listed(f"return {values[0]}, ", values[1:], "")


def _hessian(names: Sequence[str], outputs: Sequence[str], values: Sequence[str]) -> list[str]:
    """The full matrix from its upper half."""
    known = dict(zip(outputs, values, strict=True))
    lines = ["return ("]
    for row in range(len(names)):
        entries = [known[f"d/d{names[min(row, column)]} d{names[max(row, column)]}"] for column in range(len(names))]
        line = f"({', '.join(entries)}{',' * (len(entries) == 1)}),"
        lines += [f"    {part}" for part in broken(line, WIDTH - 8)]
    return [*lines, ")"]


def _about(target: str, parameters: int) -> list[str]:
    if target == "python":
        return [
            f"One row of the batch: params is a sequence of {parameters} floats in the order of PARAMETERS,",
            "x and y are sequences of floats. W1_1_2 leads from unit 1 to unit 2 of layer 1.",
        ]
    return [
        f"A batch: params is a sequence of {parameters} floats in the order of PARAMETERS, x and y have a row",
        "for each sample. W1_1_2 leads from unit 1 to unit 2 of layer 1.",
    ]


def _needs(target: Language, *, network: bool) -> dict[str, object]:
    """What a module imports and defines besides its functions."""
    arrays = target.name == "numpy"
    row = "Array | list[float]" if arrays else "tuple[float, ...] | list[float]"
    kind = "Array" if arrays else "float"
    return {
        "math_names": sorted(target.imports),
        "arrays": arrays,
        "columns": arrays and network,
        "row": row if network else "",
        "scipy_names": sorted(target.scipy),
        "helpers": [helper_context(helper, kind) for helper in helpers_needed(target.helpers, target.name)],
    }


class _ScalarNetwork:
    def __init__(
        self, network: Network, program: Program, graph: Graph, entries: dict[str, Entries], target: Language
    ) -> None:
        self.network = network
        self.program = program
        self.graph = graph
        self.entries = entries
        self.target = target
        self.kind = network.loss.kind.targets
        self.parameters = [str(graph.detail[node]) for array in program.parameters for node in self.array(array.name)]

        target.floats = frozenset({*self.parameters, str(BATCH)}) if target.name == "numpy" else None
        self.row = "tuple[float, ...]" if target.name == "python" else "Array"
        self.given = "Row" if target.name == "python" else "ArrayLike"
        self.arguments = f"params: Row, x: {self.given}"

    def array(self, name: str) -> list[int]:
        return [int(node) for node in self.entries[name].ravel()]

    def nodes(self, public: str) -> list[int]:
        return self.array(self.program.outputs[public])

    def forward(self) -> StraightLine:
        outputs = self.nodes("prediction")
        body, code, outputs = self.body(outputs, targets=False)
        values = [self.column(code, node) for node in outputs]
        result = (
            listed("return ", values, "")
            if self.target.name == "python"
            else listed("return np.column_stack(", values, ")")
        )
        return StraightLine(f"forward({self.arguments}) -> {self.row}", "The outputs of the network.", [*body, *result])

    def loss(self) -> StraightLine:
        """The loss, from the outputs of `forward` where these are all that it needs to know of x."""
        (loss,) = self.nodes("loss")
        outputs = {node: self.graph.names.get(node, f"output_{node}") for node in self.nodes("prediction")}
        graph, root = self.graph.cut(loss, outputs)
        code = GraphCode(graph, [root], self.target)
        used = symbols_of(code)
        if any(name.startswith("x_") for name in used) or len(outputs) < len(self.nodes("prediction")):
            body, code, (root,) = self.body([loss], targets=True)
        else:
            transposed = "" if self.target.name == "python" else ".T"
            floats = self.target.name == "python"
            body = self.taken(used, parameters=bool(used & set(self.parameters)), data=("y",) if floats else ())
            body += unpacked(list(outputs.values()), f"forward(params, x){transposed}", used)
            # The rows of y are held to those of x, which `forward` has looked at.
            body += [] if floats else self.columns("y", used)
            body += [f"{BATCH} = len(y)"] if str(BATCH) in used else []
            body += code.lines
        return StraightLine(
            f"loss({self.arguments}, y: {self.given}) -> float",
            "The loss C.",
            [*body, f"return {self.number(code.text(root))}"],
        )

    def value_and_grad(self) -> StraightLine:
        (loss,) = self.nodes("loss")
        gradients = [node for array in self.program.parameters for node in self.nodes(array.name)]
        body, code, (loss, *gradients) = self.body([loss, *gradients], targets=True)
        values = [code.text(node) for node in gradients]
        before = f"return {self.number(code.text(loss))}, "
        floats = self.target.name == "python"
        result = listed(before, values, "") if floats else listed(f"{before}np.array(", values, ")")
        doc = "The loss C and its derivatives in the order of PARAMETERS."
        return StraightLine(
            f"value_and_grad({self.arguments}, y: {self.given}) -> tuple[float, {self.row}]", doc, [*body, *result]
        )

    def column(self, code: GraphCode, node: int) -> str:
        """An output as a column; one that does not depend on x has its value in every row."""
        below = code.graph.reachable([node])
        varies = any(str(code.graph.detail[part]).startswith("x_") for part in below if not code.graph.operands[part])
        return code.text(node) if varies or self.target.name == "python" else f"np.full(len(x), {code.text(node)})"

    def number(self, text: str) -> str:
        return text if self.target.name == "python" else f"float({text})"

    def body(self, roots: Sequence[int], *, targets: bool) -> tuple[list[str], GraphCode, list[int]]:
        """The lines that take the arguments apart and compute the roots, and the roots' nodes in the code's graph."""
        graph, wanted = shared(self.graph, roots)
        code = GraphCode(graph, wanted, self.target)
        used = symbols_of(code)
        lines = self.taken(used, data=("x", "y") if targets else ("x",))
        if self.target.name == "numpy" and str(BATCH) in used:
            lines.append(f"{BATCH} = len(x)")
        return [*lines, *code.lines], code, wanted

    def taken(self, used: set[str], *, data: Sequence[str], parameters: bool = True) -> list[str]:
        """The lines that take parameters and data apart, and refuse by name what does not fit."""
        given = ["params"] * parameters
        if self.target.name == "python":
            lines = self.floats(used, [*given, *data])
        else:
            vector = f'_array("params", params, {len(self.parameters)}).tolist()'
            lines = unpacked(self.parameters, vector, used | self.positive) if parameters else []
            lines += [line for letter in data for line in self.columns(letter, used)]
        if parameters:
            for name in sorted(self.positive):
                message = f'f"{name}: expected a positive number, got {{{name}}}"'
                lines += [f"if not {name} > 0:", f"    raise ValueError({message})"]
        return lines

    def floats(self, used: set[str], given: Sequence[str]) -> list[str]:
        """The lines that take one row apart: sequences of another length, and targets out of range, are refused."""
        if not given:
            return []
        # What holds Python's numbers costs no more than a look at its class.
        lines = [f"if {' or '.join(f'{name}.__class__ not in _PLAIN' for name in given)}:"]
        arguments = ", ".join(f"{name}={name}" for name in given)
        lines += [f"    {', '.join(given)}{',' * (len(given) == 1)} = _plain({arguments})", "try:"]
        wrong = OUT_OF_RANGE.get(self.kind) if "y" in given else None
        used = used | self.positive | set(self.names("y") if wrong else ())
        # A sum shows whether data hold anything but numbers; that of the parameters would take a third of the time.
        data = [name for name in given if name != "params"]
        odd = " or ".join(f"sum({name}, 0.0).__class__ is not float" for name in data)
        lines += [f"    if ({odd}) and _has_mask({', '.join(data)}):", "        raise TypeError"]
        for name in given:
            parts = self.parameters if name == "params" else self.names(name)
            lines += [f"    {line}" for line in unpacked(parts, name, used, indent=8)]
        lines += ["except (TypeError, ValueError):", f"    raise _misfit({arguments}) from None"]
        if wrong:
            condition = broken(wrong(self.names("y")), WIDTH - 12)
            lines += (
                [f"if {condition[0]}:"] if len(condition) == 1 else ["if (", *(f"    {c}" for c in condition), "):"]
            )
            lines.append("    raise _wrong_targets(y)")
        return lines

    def columns(self, letter: str, used: set[str]) -> list[str]:
        """The lines that take the columns of the inputs or targets of a batch."""
        checks = {"x": f'_array("x", x, None, {len(self.names("x"))})', "y": "_targets(y, np.shape(x)[0])"}
        return [f"{letter} = {checks[letter]}", *unpacked(self.names(letter), f"{letter}.T", used)]

    @property
    def positive(self) -> set[str]:
        """The parameters of the loss, which are positive."""
        return set(self.network.loss.learned)

    @property
    def lengths(self) -> dict[str, int]:
        """How many numbers there are in what is taken apart as it is; that of a batch is held to its shape instead."""
        if self.target.name != "python":
            return {}
        return {"params": len(self.parameters), **{letter: len(self.array(letter)) for letter in ("x", "y")}}

    def names(self, letter: str) -> list[str]:
        return [str(self.graph.detail[node]) for node in self.array(letter)]


MAX_SHARED = 2_000
"""Beyond so many nodes the search for common parts of products costs more than it saves."""


def shared(graph: Graph, roots: Sequence[int]) -> tuple[Graph, list[int]]:
    """The graph with common parts of products computed once, where it is small enough to look for them."""
    return share_products(graph, roots) if len(graph.operation) <= MAX_SHARED else (graph, list(roots))


def symbols_of(code: GraphCode) -> set[str]:
    """The names of the symbols that some code uses."""
    return {str(code.graph.detail[node]) for node in code.nodes if code.graph.operation[node] == "symbol"}


def unpacked(names: Sequence[str], source: str, used: set[str], indent: int = 4) -> list[str]:
    """The line that takes a sequence apart, with an underscore for what is not used."""
    return listed("", [name if name in used else "_" for name in names], f" = {source}", indent)
