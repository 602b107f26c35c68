"""The plain NumPy module of a network: each equation one line, as the notes would write it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from symnet.emit.module_header import Source, header
from symnet.emit.numpy_code import NumpyCode
from symnet.emit.python_text import beside, listed
from symnet.equations import BATCH
from symnet.functions import helper_context, helpers_needed
from symnet.lower import Statement, lower
from symnet.templating import render


@dataclass(frozen=True)
class FunctionBody:
    """The body of one public function, as lines of source."""

    unpacked: list[str]
    targets: str
    lines: list[str]
    output: str
    needs_rows: bool


@dataclass(frozen=True)
class Line:
    """One assignment, the equation it computes, and whether it needs the number of rows."""

    target: str
    value: str
    equation: str
    needs_rows: bool

    @property
    def code(self) -> str:
        return f"{self.target} = {self.value}"

    def annotated(self) -> Line:
        """The same with its type: NumPy's own annotations lose it in some functions."""
        return replace(self, target=f"{self.target}: Array")


def numpy_module(source: Source) -> str:
    """The source text of a module that imports NumPy only (and SciPy's erfc for exact gelu).

    Raises:
        LoweringError: an equation has no array form.
    """
    code = NumpyCode()
    writer = _Writer(source, code)
    functions = {
        "forward": writer.function(["prediction"]),
        "loss": writer.function(["loss"]),
        "gradient": None if source.forward_only else writer.function(writer.parameters),
        "value_and_grad": None if source.forward_only else writer.function(["loss", *writer.parameters]),
    }
    return render("numpy_module.py.jinja", **header(source), **functions, **writer.trailer())


class _Writer:
    def __init__(self, source: Source, code: NumpyCode) -> None:
        self.source = source
        self.code = code
        self.program = source.program
        self.parameters = [array.name for array in self.program.parameters]
        self.lines = {statement.name: self.line(statement) for statement in lower(self.program, source.dtype)}

    def function(self, wanted: Sequence[str]) -> FunctionBody:
        """The statements for some outputs of the program, and the expression to return."""
        names = [self.program.outputs[public] for public in wanted]
        program = self.program.needed_for(names)
        used = {name for uses in program.dependencies.values() for name in uses}
        lines = [self.lines[equation.name] for equation in program.equations]
        if wanted == ["prediction"]:
            lines[-1] = lines[-1].annotated()
        unpacked = [name if name in used else "_" for name in self.parameters]
        checked = "_targets(y, len(x))"
        return FunctionBody(
            unpacked=listed("", unpacked, " = _checked_parameters(params)"),
            targets="" if wanted == ["prediction"] else f"y = {checked}" if "y" in used else checked,
            lines=[*beside([(line.code, line.equation) for line in lines]), *self.result(wanted)],
            output=names[0],
            needs_rows=any(line.needs_rows for line in lines),
        )

    def line(self, statement: Statement) -> Line:
        self.code.sizes.clear()
        value = self.code.text(statement.value)
        return Line(statement.name, value, self.source.texts[statement.name], str(BATCH) in self.code.sizes)

    def result(self, wanted: Sequence[str]) -> list[str]:
        """What a function returns: the prediction, the loss as a float, the gradients, or loss and gradients."""
        outputs = self.program.outputs
        if wanted[0] == "prediction":
            return [f"return {outputs['prediction']}"]
        value = f"float({outputs['loss']})"
        if wanted[-1] == "loss":
            return [f"return {value}"]
        before = f"return {value}, Parameters" if wanted[0] == "loss" else "return Parameters"
        return listed(before, [self.gradient(name) for name in self.parameters], "")

    def gradient(self, parameter: str) -> str:
        """The array of a gradient: always an array, and never one that stands for two parameters."""
        name = self.program.outputs[parameter]
        array = name if self.program.array(parameter).indices else f"np.asarray({name}, DTYPE)"
        shared = sum(self.program.outputs[other] == name for other in self.parameters) > 1
        return f"{array}.copy()" if shared else array

    def trailer(self) -> dict[str, Any]:
        """What is known only once every function has been printed."""
        return {
            "helpers": [helper_context(helper) for helper in helpers_needed(self.code.helpers, "numpy")],
            "scipy_names": sorted(self.code.scipy),
        }
