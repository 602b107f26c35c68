"""The values of the elementary functions, in floats and in mpmath.

`FUNCTIONS` is the one table of scalar functions: what the parser may call, what the oracle
evaluates and what the emitter has code for.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal

import mpmath
import sympy
from sympy import Abs, Add, Expr, Mul, NumberSymbol, Pow, Rational, Symbol, exp, pi, sqrt

from symnet.equations.decimals import Written
from symnet.equations.function_kinds import Composite
from symnet.equations.functions import (
    GELU_CUBIC,
    SELU_ALPHA,
    SELU_SCALE,
    atan,
    atan_slope,
    elu,
    erf,
    expm1,
    gaussian,
    gelu_gate,
    gelu_gate_slope,
    huber,
    log1p,
    logarithm,
    norm_cdf,
    norm_pdf,
    power,
    relu,
    selu,
    sigmoid,
    softplus,
    softsign,
)
from symnet.equations.piecewise import bipolar_step, blend, half_step, maximum, minimum, positive, select, unit_step
from symnet.equations.safe_functions import (
    above,
    asinh,
    capped,
    decay,
    far,
    hypot,
    largest,
    log_cosh,
    near,
    over_hypot,
    scaled,
    squareplus,
    times_exp,
    xlogy,
)
from symnet.equations.tail_functions import (
    elu_slope,
    gaussian_slope,
    gelu,
    gelu_slope,
    gelu_tanh,
    gelu_tanh_slope,
    mish,
    mish_slope,
    selu_slope,
    sigmoid_slope,
    silu,
    silu_slope,
    tanh_slope,
)


@dataclass(frozen=True)
class ScalarFunction:
    """One elementary function: how it is built in SymPy, and its value in floats or in mpmath.

    `value` takes the namespace (`math` with overflow as inf, or `mpmath.mp`) and the arguments. `options` are
    numbers that a formula may give by name, with their defaults; `build` and `value` take them by name. `parity` is
    1 of an even function, f(-z) = f(z), and -1 of an odd one, f(-z) = -f(z). `of_positive` is what the function is of a
    positive argument z where that is simpler: a number, or "z".
    """

    name: str
    build: Callable[..., Expr]
    value: Callable[..., Any]
    arity: int = 1
    options: Mapping[str, Fraction] = field(default_factory=dict)
    parity: int = 0
    of_positive: int | Literal["z"] | None = None

    def symbols(self) -> tuple[Symbol, ...]:
        """Symbols to stand for the arguments."""
        return tuple(Symbol(f"argument{place}", real=True) for place in range(self.arity))

    def evaluate(self, *arguments: float, **options: Fraction) -> float:
        """The value in floats, for options that are not their defaults; raises ValueError outside the domain."""
        return float(self.value(FloatMath, *arguments, **options))


class FloatMath:
    """Python's `math` with an overflow as inf, as NumPy has it."""

    pi = math.pi
    erf, erfc, sin, cos, tan, tanh, atan, log1p, asinh, hypot = (
        math.erf,
        math.erfc,
        math.sin,
        math.cos,
        math.tan,
        math.tanh,
        math.atan,
        math.log1p,
        math.asinh,
        math.hypot,
    )
    sqrt = math.sqrt

    @staticmethod
    def exp(z: float) -> float:
        return math.exp(z) if z < 709.7827128933841 else math.inf

    @staticmethod
    def expm1(z: float) -> float:
        return math.expm1(z) if z < 709.7827128933841 else math.inf

    @staticmethod
    def log(z: float) -> float:
        return math.log(z) if z else -math.inf

    @staticmethod
    def sinh(z: float) -> float:
        return math.sinh(z) if abs(z) < 710.475860073944 else math.copysign(math.inf, z)

    @staticmethod
    def cosh(z: float) -> float:
        return math.cosh(z) if abs(z) < 710.475860073944 else math.inf


