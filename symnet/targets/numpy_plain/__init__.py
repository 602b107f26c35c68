"""Plain NumPy: one readable line for each equation."""

from operator import attrgetter

from symnet.simplify import optimize
from symnet.targets.numpy_plain.module import numpy_module
from symnet.targets.target import Target

TARGET = Target(
    name="numpy-plain",
    about="one line of NumPy for each equation",
    write=numpy_module,
    prepare=optimize,
    code=attrgetter("numpy"),
)
