"""The code of each elementary function on Python floats, with `math` alone.

`{0}` and `{1}` stand for the arguments. A template that repeats an argument needs it to be a name.
Functions that would overflow in `math`, which raises where NumPy has inf, are conditions; a division
by 0, the logarithm of 0 and an overflowing power raise, as they do in Python.
"""

from __future__ import annotations

from symnet.emit.helpers import PythonFunction
from symnet.emit.tail_functions import PYTHON_HELPERS, TAIL_PYTHON_FUNCTIONS

__all__ = ["PYTHON_FUNCTIONS", "PYTHON_HELPERS"]


def _plain(name: str) -> PythonFunction:
    return PythonFunction(f"{name}({{0}})", (name,))


PYTHON_FUNCTIONS: dict[str, PythonFunction] = {
    **{name: _plain(name) for name in ("log", "log1p", "sin", "cos", "tan", "tanh", "atan", "erf")},
    "sinh": PythonFunction(
        "(sinh({0}) if abs({0}) < 710.475860073944 else copysign(inf, {0}))", ("sinh", "copysign", "inf")
    ),
    "cosh": PythonFunction("(cosh({0}) if abs({0}) < 710.475860073944 else inf)", ("cosh", "inf")),
    "exp": PythonFunction("(exp({0}) if {0} < 709.7827128933841 else inf)", ("exp", "inf")),
    "expm1": PythonFunction("(expm1({0}) if {0} < 709.7827128933841 else inf)", ("expm1", "inf")),
    "abs": PythonFunction("abs({0})"),
    "sign": PythonFunction("(1.0 if {0} > 0.0 else -1.0 if {0} < 0.0 else 0.0)"),
    "maximum": PythonFunction("({0} if {0} > {1} else {1})"),
    "minimum": PythonFunction("({0} if {0} < {1} else {1})"),
    "positive": PythonFunction("(1.0 if {0} > 0.0 else 0.0)"),
    "step": PythonFunction("(1.0 if {0} >= 0.0 else 0.0)"),
    "bipolar_step": PythonFunction("(1.0 if {0} >= 0.0 else -1.0)"),
    "select": PythonFunction("({1} if {0} > 0.0 else {2})"),
    "relu": PythonFunction("({0} if {0} > 0.0 else 0.0)"),
    "sigmoid": PythonFunction("(1.0 / (1.0 + exp(-{0})) if {0} > -700.0 else exp({0}))", ("exp",)),
    "softplus": PythonFunction("(({0} if {0} > 0.0 else 0.0) + log1p(exp(-abs({0}))))", ("exp", "log1p")),
    "elu": PythonFunction("({0} if {0} > 0.0 else expm1({0}))", ("expm1",)),
    "selu": PythonFunction("(1.0507009873554805 * {0} if {0} > 0.0 else 1.7580993408473769 * expm1({0}))", ("expm1",)),
    "norm_cdf": PythonFunction("(0.5 * erfc(-0.7071067811865476 * {0}))", ("erfc",)),
    "norm_pdf": PythonFunction("(0.3989422804014327 * exp(-0.5 * {0} * {0}))", ("exp",)),
    "gelu_gate": PythonFunction(
        "(1.0 / (1.0 + exp(-1.5957691216057308 * {0} * (1.0 + 0.044715 * {0} * {0}))) if {0} > -21.0 else 0.0)",
        ("exp",),
    ),
    "gelu_gate_slope": PythonFunction(
        "(1.5957691216057308 * (1.0 + 0.134145 * {0} * {0}) if abs({0}) < 22.0 else 0.0)"
    ),
    "softsign": PythonFunction("({0} / (1.0 + abs({0})))"),
    "gaussian": PythonFunction("exp(-{0} * {0})", ("exp",)),
    "atan_slope": PythonFunction("(1.0 / (1.0 + {0} * {0}))"),
    "huber": PythonFunction("(0.5 * {0} * {0} if abs({0}) <= {1} else {1} * (abs({0}) - 0.5 * {1}))"),
    **TAIL_PYTHON_FUNCTIONS,
}