def _sigmoid(m: Any, z: Any) -> Any:
    tail = m.exp(-abs(z))
    return (1 if z >= 0 else tail) / (1 + tail)


def _softplus(m: Any, z: Any) -> Any:
    return max(z, 0) + m.log1p(m.exp(-abs(z)))


def _gelu_gate(m: Any, z: Any) -> Any:
    cubic = _number(m, GELU_CUBIC)
    return _sigmoid(m, 2 * m.sqrt(2 / m.pi) * (z + cubic * z * z * z))


def _gelu_gate_slope(m: Any, z: Any) -> Any:
    return 2 * m.sqrt(2 / m.pi) * (1 + 3 * _number(m, GELU_CUBIC) * z * z)


def _selu(m: Any, z: Any) -> Any:
    scale, alpha = _number(m, SELU_SCALE), _number(m, SELU_ALPHA)
    return scale * z if z > 0 else scale * alpha * m.expm1(z)


def _huber(m: Any, residual: Any, threshold: Any) -> Any:
    size = abs(residual)
    return residual * residual / 2 if size <= threshold else threshold * (size - threshold / 2)


def _norm_cdf(m: Any, z: Any) -> Any:
    return m.erfc(-z / m.sqrt(2)) / 2


def _norm_pdf(m: Any, z: Any) -> Any:
    return m.exp(-z * z / 2) / m.sqrt(2 * m.pi)


def _sigmoid_slope(m: Any, z: Any) -> Any:
    return _sigmoid(m, z) * _sigmoid(m, -z)


def _selu_slope(m: Any, z: Any) -> Any:
    scale = _number(m, SELU_SCALE)
    return scale if z > 0 else scale * _number(m, SELU_ALPHA) * m.exp(z)


def _gelu_tanh_slope(m: Any, z: Any) -> Any:
    return _gelu_gate(m, z) * (1 + z * _gelu_gate(m, -z) * _gelu_gate_slope(m, z))


def _mish_slope(m: Any, z: Any) -> Any:
    soft = _softplus(m, z)
    return m.tanh(soft) + z * _tanh_slope(m, soft) * _sigmoid(m, z)


def _tanh_slope(m: Any, z: Any) -> Any:
    return 4 * _sigmoid(m, 2 * z) * _sigmoid(m, -2 * z)


def _squareplus(m: Any, z: Any, c: Any) -> Any:
    total = m.hypot(z, c) / 2 + abs(z) / 2
    return total if z > 0 else c / 2 / total * (c / 2)


def _log_cosh(m: Any, z: Any) -> Any:
    size = abs(z)
    return m.log1p(2 * m.sinh(size / 2) ** 2) if size < 1 else size + m.log1p(m.exp(-2 * size)) - m.log(2)


def _blend(m: Any, condition: Any, positive: Any, other: Any) -> Any:
    return (positive + other) / 2 if condition == 0 else positive if condition > 0 else other


def _number(m: Any, value: Rational) -> Any:
    return m.mpf(value.p) / value.q if m is mpmath.mp else value.p / value.q


def _sign(z: Any) -> int:
    return int(z > 0) - int(z < 0)


