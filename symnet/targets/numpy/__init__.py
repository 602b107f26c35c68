"""Fast NumPy: calls that write into the buffers of a workspace, one block of rows at a time."""

from operator import attrgetter

from symnet.simplify import optimize
from symnet.targets.numpy.function import ArrayFunctionCode
from symnet.targets.numpy.module import optimized_module
from symnet.targets.straight_line import function_module
from symnet.targets.target import Target

TARGET = Target(
    name="numpy",
    about="calls of NumPy that write into buffers, worked through in blocks of rows",
    write=optimized_module,
    prepare=optimize,
    code=attrgetter("array"),
    write_function=lambda source: function_module(source, ArrayFunctionCode),
)
