"""The head of a NumPy module, before its functions: docstring, constants and parameters."""

from __future__ import annotations

import json
import textwrap
from collections import Counter
from collections.abc import Iterable
from fractions import Fraction
from itertools import accumulate
from typing import Any

from symnet.core import Array, Program
from symnet.counts import KINDS, count_equations
from symnet.network import Activated, BaseLayer, Initial, Network, architecture_text, shape_text
from symnet.targets.python_text import WIDTH, docstring_text, literal_lines, shortened
from symnet.targets.source import Source
from symnet.version import VERSION

_TARGET_SHAPES = {
    "real": "(N, {outputs})",
    "signs": "(N, {outputs}) with -1 or 1",
    "unit interval": "(N, {outputs}) with numbers from 0 to 1",
    "probabilities": "(N, {outputs}) with rows of probabilities, or integer labels of shape (N,)",
}


ACCURACY_LINES = {
    "fast": "fast: derivatives are right to the rounding of the largest of an array",
    "tails": "tails: every derivative is right to a few roundings of its own, until sums are taken",
}


def header(source: Source) -> dict[str, Any]:
    """Return the template's values that do not depend on the printed code."""
    network = source.network
    program = source.program
    written, outputs = architecture_text(network), network.sizes[-1]
    count = program.entries(*program.parameters)
    starts = accumulate(map(program.entries, program.parameters), initial=0)
    shapes = [f"{array.name} {_shape(program, array)}" for array in program.parameters]
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
        "equation_lines": _wrapped(source.texts.values()),
        "operation_lines": _operation_lines(source),
        "gradients": not source.forward_only,
        "inputs": network.inputs,
        "input_lengths": ", ".join(map(str, network.shapes[0])),
        "outputs": outputs,
        "targets": network.loss.kind.targets,
        "target_shape": _TARGET_SHAPES[network.loss.kind.targets].format(outputs=outputs),
        "dtype": source.dtype,
        "accuracy": source.accuracy,
        "accuracy_line": ACCURACY_LINES[source.accuracy],
        "positive": list(network.loss.learned),
        "parameters": [
            {
                "name": array.name,
                "shape": _shape(program, array),
                "start": start,
                "end": start + program.entries(array),
                "initial": _initial(source.initial[array.name], _shape(program, array)),
            }
            for array, start in zip(program.parameters, starts, strict=False)
        ],
    }


def _operation_lines(source: Source) -> list[str]:
    program = source.program
    of_each = count_equations(program)
    rows = []
    for function, publics in source.functions.items():
        needed = program.needed_for(program.outputs[public] for public in publics)
        counts = sum((of_each[equation.name] for equation in needed.equations), Counter())
        kinds = ", ".join(f"{kind} {counts[kind]:,}" for kind in KINDS if counts[kind])
        rows.append((function, f"{sum(counts.values()):,}", kinds))
    width = max(len(total) for _, total, _ in rows)
    return [f"{function:<14}  {total:>{width}}: {kinds}".rstrip(": ") for function, total, kinds in rows]


def layer_lines(network: Network) -> list[str]:
    """Return a line for each layer: its number, kind, shapes and activation."""
    shapes = [shape_text(shape) for shape in network.shapes]
    rows = [
        (str(number), layer.kind, f"{shapes[number - 1]} -> {shapes[number]}", _function(layer))
        for number, layer in enumerate(network.layers, start=1)
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    return [
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3]]).rstrip()
        for row in rows
    ]


def _function(layer: BaseLayer) -> str:
    if not isinstance(layer, Activated):
        return ""
    function = layer.function
    return f"{function.name}: {function.formula}" if function.name != function.formula else function.name


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
