"""Straight-line Python: the formulas on floats, one row at a time, with `math` alone."""

from operator import attrgetter

from symnet.simplify import open_logarithms
from symnet.targets.python.module import FloatFunctionCode, RowCode
from symnet.targets.straight_line import function_module, network_module
from symnet.targets.target import Target

TARGET = Target(
    name="python",
    about="straight-line Python on floats, one row at a time, each weight a name of its own",
    write=lambda source: network_module(source, RowCode),
    prepare=open_logarithms,
    code=attrgetter("python"),
    dtypes=("float64",),
    without_gradients=False,
    by_rows=True,
    write_function=lambda source: function_module(source, FloatFunctionCode),
)
