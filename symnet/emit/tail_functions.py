"""The code of functions that keep their digits in the tails, for arrays and for floats.

Exponentials are of numbers that are not positive, so nothing overflows. A factor that may be subnormal comes in as
the square of its root h, one h after the other: what is left of it is then rounded once, at the end.
"""

from __future__ import annotations

from symnet.emit.helpers import Helper, NumpyFunction, PythonFunction

_UPPER_HALF = ("value: Array = np.where(z > 0, 1 - lower, lower)", "return value")
"""For gates with g(z) + g(-z) = 1 the derivative of z g(z) at |z| is 1 less that at -|z|."""

_GELU_TANH = (
    "size = np.minimum(np.abs(z), 40)  # z times the gate is 0 or z long before",
    "root = np.exp(-0.7978845608028654 * (size + 0.044715 * size * size * size))",
)

TAIL_HELPERS = (
    Helper(
        "_leave_one_out",
        "f",
        "Sum of f_m over all m but k, for every k of each row",
        (
            "before, after = np.zeros_like(f), np.zeros_like(f)",
            "np.cumsum(f[..., :-1], axis=-1, out=before[..., 1:])",
            "after[..., :-1] = np.cumsum(f[..., :0:-1], axis=-1)[..., ::-1]",
            "value: Array = before + after",
            "return value",
        ),
    ),
    Helper(
        "_sigmoid_slope",
        "z",
        "t/(1 + t)**2 with t = exp(-|z|), the derivative of the sigmoid",
        ("tail = np.exp(-np.abs(z))", "value: Array = tail / (1 + tail) / (1 + tail)", "return value"),
    ),
    Helper(
        "_tanh_slope",
        "z",
        "4u/(1 + u)**2 with u = exp(-2|z|), the derivative of tanh",
        ("root = np.exp(-np.abs(z))", "value: Array = (2 * root / (1 + root * root)) ** 2", "return value"),
    ),
    Helper(
        "_selu_slope",
        "z",
        "1.0507009873554805 for z > 0, else 1.0507009873554805*1.6732632423543773 exp(z)",
        ("return np.where(z > 0, DTYPE(1.0507009873554805), 1.7580993408473769 * np.exp(np.minimum(z, 0)))",),
    ),
    Helper(
        "_gaussian_slope",
        "z",
        "-2z exp(-z**2), which is 0 long before |z| = 40",
        (
            "size = np.minimum(np.abs(z), 40)",
            "root = np.exp(-0.5 * size * size)",
            "value: Array = -2 * root * z * root",
            "return value",
        ),
    ),
    Helper(
        "_silu",
        "z",
        "z/(1 + exp(-z))",
        (
            "root = np.exp(-0.5 * np.abs(z))",
            "value: Array = (np.maximum(z, 0) + np.minimum(z, 0) * root * root) / (1 + root * root)",
            "return value",
        ),
    ),
    Helper(
        "_silu_slope",
        "z",
        "sigmoid(z) (1 + z sigmoid(-z))",
        (
            "size = np.abs(z)",
            "root = np.exp(-0.5 * size)",
            "total = 1 + root * root",
            "lower = root * (1 - size / total) / total * root  # its value at -|z|",
            *_UPPER_HALF,
        ),
    ),
    Helper(
        "_gelu",
        "z",
        "z (1 + erf(z/sqrt(2)))/2, which is max(z, 0) less a tail",
        (
            "size = np.minimum(np.abs(z), 60)  # the tail is 0 long before",
            "root = np.exp(-0.25 * size * size)",
            "tail = 0.5 * size * erfcx(0.7071067811865476 * size) * root * root",
            "value: Array = np.maximum(z, 0) - tail",
            "return value",
        ),
    ),
    Helper(
        "_gelu_slope",
        "z",
        "(1 + erf(z/sqrt(2)))/2 + z exp(-z**2/2)/sqrt(2 pi)",
        (
            "size = np.minimum(np.abs(z), 60)  # the tail is 0 long before",
            "root = np.exp(-0.25 * size * size)",
            "ratio = 0.5 * erfcx(0.7071067811865476 * size) - 0.3989422804014327 * size",
            "lower = ratio * root * root  # its value at -|z|",
            *_UPPER_HALF,
        ),
    ),
    Helper(
        "_gelu_tanh",
        "z",
        "z (1 + tanh(sqrt(2/pi) (z + 0.044715 z**3)))/2",
        (
            *_GELU_TANH,
            "value: Array = (np.maximum(z, 0) + np.minimum(z, 0) * root * root) / (1 + root * root)",
            "return value",
        ),
    ),
    Helper(
        "_gelu_tanh_slope",
        "z",
        "g(z) (1 + z g(-z) u'(z)) with the gate g = sigmoid(u), u = 2 sqrt(2/pi) (z + 0.044715 z**3)",
        (
            *_GELU_TANH,
            "total = 1 + root * root",
            "rise = 1.5957691216057308 * (size + 0.134145 * size * size * size)",
            "lower = root * (1 - rise / total) / total * root  # its value at -|z|",
            *_UPPER_HALF,
        ),
    ),
    Helper(
        "_mish",
        "z",
        "z tanh(log(1 + exp(z))) by h = exp(-|z|/2)",
        (
            "root = np.exp(-0.5 * np.abs(z))",
            "tail = root * root",
            "upper = np.maximum(z, 0) * ((1 + 2 * tail) / (1 + 2 * tail * (1 + tail)))",
            "lower = np.minimum(z, 0) * root * ((2 + tail) / (2 + tail * (2 + tail))) * root",
            "value: Array = upper + lower",
            "return value",
        ),
    ),
    Helper(
        "_mish_slope",
        "z",
        "the derivative of z tanh(log(1 + exp(z))), by h = exp(-|z|/2)",
        (
            "size = np.minimum(np.abs(z), 1600)  # beyond, it is 0 or 1",
            "root = np.exp(-0.5 * size)",
            "tail = root * root",
            "above, below = 1 + 2 * tail * (1 + tail), 2 + tail * (2 + tail)",
            "upper = (1 + 2 * tail + 4 * size * tail * tail * (1 + tail) / above) / above",
            "lower = root * (2 + tail - 4 * size * (1 + tail) / below) / below * root",
            "value: Array = np.where(z > 0, upper, lower)",
            "return value",
        ),
    ),
)

