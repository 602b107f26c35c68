"""Operators of Python floats as calls that never raise and never return complex numbers: they agree with NumPy's."""

from __future__ import annotations

from symnet.functions.code import helped
from symnet.functions.record import registered

DIVIDE = registered(
    helped(
        "u, v",
        "u/v, infinite or not a number where v is 0",
        ("if v:", "    return u / v", "return copysign(inf, u) * copysign(1.0, v) if u < 0.0 or u > 0.0 else nan"),
    ),
    "divide",
    "python",
)
POWER = registered(
    helped(
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
    "power",
    "python",
)
OPERATORS = {"divide": DIVIDE, "power": POWER}
