"""The plain NumPy module of a network: one readable line for each equation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from symnet.core import BATCH
from symnet.functions import helper_context, helpers_needed
from symnet.lower import Statement, lower
from symnet.targets.face import Documented, array_functions
from symnet.targets.header import header
from symnet.targets.numpy_plain.numpy_code import NumpyCode
from symnet.targets.python_text import beside, listed
from symnet.targets.source import Source


@dataclass(frozen=True)
class Function(Documented):
    """One public function: its docstring, its signature and the lines of its body."""

    signature: str
    unpacked: list[str]
    targets: str
    lines: list[str]
    needs_rows: bool


SIGNATURES = {
    "forward": "forward(params: Parameters, x: ArrayLike) -> Array",
    "loss": "loss(params: Parameters, x: ArrayLike, y: ArrayLike) -> float",
    "gradient": "gradient(params: Parameters, x: ArrayLike, y: ArrayLike) -> Parameters",
    "value_and_grad": "value_and_grad(params: Parameters, x: ArrayLike, y: ArrayLike) -> tuple[float, Parameters]",
}


@dataclass(frozen=True)
class Line:
    """One assignment, the equation that it computes, and whether it uses the number of rows."""

    target: str
    value: str
    equation: str
    needs_rows: bool

    @property
    def code(self) -> str:
        return f"{self.target} = {self.value}"

    def annotated(self) -> Line:
        """Return the assignment with a type annotation, since some of NumPy's functions are typed as Any."""
        return replace(self, target=f"{self.target}: Array")


def numpy_module(source: Source) -> str:
    """Return the source of a module that imports NumPy only (and SciPy's erfc for exact gelu).

    Raises:
        LoweringError: an equation has no array form.
    """
    writer = _Writer(source, NumpyCode())
    functions = [writer.function(name, wanted) for name, wanted in source.functions.items()]
    return source.templates.render(
        "numpy-plain/module.py.jinja",
        **writer.header,
        documented=writer.documented,
        functions=functions,
        **writer.trailer(),
    )


class _Writer:
    def __init__(self, source: Source, code: NumpyCode) -> None:
        self.source = source
        self.code = code
        self.program = source.program
        self.header = header(source)
        self.documented = array_functions(self.header, self.program.outputs["prediction"])
        self.parameters = [array.name for array in self.program.parameters]
        self.lines = {statement.name: self.line(statement) for statement in lower(self.program, source.dtype)}

    def function(self, name: str, wanted: Sequence[str]) -> Function:
        """Return the parts of a public function that computes some outputs of the program."""
        names = [self.program.outputs[public] for public in wanted]
        program = self.program.needed_for(names)
        used = {name for uses in program.dependencies.values() for name in uses}
        lines = [self.lines[equation.name] for equation in program.equations]
        if wanted == ["prediction"]:
            lines[-1] = lines[-1].annotated()
        unpacked = [parameter if parameter in used else "_" for parameter in self.parameters]
        checked = "_targets(y, len(x))"
        return Function(
            **vars(self.documented[name]),
            signature=SIGNATURES[name],
            unpacked=listed("", unpacked, " = _checked_parameters(params)"),
            targets="" if wanted == ["prediction"] else f"y = {checked}" if "y" in used else checked,
            lines=[*beside([(line.code, line.equation) for line in lines]), *self.result(wanted)],
            needs_rows=any(line.needs_rows for line in lines),
        )

    def line(self, statement: Statement) -> Line:
        self.code.sizes.clear()
        value = self.code.text(statement.value)
        return Line(statement.name, value, self.source.texts[statement.name], str(BATCH) in self.code.sizes)

    def result(self, wanted: Sequence[str]) -> list[str]:
        """Return the return statement: the prediction, the loss as a float, the gradients, or loss and gradients."""
        outputs = self.program.outputs
        if wanted[0] == "prediction":
            return [f"return {outputs['prediction']}"]
        value = f"float({outputs['loss']})"
        if wanted[-1] == "loss":
            return [f"return {value}"]
        before = f"return {value}, Parameters" if wanted[0] == "loss" else "return Parameters"
        return listed(before, [self.gradient(name) for name in self.parameters], "")

    def gradient(self, parameter: str) -> str:
        """Return the code of a gradient as an array that no other gradient shares."""
        name = self.program.outputs[parameter]
        array = name if self.program.array(parameter).indices else f"np.asarray({name}, DTYPE)"
        shared = sum(self.program.outputs[other] == name for other in self.parameters) > 1
        return f"{array}.copy()" if shared else array

    def trailer(self) -> dict[str, Any]:
        """Return the template's values that are known only after all functions have been printed."""
        return {
            "helpers": [helper_context(helper) for helper in helpers_needed(self.code.helpers, "numpy")],
            "scipy_names": sorted(self.code.scipy),
            "windows": self.code.windows,
        }