FUNCTIONS: dict[str, ScalarFunction] = {
    function.name: function
    for function in (
        ScalarFunction("exp", exp, lambda m, z: m.exp(z)),
        ScalarFunction("expm1", expm1, lambda m, z: m.expm1(z)),
        ScalarFunction("log", sympy.log, lambda m, z: m.log(z)),
        ScalarFunction("log1p", log1p, lambda m, z: m.log1p(z)),
        ScalarFunction("sqrt", sqrt, lambda m, z: m.sqrt(z)),
        ScalarFunction("sin", sympy.sin, lambda m, z: m.sin(z), parity=-1),
        ScalarFunction("cos", sympy.cos, lambda m, z: m.cos(z), parity=1),
        ScalarFunction("tan", sympy.tan, lambda m, z: m.tan(z), parity=-1),
        ScalarFunction("sinh", sympy.sinh, lambda m, z: m.sinh(z), parity=-1),
        ScalarFunction("cosh", sympy.cosh, lambda m, z: m.cosh(z), parity=1),
        ScalarFunction("tanh", sympy.tanh, lambda m, z: m.tanh(z), parity=-1),
        ScalarFunction("atan", atan, lambda m, z: m.atan(z), parity=-1),
        ScalarFunction("erf", erf, lambda m, z: m.erf(z), parity=-1),
        ScalarFunction("abs", Abs, lambda m, z: abs(z), parity=1, of_positive="z"),
        ScalarFunction("sign", sympy.sign, lambda m, z: _sign(z), parity=-1, of_positive=1),
        ScalarFunction("maximum", maximum, lambda m, u, v: max(u, v), 2),
        ScalarFunction("minimum", minimum, lambda m, u, v: min(u, v), 2),
        ScalarFunction("asinh", asinh, lambda m, z: m.asinh(z), parity=-1),
        ScalarFunction("capped", capped, lambda m, z, c: min(z, c), 2),
        ScalarFunction("decay", decay, lambda m, z: m.exp(min(z, 0))),
        ScalarFunction("near", near, lambda m, z, r: z if abs(z) <= r else 0 * r, 2),
        ScalarFunction("far", far, lambda m, z, r: z if abs(z) > r else r + 1, 2),
        ScalarFunction("above", above, lambda m, z, c: z if z > c else c + 1, 2),
        ScalarFunction("largest", largest, lambda m, z, c: max(abs(z), abs(c)), 2),
        ScalarFunction("scaled", scaled, lambda m, z, s: z / s, 2),
        ScalarFunction("hypot", hypot, lambda m, z, c: m.hypot(z, c), 2),
        ScalarFunction("over_hypot", over_hypot, lambda m, z, c: z / m.hypot(z, c), 2),
        ScalarFunction("squareplus", squareplus, _squareplus, 2),
        ScalarFunction("log_cosh", log_cosh, _log_cosh, parity=1),
        ScalarFunction("xlogy", xlogy, lambda m, x, v: 0 * x if x == 0 else x * m.log(v), 2),
        ScalarFunction("times_exp", times_exp, lambda m, x, v: 0 * x if x == 0 else x * m.exp(v), 2),
        ScalarFunction("half_step", half_step, lambda m, z: (1 + _sign(z)) / 2),
        ScalarFunction("blend", blend, _blend, 3),
        ScalarFunction("power", power, lambda m, u, p: m.sqrt(u) if p == 0.5 else u**p, 2),
        ScalarFunction("positive", positive, lambda m, z: int(z > 0)),
        ScalarFunction("step", unit_step, lambda m, z: int(z >= 0)),
        ScalarFunction("bipolar_step", bipolar_step, lambda m, z: 1 if z >= 0 else -1),
        ScalarFunction("atan_slope", atan_slope, lambda m, z: 1 / (1 + z * z), parity=1),
        ScalarFunction("select", select, lambda m, c, u, v: u if c > 0 else v, 3),
        ScalarFunction("sigmoid", sigmoid, _sigmoid),
        ScalarFunction("softplus", softplus, _softplus),
        ScalarFunction("relu", relu, lambda m, z: max(z, 0)),
        ScalarFunction("elu", elu, lambda m, z: z if z > 0 else m.expm1(z)),
        ScalarFunction("selu", selu, _selu),
        ScalarFunction("norm_cdf", norm_cdf, _norm_cdf),
        ScalarFunction("norm_pdf", norm_pdf, _norm_pdf, parity=1),
        ScalarFunction("gelu_gate", gelu_gate, _gelu_gate),
        ScalarFunction("gelu_gate_slope", gelu_gate_slope, _gelu_gate_slope),
        ScalarFunction("softsign", softsign, lambda m, z: z / (1 + abs(z)), parity=-1),
        ScalarFunction("gaussian", gaussian, lambda m, z: m.exp(-z * z), parity=1),
        ScalarFunction("huber", huber, _huber, 2),
        ScalarFunction("sigmoid_slope", sigmoid_slope, _sigmoid_slope, parity=1),
        ScalarFunction("tanh_slope", tanh_slope, _tanh_slope, parity=1),
        ScalarFunction("elu_slope", elu_slope, lambda m, z: m.exp(min(z, 0))),
        ScalarFunction("selu_slope", selu_slope, _selu_slope),
        ScalarFunction("gaussian_slope", gaussian_slope, lambda m, z: -2 * z * m.exp(-z * z), parity=-1),
        ScalarFunction("silu", silu, lambda m, z: z * _sigmoid(m, z)),
        ScalarFunction("silu_slope", silu_slope, lambda m, z: _sigmoid(m, z) * (1 + z * _sigmoid(m, -z))),
        ScalarFunction("gelu", gelu, lambda m, z: z * _norm_cdf(m, z)),
        ScalarFunction("gelu_slope", gelu_slope, lambda m, z: _norm_cdf(m, z) + z * _norm_pdf(m, z)),
        ScalarFunction("gelu_tanh", gelu_tanh, lambda m, z: z * _gelu_gate(m, z)),
        ScalarFunction("gelu_tanh_slope", gelu_tanh_slope, _gelu_tanh_slope),
        ScalarFunction("mish", mish, lambda m, z: z * m.tanh(_softplus(m, z))),
        ScalarFunction("mish_slope", mish_slope, _mish_slope),
    )
}

