"""The same equations with fewer operations: passes from Program to Program, in one order (`passes`)."""

from symnet.simplify.definitions import (
    write_out,
    write_out_before,
)
from symnet.simplify.passes import (
    optimize,
    simplify,
)
from symnet.simplify.reuse import (
    reuse_forward_values,
)
from symnet.simplify.stable import (
    add_up_parts,
    fuse_outputs,
    hold_squares,
    open_logarithms,
    use_stable_forms,
)
from symnet.simplify.tails import (
    choose_derivatives,
    restore_functions,
)
from symnet.simplify.tidy import (
    tidy,
)

__all__ = [
    "add_up_parts",
    "choose_derivatives",
    "fuse_outputs",
    "hold_squares",
    "open_logarithms",
    "optimize",
    "restore_functions",
    "reuse_forward_values",
    "simplify",
    "tidy",
    "use_stable_forms",
    "write_out",
    "write_out_before",
]
