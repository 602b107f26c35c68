"""The NumPy code of each elementary function, stable at any input.

A function is an expression template, or a call of a helper that the module then defines. Clamping
inside a helper changes no value: it keeps a square from overflowing where the exponential of it has
been 0 to the last subnormal for long.
"""

from __future__ import annotations

from symnet.emit.helpers import Helper, NumpyFunction
from symnet.emit.safe_functions import SAFE_HELPERS, SAFE_NUMPY_FUNCTIONS
from symnet.emit.tail_functions import TAIL_HELPERS, TAIL_NUMPY_FUNCTIONS

HELPERS: dict[str, Helper] = {
    helper.name: helper
    for helper in (
        Helper(
            "_sigmoid",
            "z",
            "1/(1 + exp(-z)), without overflow",
            (
                "tail = np.exp(-np.abs(z))",
                "value: Array = np.where(z < 0, tail, DTYPE(1)) / (1 + tail)",
                "return value",
            ),
        ),
        Helper(
            "_softmax",
            "z",
            "exp(z_k)/Sum(exp(z_m), m) for each row, without overflow",
            (
                "half = 0.5 * z  # the difference of two of these never overflows",
                "exponentials: Array = np.exp(half - half.max(axis=-1, keepdims=True)) ** 2",
                "exponentials /= exponentials.sum(axis=-1, keepdims=True)",
                "return exponentials",
            ),
        ),
        Helper(
            "_half_log_softmax",
            "z",
            "half of z_k - log(Sum(exp(z_m), m)) for each row, which a float can always hold",
            (
                "half = 0.5 * z",
                "shifted: Array = half - half.max(axis=-1, keepdims=True)",
                "largest = shifted == 0",
                "others = np.where(largest, 0, np.exp(shifted) ** 2).sum(axis=-1, keepdims=True)",
                "others += largest.sum(axis=-1, keepdims=True, dtype=DTYPE) - 1",
                "shifted -= 0.5 * np.log1p(others)",
                "return shifted",
            ),
        ),
        Helper(
            "_elu",
            "z",
            "z for z > 0, else exp(z) - 1",
            ("return np.maximum(z, np.expm1(np.minimum(z, 0)))",),
        ),
        Helper(
            "_selu",
            "z",
            "1.0507009873554805 z for z > 0, else 1.0507009873554805*1.6732632423543773 (exp(z) - 1)",
            (
                "negative = 1.7580993408473769 * np.expm1(np.minimum(z, 0))",
                "return np.where(z > 0, 1.0507009873554805 * np.maximum(z, 0), negative)",
            ),
        ),
        Helper(
            "_gaussian",
            "z",
            "exp(-z**2), which is 0 long before |z| = 30",
            ("size = np.minimum(np.abs(z), 30)", "value: Array = np.exp(-size * size)", "return value"),
        ),
        Helper(
            "_atan_slope",
            "z",
            "1/(1 + z**2), with the square of 1/|z| where that of z might overflow",
            (
                "inverse = 1 / np.maximum(np.abs(z), 1)",
                "held = np.minimum(np.abs(z), 1)",
                "value: Array = inverse * inverse / (inverse * inverse + held * held)",
                "return value",
            ),
        ),
        Helper(
            "_norm_pdf",
            "z",
            "exp(-z**2/2)/sqrt(2 pi), which is 0 long before |z| = 40",
            ("size = np.minimum(np.abs(z), 40)", "return 0.3989422804014327 * np.exp(-0.5 * size * size)"),
        ),
        Helper(
            "_gelu_gate",
            "z",
            "(1 + tanh(sqrt(2/pi) (z + 0.044715 z**3)))/2, which is 0 or 1 before |z| = 22",
            (
                "held = np.clip(z, -22, 22)",
                "return _sigmoid(1.5957691216057308 * (held + 0.044715 * held * held * held))",
            ),
            needs=("_sigmoid",),
        ),
        Helper(
            "_gelu_gate_slope",
            "z",
            "2 sqrt(2/pi) (1 + 3*0.044715 z**2), the slope of the gate's argument",
            (
                "held = np.clip(z, -22, 22)  # beyond, the gate's slope is 0, and z times this may overflow",
                "return np.where(np.abs(z) >= 22, 0, 1.5957691216057308 * (1 + 0.134145 * held * held))",
            ),
        ),
        Helper(
            "_huber",
            "r, delta",
            "r**2/2 for |r| <= delta, else delta (|r| - delta/2)",
            ("held = np.clip(r, -delta, delta)", "return held * (r - 0.5 * held)"),
        ),
        Helper(
            "_half_step",
            "z",
            "1 for z > 0, 1/2 at 0, else 0",
            (
                "value: Array = np.heaviside(np.fmax(z, -1), DTYPE(0.5))  # fmax: 0 for nan, as a comparison",
                "return value",
            ),
        ),
        Helper(
            "_blend",
            "c, u: Array | float, v: Array | float",
            "u where c > 0, v where c < 0, and the mean of both where c is 0",
            ("value: Array = 0.5 * np.where(c > 0, u, v) + 0.5 * np.where(c >= 0, u, v)", "return value"),
        ),
        *SAFE_HELPERS,
        *TAIL_HELPERS,
    )
}

ROW_HELPERS = {name: f"_{name}" for name in ("softmax", "half_log_softmax", "leave_one_out")}

NUMPY_FUNCTIONS: dict[str, NumpyFunction] = {
    **{
        name: NumpyFunction(f"np.{name}({{0}})")
        for name in ("exp", "expm1", "log", "log1p", "sin", "cos", "tan", "sinh", "cosh", "tanh", "abs", "sign")
    },
    **{name: NumpyFunction(f"np.{name}({{0}}, {{1}})") for name in ("maximum", "minimum")},
    **{
        name: NumpyFunction(f"_{name}({{0}})", helper=f"_{name}")
        for name in ("sigmoid", "elu", "selu", "gaussian", "norm_pdf", "gelu_gate", "gelu_gate_slope", "atan_slope")
    },
    "atan": NumpyFunction("np.arctan({0})"),
    "positive": NumpyFunction("np.heaviside(np.fmax({0}, 0), 0)"),
    "step": NumpyFunction("np.heaviside({0}, 1)"),
    "bipolar_step": NumpyFunction("(2 * np.heaviside({0}, 1) - 1)"),
    "select": NumpyFunction("np.where({0} > 0, {1}, {2})"),
    "half_step": NumpyFunction("_half_step({0})", helper="_half_step"),
    "blend": NumpyFunction("_blend({0}, {1}, {2})", helper="_blend"),
    "relu": NumpyFunction("np.maximum({0}, 0)"),
    "softplus": NumpyFunction("np.logaddexp(0, {0})"),
    "softsign": NumpyFunction("{0} / (1 + np.abs({0}))", tight=True),
    "huber": NumpyFunction("_huber({0}, {1})", helper="_huber"),
    "erf": NumpyFunction("erf({0})", scipy="erf"),
    "norm_cdf": NumpyFunction("0.5 * erfc(-0.7071067811865476 * {0})", tight=True, scipy="erfc"),
    **SAFE_NUMPY_FUNCTIONS,
    **TAIL_NUMPY_FUNCTIONS,
}
