"""The code of each elementary function on Python floats, with `math` alone.

`{0}` and `{1}` stand for the arguments. A template that repeats an argument needs it to be a name.
Python's operators and functions raise, or turn complex, where NumPy has inf or nan. So functions that
would overflow are conditions, and a division, a power or a function outside its domain is a call of a
helper that gives what NumPy gives. A condition is written so that what is not a number stays so.
"""

from __future__ import annotations

import sys

from symnet.emit.helpers import Helper, PythonFunction
from symnet.emit.safe_functions import SAFE_PYTHON_FUNCTIONS, SAFE_PYTHON_HELPERS
from symnet.emit.tail_functions import TAIL_PYTHON_FUNCTIONS, TAIL_PYTHON_HELPERS

_IEEE_HELPERS: dict[str, tuple[Helper, tuple[str, ...]]] = {
    helper.name: (helper, names)
    for helper, names in (
        (
            Helper(
                "_divide",
                "u, v",
                "u/v, infinite or not a number where v is 0",
                (
                    "if v:",
                    "    return u / v",
                    "return copysign(inf, u) * copysign(1.0, v) if u < 0.0 or u > 0.0 else nan",
                ),
            ),
            ("copysign", "inf", "nan"),
        ),
        (
            Helper(
                "_power",
                "z, exponent",
                "z**exponent, infinite where that is too large and not a number where it is not real",
                (
                    "try:",
                    "    return pow(z, exponent)",
                    "except OverflowError:",
                    "    return copysign(inf, z) if exponent % 2.0 == 1.0 else inf",
                    "except ValueError:",
                    "    return nan if z else copysign(inf, z) if exponent % 2.0 == 1.0 else inf",
                ),
            ),
            ("copysign", "inf", "nan", "pow"),
        ),
        (
            Helper("_sqrt", "z", "The square root, not a number below 0", ("return nan if z < 0.0 else sqrt(z)",)),
            ("nan", "sqrt"),
        ),
        (
            Helper(
                "_log",
                "z",
                "The logarithm, infinite at 0 and not a number below",
                ("if z > 0.0:", "    return log(z)", "return -inf if z == 0.0 else nan"),
            ),
            ("inf", "log", "nan"),
        ),
        (
            Helper(
                "_log1p",
                "z",
                "log(1 + z), infinite at -1 and not a number below",
                ("if z > -1.0:", "    return log1p(z)", "return -inf if z == -1.0 else nan"),
            ),
            ("inf", "log1p", "nan"),
        ),
        (
            Helper(
                "_sinh",
                "z",
                "The hyperbolic sine, infinite where that is too large",
                ("return copysign(inf, z) if abs(z) >= 710.475860073944 else sinh(z)",),
            ),
            ("copysign", "inf", "sinh"),
        ),
        *(
            (
                Helper(
                    f"_{name}",
                    "z",
                    f"{name}(z), not a number where z is infinite",
                    (f"return nan if isinf(z) else {name}(z)",),
                ),
                ("isinf", name, "nan"),
            )
            for name in ("sin", "cos", "tan")
        ),
    )
}
"""Operators and functions that `math` leaves undefined somewhere, with the names that they take from it."""

PYTHON_HELPERS: dict[str, Helper] = {
    **{name: helper for name, (helper, _) in _IEEE_HELPERS.items()},
    **SAFE_PYTHON_HELPERS,
    **TAIL_PYTHON_HELPERS,
}


def _plain(name: str) -> PythonFunction:
    return PythonFunction(f"{name}({{0}})", (name,))


def _helped(name: str, arguments: str = "{0}") -> PythonFunction:
    return PythonFunction(f"_{name}({arguments})", _IEEE_HELPERS[f"_{name}"][1], helper=f"_{name}")


PYTHON_OPERATORS: dict[str, PythonFunction] = {name: _helped(name, "{0}, {1}") for name in ("divide", "power")}
"""A division by what may be 0, and a power that may be too large or not real."""