TAIL_NUMPY_FUNCTIONS: dict[str, NumpyFunction] = {
    "elu_slope": NumpyFunction("np.exp(np.minimum({0}, 0))"),
    **{
        helper.name[1:]: NumpyFunction(
            f"{helper.name}({{0}})",
            helper=helper.name,
            scipy="erfcx" if any("erfcx" in line for line in helper.body) else "",
        )
        for helper in TAIL_HELPERS[1:]
    },
}

_FLOAT_TAIL = "tail = exp(-abs(z))"
_FLOAT_ROOT = "root = exp(-0.5 * abs(z))"
_FLOAT_UPPER_HALF = "return 1.0 - lower if z > 0.0 else lower"
_FLOAT_GATED = "return (z if z > 0.0 else z * root * root) / (1.0 + root * root)"
_FLOAT_GELU_TANH = (
    "size = min(abs(z), 40.0)  # z times the gate is 0 or z long before",
    "root = exp(-0.7978845608028654 * (size + 0.044715 * size * size * size))",
)
_FLOAT_NORMAL = (
    "size = min(abs(z), 60.0)",
    "root = exp(-0.25 * size * size)",
)
_SERIES = (
    "q = 1.0 / (size * size)",
    "series = 1.0 - q * (1.0 - q * (3.0 - q * (15.0 - q * (105.0 - q * (945.0 - q * 10395.0)))))",
)
"""x/φ(x) times the normal tail Φ(-x), for x of 36 and more, where the next term is below 1e-17."""

