"""The fast NumPy module of a network: its equations as calls that write into the buffers of a workspace."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import prod

from symnet.core import Program
from symnet.lower import (
    Schedule,
    Translation,
    Value,
    assign_buffers,
    block_rows,
    lower,
    schedule,
    verify_buffers,
    verify_schedule,
)
from symnet.targets.face import Documented, array_functions
from symnet.targets.header import header
from symnet.targets.numpy.buffer_views import ROWS, BufferViews, View
from symnet.targets.numpy.schedule_code import ScheduleCode
from symnet.targets.python_text import beside, listed
from symnet.targets.source import Source

WHAT = {
    "forward": "outputs",
    "loss": "loss",
    "gradient": "derivatives by every parameter",
    "value_and_grad": "loss and its derivatives by every parameter",
}


@dataclass(frozen=True)
class Function(Documented):
    """The parts of one public function, for the template.

    Attributes:
        what: what it computes, in words.
        tables: the arrays of its workspace as lines of source, by "rows", "fixed" and "sums".
        in_blocks: whether it splits the batch into blocks of rows.
        block: the lines of the function for one block.
        main: the lines of the public function between its checks and its result.
        result: the line with the return statement.
        sizes: the sizes of the arrays in numbers: per row for "rows", in total for "fixed" and "sums".
    """

    what: str
    tables: dict[str, list[str]]
    in_blocks: bool
    block: list[str]
    main: list[str]
    result: str
    sizes: dict[str, int]


def optimized_module(source: Source) -> str:
    """Return the source of a module that imports NumPy only (and SciPy's erf for exact gelu).

    Raises:
        LoweringError: an equation has no array form.
        VerificationError: a stage has returned an ill-formed result, which is a bug in it.
    """
    writer = _Writer(source)
    functions = [writer.function(name, wanted) for name, wanted in source.functions.items()]
    sizes = {key: max(function.sizes[key] for function in functions) for key in ("rows", "fixed", "sums")}
    return source.templates.render(
        "numpy/module.py.jinja",
        **writer.header,
        documented=writer.documented,
        functions=functions,
        sizes=sizes,
        block_rows=writer.block_rows(sizes["rows"]),
        whole=[function.name for function in functions if not function.in_blocks],
        pairs_rows=writer.pairs_rows,
        takes_targets=writer.takes_targets,
        lengths_of_ones=sorted(writer.lengths_of_ones | {source.network.sizes[-1]}),
        scipy_names=sorted(writer.scipy),
        windows=bool(writer.windows),
        window_constants=[f"{name} = {value}" for value, name in writer.windows.items()],
    )


class _Writer:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.program: Program = source.program
        self.header = header(source)
        self.documented = array_functions(self.header, self.program.outputs["prediction"], workspace=True)
        self.translation = Translation(self.program, lower(self.program, source.dtype), source.dtype, source.accuracy)
        self.parameters = [array.name for array in self.program.parameters]
        self.names: dict[Value, str] = {}
        for equation in self.program.equations:
            self.names.setdefault(self.translation.values[equation.name], equation.name)
        self.offsets = self.parameter_offsets()
        self.scipy: set[str] = set()
        self.lengths_of_ones: set[int] = set()
        self.takes_targets = False
        self.windows: dict[str, str] = {}
        self.pairs_rows = any(each.target.is_square for each in self.translation.instructions)

    def parameter_offsets(self) -> dict[str, int]:
        """Return the offset of each parameter in the flat vector, and its length as "end"."""
        offsets, end = {}, 0
        for name in self.parameters:
            offsets[name] = end
            end += self.translation.parameters[name].width
        return {**offsets, "end": end}

    def block_rows(self, numbers_per_row: int) -> int:
        """Return the number of rows of a block."""
        largest = max((value.width for value in self.translation.parameters.values()), default=0)
        return block_rows(self.offsets["end"], numbers_per_row, largest, self.source.dtype)

    def function(self, name: str, wanted: Sequence[str]) -> Function:
        """Return the parts of one public function that computes some outputs."""
        results = {public: self.translation.values[self.program.outputs[public]] for public in wanted}
        ordered = schedule(self.translation.instructions, results, self.parameters)
        planned = verify_schedule(ordered, self.translation.parameters)
        buffers = verify_buffers(planned, assign_buffers(planned))
        views = BufferViews(planned, buffers, self.names, self.program, self.offsets)
        code = ScheduleCode(views, self.program, self.source.network.loss.kind.targets, self.source.texts, self.windows)
        before, block, after = (code.lines(stage) for stage in ("before", "block", "after"))
        self.scipy |= code.scipy
        self.lengths_of_ones |= code.lengths_of_ones
        self.takes_targets |= code.takes_targets
        rows, end = self.with_extras(views.rows, sum(buffer.size for buffer in buffers.rows), code)
        result = self.result(planned, code)
        words = _words((*before, *block, *after, result))
        rows, fixed_views, sum_views = (
            [view for view in part if view.name in words] for part in (rows, views.fixed, views.sums)
        )
        fixed = [view.name for view in fixed_views]
        constants = self.constants(planned, code) + ([] if planned.in_blocks else fixed)
        arrays = ["x", "prediction" if name == "forward" else "y"]
        sums = [view.name for view in sum_views]
        run = f'work.run("{name}", _{name}_block, ({", ".join(arrays)}), constants)'
        named = _named(sums, run, after, result) or [run]
        after = [*listed("constants = ", constants, ""), *named, *after]
        before = [*_named(fixed, f'work.fixed("{name}")', (*before, *after)), *before]
        writes_gradients = bool(set(self.parameters) & set(planned.results))
        checked = "_apart(params, x, y, work)" if writes_gradients else "_checked_parameters(params)"
        head = ["N = len(x)"] if "N" in _words((*before, *after)) else []
        block = [
            *_named(arrays, "arrays", block),
            *_named(constants, "constants", block),
            *_named([view.name for view in rows], "buffers", block),
            *_named(sums, "sums", block),
            *block,
        ]
        return Function(
            **vars(self.documented[name]),
            what=WHAT[name],
            tables={"rows": _table(rows), "fixed": _table(fixed_views), "sums": _table(sum_views)},
            in_blocks=planned.in_blocks,
            block=block,
            main=[*_named(self.parameters, checked, (*before, *after)), *head, *before, *after],
            result=result,
            sizes={"rows": end, "fixed": sum(each.size for each in buffers.fixed), "sums": views.sums_size},
        )

    def with_extras(self, rows: Sequence[View], end: int, code: ScheduleCode) -> tuple[list[View], int]:
        """Append the constant arrays that the code needs to the arrays of rows; return the numbers per row too."""
        views = []
        if code.checks_totals:
            views.append(View("y_total", end, (ROWS,), "array", ("y_total",)))
            end += 1
        for number in dict.fromkeys(number for number, _ in code.levels.values()):
            alike = {name: shape for name, (level, shape) in code.levels.items() if level == number}
            views += [View(name, end, shape, number, (f"{number:g}",)) for name, shape in alike.items()]
            end += max(prod(length for length in shape if isinstance(length, int)) for shape in alike.values())
        return [*rows, *views], end

    def constants(self, planned: Schedule, code: ScheduleCode) -> list[str]:
        """Return the values that the blocks read but that do not depend on their rows, such as parameters."""
        made = {target for each in planned.block for target in each.targets}
        read = dict.fromkeys(value for each in planned.block for value in each.reads)
        return [code.value_text(value) for value in read if not value.batched and value not in made]

    def result(self, planned: Schedule, code: ScheduleCode) -> str:
        parts = [f"float({code.value_text(planned.results['loss'])})"] if "loss" in planned.results else []
        if set(self.parameters) & set(planned.results):
            parts.append("work.gradient()")
        return f"return {', '.join(parts) or 'prediction'}"


def _words(lines: Iterable[str]) -> set[str]:
    """Return the identifiers in lines of code, without those in comments."""
    return {word for line in lines for word in re.findall(r"\w+", line.split("# ")[0])}


def _named(names: Sequence[str], value: str, *code: str | Sequence[str]) -> list[str]:
    """Return the line `a, _, c = value`, with underscores for names that no code uses; none if all are unused."""
    lines = [line for part in code for line in ([part] if isinstance(part, str) else part)]
    words = _words(lines)
    used = [name if name in words else "_" for name in names]
    return listed("", used, f" = {value}") if set(used) - {"_"} else []


def _table(views: Iterable[View]) -> list[str]:
    """Return arrays as the lines of a dictionary, with comments that say what each holds."""
    entries = []
    for view in views:
        shape = ", ".join(f'"{size}"' if isinstance(size, str) else str(size) for size in view.shape)
        kind = f'"{view.kind}"' if isinstance(view.kind, str) else repr(view.kind)
        text = f'"{view.name}": ({view.start}, ({shape}{"," * (len(view.shape) == 1)}), {kind}),'
        entries.append((text, ", ".join(view.holds)))
    return beside(entries, indent=8)
