"""Straight-line NumPy: every weight has a name of its own, and each line computes all rows of a batch."""

from operator import attrgetter

from symnet.simplify import open_logarithms
from symnet.targets.numpy_scalar.language import NumpyLanguage
from symnet.targets.numpy_scalar.module import ColumnCode
from symnet.targets.straight_line import network_module
from symnet.targets.target import Target

__all__ = ["TARGET", "NumpyLanguage"]

TARGET = Target(
    name="numpy-scalar",
    about="straight-line NumPy over the rows of a batch, each weight a name of its own",
    write=lambda source: network_module(source, ColumnCode),
    prepare=open_logarithms,
    code=attrgetter("numpy"),
    dtypes=("float64",),
    without_gradients=False,
)