TAIL_PYTHON_HELPERS: dict[str, Helper] = {
    helper.name: helper
    for helper in (
        Helper(
            "_sigmoid_slope",
            "z",
            "t/(1 + t)**2 with t = exp(-|z|), the derivative of the sigmoid",
            (_FLOAT_TAIL, "return tail / (1.0 + tail) / (1.0 + tail)"),
        ),
        Helper(
            "_tanh_slope",
            "z",
            "4u/(1 + u)**2 with u = exp(-2|z|), the derivative of tanh",
            (
                "root = exp(-abs(z))",
                "secant = 2.0 * root / (1.0 + root * root)",
                "return secant * secant",
            ),
        ),
        Helper(
            "_gaussian_slope",
            "z",
            "-2z exp(-z**2)",
            ("root = exp(-0.5 * z * z)", "return -2.0 * root * z * root"),
        ),
        Helper("_silu", "z", "z/(1 + exp(-z))", (_FLOAT_ROOT, _FLOAT_GATED)),
        Helper(
            "_silu_slope",
            "z",
            "sigmoid(z) (1 + z sigmoid(-z))",
            (
                _FLOAT_ROOT,
                "total = 1.0 + root * root",
                "lower = root * (1.0 - abs(z) / total) / total * root  # its value at -|z|",
                _FLOAT_UPPER_HALF,
            ),
        ),
        Helper(
            "_gelu",
            "z",
            "z (1 + erf(z/sqrt(2)))/2",
            (
                "if z > -36.0:",
                "    return 0.5 * z * erfc(-0.7071067811865476 * z)",
                *_FLOAT_NORMAL,
                *_SERIES,
                "return -0.3989422804014327 * series * root * root",
            ),
        ),
        Helper(
            "_gelu_slope",
            "z",
            "(1 + erf(z/sqrt(2)))/2 + z exp(-z**2/2)/sqrt(2 pi)",
            (
                *_FLOAT_NORMAL,
                "if z > -36.0:",
                "    side = 0.5 * erfc(-0.7071067811865476 * z)",
                "    return side + 0.3989422804014327 * (size if z > 0.0 else -size) * root * root",
                *_SERIES,
                "return 0.3989422804014327 * (series / size - size) * root * root",
            ),
        ),
        Helper(
            "_gelu_tanh",
            "z",
            "z (1 + tanh(sqrt(2/pi) (z + 0.044715 z**3)))/2",
            (*_FLOAT_GELU_TANH, _FLOAT_GATED),
        ),
        Helper(
            "_gelu_tanh_slope",
            "z",
            "g(z) (1 + z g(-z) u'(z)) with the gate g = sigmoid(u), u = 2 sqrt(2/pi) (z + 0.044715 z**3)",
            (
                *_FLOAT_GELU_TANH,
                "total = 1.0 + root * root",
                "rise = 1.5957691216057308 * (size + 0.134145 * size * size * size)",
                "lower = root * (1.0 - rise / total) / total * root  # its value at -|z|",
                _FLOAT_UPPER_HALF,
            ),
        ),
        Helper(
            "_mish",
            "z",
            "z tanh(log(1 + exp(z))) by h = exp(-|z|/2)",
            (
                _FLOAT_ROOT,
                "tail = root * root",
                "if z > 0.0:",
                "    return z * ((1.0 + 2.0 * tail) / (1.0 + 2.0 * tail * (1.0 + tail)))",
                "return z * root * ((2.0 + tail) / (2.0 + tail * (2.0 + tail))) * root",
            ),
        ),
        Helper(
            "_mish_slope",
            "z",
            "the derivative of z tanh(log(1 + exp(z))), by h = exp(-|z|/2)",
            (
                "size = min(abs(z), 1600.0)  # beyond, it is 0 or 1",
                "root = exp(-0.5 * size)",
                "tail = root * root",
                "if z > 0.0:",
                "    total = 1.0 + 2.0 * tail * (1.0 + tail)",
                "    return (1.0 + 2.0 * tail + 4.0 * size * tail * tail * (1.0 + tail) / total) / total",
                "total = 2.0 + tail * (2.0 + tail)",
                "return root * (2.0 + tail - 4.0 * size * (1.0 + tail) / total) / total * root",
            ),
        ),
    )
}

TAIL_PYTHON_FUNCTIONS: dict[str, PythonFunction] = {
    "elu_slope": PythonFunction("(1.0 if {0} > 0.0 else exp({0}))", ("exp",)),
    "selu_slope": PythonFunction("(1.0507009873554805 if {0} > 0.0 else 1.7580993408473769 * exp({0}))", ("exp",)),
    **{
        name[1:]: PythonFunction(
            f"{name}({{0}})",
            ("exp", "erfc") if any("erfc" in line for line in helper.body) else ("exp",),
            helper=name,
        )
        for name, helper in TAIL_PYTHON_HELPERS.items()
    },
}