BY_CLASS: dict[Any, ScalarFunction] = {
    **{function.build: function for function in FUNCTIONS.values() if isinstance(function.build, type)},
    logarithm: FUNCTIONS["log"],
}
"""The same table by SymPy class, for those who walk an expression (`sqrt` is a power there)."""


def has_definition_alone(node: Expr) -> bool:
    """Whether it is a function of which nothing is known but its definition."""
    return isinstance(node, Composite) and node.func not in BY_CLASS


def _raised(m: Any, base: Any, number: Any, exponent: Rational) -> Any:
    """A power; Python's own of floats would be complex below 0."""
    if exponent == Rational(1, 2):
        return m.sqrt(base)
    if m is FloatMath and base < 0 and not exponent.is_Integer:
        raise ValueError("a root of a negative number")
    return base**number


def value(m: Any, expression: Expr, variables: Mapping[Expr, Any]) -> Any:
    """The number that a scalar expression denotes, in the arithmetic of the namespace `m`.

    Raises:
        KeyError: a symbol that `variables` does not hold.
        ValueError, ArithmeticError: outside the domain of a function.
    """
    if expression in variables:
        return variables[expression]
    if has_definition_alone(expression):
        return value(m, expression.definition, variables)
    if isinstance(expression, Rational):
        return _number(m, expression)
    if isinstance(expression, Written):
        return _number(m, expression.exact)
    if isinstance(expression, NumberSymbol):
        return m.pi if expression is pi else m.exp(1)
    operands = [value(m, argument, variables) for argument in expression.args]
    if isinstance(expression, Add):
        return sum(operands)
    if isinstance(expression, Mul):
        return math.prod(operands)
    if isinstance(expression, Pow | power):
        return _raised(m, operands[0], operands[1], expression.exp)
    return BY_CLASS[expression.func].value(m, *operands)


def float_value(expression: Expr) -> float:
    """The float that an expression without symbols computes to; inf where it overflows.

    Raises:
        KeyError, ValueError, ArithmeticError: it has no real value.
    """
    return float(value(FloatMath, expression, {}))


def constant(expression: Expr) -> float:
    """The float nearest to an expression without symbols."""
    with mpmath.workdps(30):
        return float(value(mpmath.mp, expression, {}))
