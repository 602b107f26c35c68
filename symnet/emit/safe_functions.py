"""The code of functions that do not overflow on the way to what a float holds, for arrays and for floats."""

from __future__ import annotations

from symnet.emit.helpers import Helper, NumpyFunction, PythonFunction

SAFE_HELPERS = (
    Helper(
        "_squareplus",
        "z, c",
        "(z + sqrt(z**2 + c**2))/2, for z <= 0 by its conjugate",
        (
            "total = 0.5 * np.hypot(z, c) + 0.5 * np.abs(z)",
            "value: Array = np.where(z > 0, total, 0.5 * c / total * (0.5 * c))",
            "return value",
        ),
    ),
    Helper(
        "_log_cosh",
        "z",
        "log(cosh(z)), without overflow",
        (
            "size = np.abs(z)",
            "inner = np.log1p(2 * np.sinh(0.5 * np.minimum(size, 1)) ** 2)",
            "outer = size + (np.log1p(np.exp(-size) ** 2) - 0.6931471805599453)",
            "value: Array = np.where(size <= 1, inner, outer)",
            "return value",
        ),
    ),
    Helper(
        "_times_exp",
        "x, v: Array",
        "x exp(v), which is 0 where x is 0, and is in range wherever the product is",
        (
            "quarter = np.exp(0.25 * np.where(x != 0, v, np.minimum(v, 0)))",
            "value: Array = x * quarter * quarter * quarter * quarter",
            "return value",
        ),
    ),
    Helper(
        "_xlogy",
        "x, v: Array",
        "x log(v), which is 0 where x is 0",
        ("value: Array = x * np.log(np.where(x != 0, v, DTYPE(1)))", "return value"),
    ),
)

SAFE_NUMPY_FUNCTIONS: dict[str, NumpyFunction] = {
    "asinh": NumpyFunction("np.arcsinh({0})"),
    "hypot": NumpyFunction("np.hypot({0}, {1})"),
    "over_hypot": NumpyFunction("{0} / np.hypot({0}, {1})", tight=True),
    "squareplus": NumpyFunction("_squareplus({0}, {1})", helper="_squareplus"),
    "log_cosh": NumpyFunction("_log_cosh({0})", helper="_log_cosh"),
    "xlogy": NumpyFunction("_xlogy({0}, {1})", helper="_xlogy"),
    "times_exp": NumpyFunction("_times_exp({0}, {1})", helper="_times_exp"),
    "capped": NumpyFunction("np.minimum({0}, {1})"),
    "decay": NumpyFunction("np.exp(np.minimum({0}, 0))"),
    "largest": NumpyFunction("np.maximum(np.abs({0}), np.abs({1}))"),
    "scaled": NumpyFunction("{0} / {1}", tight=True),
    "near": NumpyFunction("np.where(np.abs({0}) <= {1}, {0}, DTYPE(0))"),
    "far": NumpyFunction("np.where(np.abs({0}) > {1}, {0}, DTYPE({1} + 1))"),
    "above": NumpyFunction("np.where({0} > {1}, {0}, DTYPE({1} + 1))"),
}

SAFE_PYTHON_HELPERS: dict[str, Helper] = {
    helper.name: helper
    for helper in (
        Helper(
            "_squareplus",
            "z, c",
            "(z + sqrt(z**2 + c**2))/2, for z <= 0 by its conjugate",
            (
                "total = 0.5 * hypot(z, c) + 0.5 * abs(z)",
                "return total if z > 0.0 else 0.5 * c / total * (0.5 * c)",
            ),
        ),
        Helper(
            "_log_cosh",
            "z",
            "log(cosh(z)), without overflow",
            (
                "size = abs(z)",
                "if size <= 1.0:",
                "    return log1p(2.0 * sinh(0.5 * size) ** 2)",
                "return size + (log1p(exp(-2.0 * size)) - 0.6931471805599453)",
            ),
        ),
        Helper(
            "_times_exp",
            "x, v",
            "x exp(v), which is 0 where x is 0, and is in range wherever the product is",
            (
                "if not x:",
                "    return x if v == v else v",
                "quarter = inf if v >= 2839.0 else exp(0.25 * v)",
                "return x * quarter * quarter * quarter * quarter",
            ),
        ),
        Helper(
            "_xlogy",
            "x, v",
            "x log(v), which is 0 where x is 0",
            (
                "if not x:",
                "    return 0.0 * x",
                "if v > 0.0:",
                "    return x * log(v)",
                "return -inf * x if v == 0.0 else nan",
            ),
        ),
    )
}

SAFE_PYTHON_FUNCTIONS: dict[str, PythonFunction] = {
    "asinh": PythonFunction("asinh({0})", ("asinh",)),
    "hypot": PythonFunction("hypot({0}, {1})", ("hypot",)),
    "over_hypot": PythonFunction(
        "_divide({0}, hypot({0}, {1}))", ("copysign", "hypot", "inf", "nan"), helper="_divide"
    ),
    "squareplus": PythonFunction("_squareplus({0}, {1})", ("hypot",), helper="_squareplus"),
    "log_cosh": PythonFunction("_log_cosh({0})", ("exp", "log1p", "sinh"), helper="_log_cosh"),
    "xlogy": PythonFunction("_xlogy({0}, {1})", ("inf", "log", "nan"), helper="_xlogy"),
    "times_exp": PythonFunction("_times_exp({0}, {1})", ("exp", "inf"), helper="_times_exp"),
    "capped": PythonFunction("({1} if {0} > {1} else {0})"),
    "decay": PythonFunction("(1.0 if {0} > 0.0 else exp({0}))", ("exp",)),
    "largest": PythonFunction("(abs({0}) if abs({0}) > abs({1}) or {0} != {0} else abs({1}))"),
    "near": PythonFunction("({0} if abs({0}) <= {1} else 0.0)"),
    "far": PythonFunction("({0} if abs({0}) > {1} else {1} + 1.0)"),
    "above": PythonFunction("({0} if {0} > {1} else {1} + 1.0)"),
}
