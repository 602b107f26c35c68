"""The NumPy module of a network: what the template needs to know, worked out here."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from symnet.architecture import Network, to_string
from symnet.emit.numpy_code import NumpyCode
from symnet.emit.numpy_functions import helper_context, helpers_needed
from symnet.emit.python_text import WIDTH, beside, docstring_text, listed, literal_lines, shortened
from symnet.equations import BATCH, Array, Program, equation_text
from symnet.errors import ArchitectureError
from symnet.layers import ActivatedLayer, Initial, Layer
from symnet.lower import lower
from symnet.lower.arrays import Statement
from symnet.names import unknown
from symnet.simplify import KINDS, count_program
from symnet.templating import render
from symnet.version import VERSION

DTYPES = ("float64", "float32")

_TARGET_SHAPES = {
    "real": "(N, {outputs})",
    "unit interval": "(N, {outputs}) with numbers from 0 to 1",
    "probabilities": "(N, {outputs}) with rows of probabilities, or integer labels of shape (N,)",
}


@dataclass(frozen=True)
class Source:
    """What a module is made from.

    Attributes:
        network: the architecture.
        program: its simplified program; it has gradients among its outputs unless `forward_only`.
        initial: how each parameter starts.
        dtype: "float64" or "float32".
        forward_only: whether to leave the gradients out.
    """

    network: Network
    program: Program
    initial: dict[str, Initial]
    dtype: str = "float64"
    forward_only: bool = False


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
        ArchitectureError: the dtype is unknown.
        LoweringError: an equation has no array form.
    """
    if source.dtype not in DTYPES:
        raise ArchitectureError(unknown("dtype", source.dtype, DTYPES))
    code = NumpyCode()
    writer = _Writer(source, code)
    functions = {
        "forward": writer.function(["prediction"]),
        "loss": writer.function(["loss"]),
        "gradient": None if source.forward_only else writer.function(writer.parameters),
        "value_and_grad": None if source.forward_only else writer.function(["loss", *writer.parameters]),
    }
    return render("numpy_module.py.jinja", **writer.header(), **functions, **writer.trailer())


class _Writer:
    def __init__(self, source: Source, code: NumpyCode) -> None:
        self.source = source
        self.code = code
        self.program = source.program
        self.parameters = [array.name for array in self.program.parameters]
        self.lines = {statement.name: self.line(statement) for statement in lower(self.program)}

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
        return Line(statement.name, value, equation_text(statement.equation), str(BATCH) in self.code.sizes)

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

    def header(self) -> dict[str, Any]:
        network = self.source.network
        written = architecture_text(network)
        count = sum(_count(self.program, array) for array in self.program.parameters)
        shapes = [f"{array.name} {_shape(self.program, array)}" for array in self.program.parameters]
        literal = json.dumps(written)
        return {
            "title": shortened(docstring_text(network.title), 60),
            "summary": shortened(docstring_text(network.loss.name), 24) + f", {network.reduction} over the rows",
            "version": VERSION,
            "architecture_lines": _wrapped([docstring_text(written)]),
            "architecture_literal": literal_lines("ARCHITECTURE", literal),
            "layer_lines": _wrapped(docstring_text(line) for line in layer_lines(network)),
            "parameter_count": f"{count:,}",
            "parameter_count_plain": count,
            "parameter_lines": _wrapped(["   ".join(shapes)]),
            "equation_lines": _wrapped(line.equation for line in self.lines.values()),
            "operation_lines": self.operation_lines(),
            "gradients": not self.source.forward_only,
            "inputs": network.inputs,
            "outputs": network.layers[-1].units,
            "targets": network.loss.kind.targets,
            "target_shape": _TARGET_SHAPES[network.loss.kind.targets].format(outputs=network.layers[-1].units),
            "dtype": self.source.dtype,
            "positive": list(network.loss.learned),
            "parameters": [
                {
                    "name": array.name,
                    "shape": _shape(self.program, array),
                    "initial": _initial(self.source.initial[array.name], _shape(self.program, array)),
                }
                for array in self.program.parameters
            ],
        }

    def trailer(self) -> dict[str, Any]:
        """What is known only once every function has been printed."""
        return {
            "helpers": [helper_context(helper) for helper in helpers_needed(self.code.helpers)],
            "scipy_names": sorted(self.code.scipy),
        }

    def operation_lines(self) -> list[str]:
        wanted = {"forward": ["prediction"], "loss": ["loss"]}
        if not self.source.forward_only:
            wanted |= {"gradient": self.parameters, "value_and_grad": ["loss", *self.parameters]}
        rows = []
        for function, publics in wanted.items():
            counts = count_program(self.program.needed_for(self.program.outputs[public] for public in publics))
            kinds = ", ".join(f"{kind} {counts[kind]:,}" for kind in KINDS if counts[kind])
            rows.append((function, f"{sum(counts.values()):,}", kinds))
        width = max(len(total) for _, total, _ in rows)
        return [f"{function:<14}  {total:>{width}}: {kinds}".rstrip(": ") for function, total, kinds in rows]


def architecture_text(network: Network) -> str:
    """The string form of the network, or where text cannot name a layer, the Python form."""
    try:
        return to_string(network)
    except ArchitectureError:
        return repr(network)


def layer_lines(network: Network) -> list[str]:
    """One line for each layer: its number, kind, sizes and activation."""
    sizes = network.sizes
    rows = [
        (str(number), layer.kind, f"{sizes[number - 1]} -> {layer.units}", _function(layer))
        for number, layer in enumerate(network.layers, start=1)
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    return [
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3]]).rstrip()
        for row in rows
    ]


def _function(layer: Layer) -> str:
    if not isinstance(layer, ActivatedLayer):
        return ""
    function = layer.function
    return f"{function.name}: {function.formula}" if function.name != function.formula else function.name


def _count(program: Program, array: Array) -> int:
    total = 1
    for size in program.shape(array):
        total *= int(size)
    return total


def _shape(program: Program, array: Array) -> str:
    sizes = tuple(int(size) for size in program.shape(array))
    return repr(sizes)


def _initial(initial: Initial, shape: str) -> str:
    if isinstance(initial, Fraction):
        draw = f"rng.standard_normal({shape}, dtype=DTYPE)"
        return draw if initial == 1 else f"({initial.numerator} / {initial.denominator}) ** 0.5 * {draw}"
    return f"np.{initial}({shape}, dtype=DTYPE)"


def _wrapped(lines: Iterable[str]) -> list[str]:
    return [
        part
        for line in lines
        for part in textwrap.wrap(line, WIDTH - 8, subsequent_indent="    ", break_on_hyphens=False)
    ]
