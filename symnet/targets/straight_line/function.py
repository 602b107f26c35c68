"""Modules of a user's function: its value, its gradient and its Hessian, in straight-line code."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar

from symnet.counts import function_graph
from symnet.scalar_form import Graph
from symnet.targets.face import Argument
from symnet.targets.python_text import WIDTH, broken, docstring_text, listed, literal_lines, shortened
from symnet.targets.source import FunctionSource
from symnet.targets.straight_line.graph_code import GraphCode
from symnet.targets.straight_line.language import Language
from symnet.targets.straight_line.network import StraightLine, shared
from symnet.version import VERSION


class FunctionCode(ABC):
    """The part of a function's module that depends on the target.

    Attributes:
        template: the template of the module.
        language_of: the class of the language.
        kind: the type annotation of arguments and values.
        about: the arguments in words, for the docstring of the module.
    """

    template: ClassVar[str]
    language_of: ClassVar[type[Language]]
    kind: ClassVar[str]
    about: ClassVar[str]

    def __init__(self, variables: Sequence[str]) -> None:
        self.variables = variables
        self.language = self.language_of()

    @abstractmethod
    def values(self, graph: Graph, roots: Sequence[int], texts: Sequence[str], *, alone: bool) -> list[str]:
        """Return the code of results.

        Args:
            graph: the graph.
            roots: the nodes of the results.
            texts: their printed code.
            alone: whether there is one result, which the function returns as it is.
        """


def function_module(source: FunctionSource, kind: type[FunctionCode]) -> str:
    """Return the source of a module of a user's function, its gradient, and its Hessian if the program has it."""
    code = kind(source.variables)
    graph, nodes = function_graph(source.program)
    gradient = [f"d/d{name}" for name in source.wrt]
    scalar = code.kind
    signature = ", ".join(f"{name}: {scalar}" for name in source.variables)
    arguments = tuple(Argument(name, "an argument of the function") for name in source.variables)

    def function(name: str, doc: str, result: str, returns: str, outputs: Sequence[str]) -> StraightLine:
        small, roots = shared(graph, [nodes[output] for output in outputs])
        printed = GraphCode(small, roots, code.language)
        values = code.values(small, roots, [printed.text(root) for root in roots], alone=name == "value")
        lines = _hessian(source.wrt, outputs, values) if name == "hessian" else _result(name, values)
        return StraightLine(name, doc, arguments, returns, f"{name}({signature}) -> {result}", [*printed.lines, *lines])

    vector = f"tuple[{scalar}, ...]"
    by = f"Its derivatives by {', '.join(source.wrt)}."
    both = "The function and its derivatives."
    functions = [
        function("value", "The function.", scalar, "its value", ["value"]),
        function("gradient", by, vector, "its derivatives", gradient),
        function("value_and_grad", both, f"tuple[{scalar}, {vector}]", "both", ["value", *gradient]),
    ]
    second = [output for output in nodes if output.count("d") > 2 and " " in output]
    if second:
        doc = "Its second derivatives, row by row."
        functions.append(function("hessian", doc, f"tuple[{vector}, ...]", "the rows", second))
    return source.templates.render(
        kind.template,
        title=shortened(docstring_text(source.text), 60),
        summary="a function with its derivatives",
        about=[f"Arguments are {code.about}. Written by symnet {VERSION}."],
        constants=literal_lines("FORMULA", json.dumps(source.text)),
        functions=functions,
        **code.language.needs(),
    )


def _result(name: str, values: Sequence[str]) -> list[str]:
    if name == "value":
        return [f"return {values[0]}"]
    return listed("return ", values, "") if name == "gradient" else listed(f"return {values[0]}, ", values[1:], "")


def _hessian(names: Sequence[str], outputs: Sequence[str], values: Sequence[str]) -> list[str]:
    """Return the lines of the full matrix, given its upper half."""
    known = dict(zip(outputs, values, strict=True))
    lines = ["return ("]
    for row in range(len(names)):
        entries = [known[f"d/d{names[min(row, column)]} d{names[max(row, column)]}"] for column in range(len(names))]
        line = f"({', '.join(entries)}{',' * (len(entries) == 1)}),"
        lines += [f"    {part}" for part in broken(line, WIDTH - 8)]
    return [*lines, ")"]