PYTHON_WHERE_REAL: dict[str, tuple[float, PythonFunction]] = {
    "sqrt": (0.0, _plain("sqrt")),
    "log": (sys.float_info.min, _plain("log")),
    "log1p": (-0.5, _plain("log1p")),
}
"""The plain form of functions whose argument is known not to be below a number."""

PYTHON_FUNCTIONS: dict[str, PythonFunction] = {
    **{name: _plain(name) for name in ("tanh", "atan", "erf")},
    **{name: _helped(name) for name in ("sqrt", "log", "log1p", "sin", "cos", "tan", "sinh")},
    "cosh": PythonFunction("(inf if abs({0}) >= 710.475860073944 else cosh({0}))", ("cosh", "inf")),
    "exp": PythonFunction("(inf if {0} >= 709.7827128933841 else exp({0}))", ("exp", "inf")),
    "expm1": PythonFunction("(inf if {0} >= 709.7827128933841 else expm1({0}))", ("expm1", "inf")),
    "abs": PythonFunction("abs({0})"),
    "sign": PythonFunction("(1.0 if {0} > 0.0 else -1.0 if {0} < 0.0 else abs({0}))"),
    "maximum": PythonFunction("({0} if {0} > {1} or {0} != {0} else {1})"),
    "minimum": PythonFunction("({0} if {0} < {1} or {0} != {0} else {1})"),
    "positive": PythonFunction("(1.0 if {0} > 0.0 else 0.0)"),
    "step": PythonFunction("(1.0 if {0} >= 0.0 else 0.0 if {0} < 0.0 else {0})"),
    "bipolar_step": PythonFunction("(1.0 if {0} >= 0.0 else -1.0 if {0} < 0.0 else {0})"),
    "select": PythonFunction("({1} if {0} > 0.0 else {2})"),
    "relu": PythonFunction("(0.0 if {0} <= 0.0 else {0})"),
    "half_step": PythonFunction("(1.0 if {0} > 0.0 else 0.5 if {0} == 0.0 else 0.0)"),
    "blend": PythonFunction("({1} if {0} > 0.0 else 0.5 * {1} + 0.5 * {2} if {0} == 0.0 else {2})"),
    "sigmoid": PythonFunction("(1.0 / (1.0 + exp(-{0})) if {0} > -700.0 else exp({0}))", ("exp",)),
    "softplus": PythonFunction("(({0} if {0} > 0.0 else 0.0) + log1p(exp(-abs({0}))))", ("exp", "log1p")),
    "elu": PythonFunction("({0} if {0} > 0.0 else expm1({0}))", ("expm1",)),
    "selu": PythonFunction("(1.0507009873554805 * {0} if {0} > 0.0 else 1.7580993408473769 * expm1({0}))", ("expm1",)),
    "norm_cdf": PythonFunction("(0.5 * erfc(-0.7071067811865476 * {0}))", ("erfc",)),
    "norm_pdf": PythonFunction("(0.3989422804014327 * exp(-0.5 * {0} * {0}))", ("exp",)),
    "gelu_gate": PythonFunction(
        "(0.0 if {0} <= -21.0 else 1.0 / (1.0 + exp(-1.5957691216057308 * {0} * (1.0 + 0.044715 * {0} * {0}))))",
        ("exp",),
    ),
    "gelu_gate_slope": PythonFunction(
        "(0.0 if abs({0}) >= 22.0 else 1.5957691216057308 * (1.0 + 0.134145 * {0} * {0}))"
    ),
    "softsign": PythonFunction("({0} / (1.0 + abs({0})))"),
    "gaussian": PythonFunction("exp(-{0} * {0})", ("exp",)),
    "atan_slope": PythonFunction("(1.0 / (1.0 + {0} * {0}))"),
    "huber": PythonFunction("(0.5 * {0} * {0} if abs({0}) <= {1} else {1} * (abs({0}) - 0.5 * {1}))"),
    "scaled": _helped("divide", "{0}, {1}"),
    **SAFE_PYTHON_FUNCTIONS,
    **TAIL_PYTHON_FUNCTIONS,
}
