"""The code of each elementary function on Python floats, with `math` alone.

`{0}` and `{1}` stand for the arguments. A template that repeats an argument needs it to be a name,
and what would overflow in `math`, which raises where NumPy has inf, is a condition.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PythonFunction:
    """How a function is written, which names of `math` that takes, and whether arguments must be names."""

    code: str
    needs: tuple[str, ...] = ()
    repeats: bool = False


def _plain(name: str) -> PythonFunction:
    return PythonFunction(f"{name}({{0}})", (name,))


PYTHON_FUNCTIONS: dict[str, PythonFunction] = {
    **{name: _plain(name) for name in ("log", "log1p", "sin", "cos", "tan", "tanh", "atan", "erf", "sinh", "cosh")},
    "exp": PythonFunction("(exp({0}) if {0} < 709.78 else inf)", ("exp", "inf"), repeats=True),
    "expm1": PythonFunction("(expm1({0}) if {0} < 709.78 else inf)", ("expm1", "inf"), repeats=True),
    "abs": PythonFunction("abs({0})"),
    "sign": PythonFunction("(({0} > 0.0) - ({0} < 0.0))", repeats=True),
    "maximum": PythonFunction("({0} if {0} > {1} else {1})", repeats=True),
    "minimum": PythonFunction("({0} if {0} < {1} else {1})", repeats=True),
    "step": PythonFunction("(1.0 if {0} > 0.0 else 0.0)"),
    "select": PythonFunction("({1} if {0} > 0.0 else {2})"),
    "relu": PythonFunction("({0} if {0} > 0.0 else 0.0)", repeats=True),
    "sigmoid": PythonFunction("(0.5 + 0.5 * tanh(0.5 * {0}))", ("tanh",)),
    "softplus": PythonFunction("(({0} if {0} > 0.0 else 0.0) + log1p(exp(-abs({0}))))", ("exp", "log1p"), repeats=True),
    "elu": PythonFunction("({0} if {0} > 0.0 else expm1({0}))", ("expm1",), repeats=True),
    "selu": PythonFunction(
        "(1.0507009873554805 * {0} if {0} > 0.0 else 1.7580993408473769 * expm1({0}))", ("expm1",), repeats=True
    ),
    "norm_cdf": PythonFunction("(0.5 * erfc(-0.7071067811865476 * {0}))", ("erfc",), repeats=True),
    "norm_pdf": PythonFunction("(0.3989422804014327 * exp(-0.5 * {0} * {0}))", ("exp",), repeats=True),
    "gelu_gate": PythonFunction(
        "(0.5 + 0.5 * tanh(0.7978845608028654 * {0} * (1.0 + 0.044715 * {0} * {0})))", ("tanh",), repeats=True
    ),
    "gelu_gate_slope": PythonFunction(
        "(1.5957691216057308 * (1.0 + 0.134145 * {0} * {0}) if abs({0}) < 22.0 else 0.0)", repeats=True
    ),
    "softsign": PythonFunction("({0} / (1.0 + abs({0})))", repeats=True),
    "gaussian": PythonFunction("exp(-{0} * {0})", ("exp",), repeats=True),
    "atan_slope": PythonFunction("(1.0 / (1.0 + {0} * {0}))", repeats=True),
    "huber": PythonFunction("(0.5 * {0} * {0} if abs({0}) <= {1} else {1} * (abs({0}) - 0.5 * {1}))", repeats=True),
}
