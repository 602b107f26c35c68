"""A target of one's own, in this folder alone: straight-line code on numbers of mpmath, to any number of digits."""

from pathlib import Path

from mpmath_target.language import FUNCTIONS
from mpmath_target.module import NumberCode
from symnet.simplify.stable import open_logarithms
from symnet.targets.straight_line.network import network_module
from symnet.targets.target import Target

TARGET = Target(
    name="mpmath",
    about="straight-line code on numbers of mpmath, one row at a time",
    write=lambda source: network_module(source, NumberCode),
    prepare=open_logarithms,
    code=lambda record: FUNCTIONS.get(record.name),
    dtypes=("float64",),
    without_gradients=False,
    by_rows=True,
    folder=Path(__file__).parent / "templates",
)
