"""SymPy's elementary functions, and equivalents without cancellation (expm1, log1p)."""

from __future__ import annotations

import sys
from functools import partial

import sympy
from sympy import Abs, cosh, exp, log, sinh, sqrt, tanh

from symnet.functions.arrays import ufunc
from symnet.functions.code import Code, helped
from symnet.functions.declare import function
from symnet.functions.floats import sign
from symnet.functions.kinds import logarithm, power
from symnet.functions.record import also, known

elementary = partial(known, in_formulas=True)

elementary(
    "exp",
    exp,
    lambda m, z: m.exp(z),
    least=0.0,
    levels=(-800, None),
    vanishes=True,
    is_analytic=True,
    of_exponential=lambda e: e,
    grows=True,
    **ufunc("exp"),
    python="(inf if {0} >= 709.7827128933841 else exp({0}))",
)
expm1 = function(
    "expm1",
    "exp(z) - 1 without loss of digits near 0.",
    slope=lambda a, z: a + 1,
    accurate_slope=exp,
    value=lambda m, z: m.expm1(z),
    in_formulas=True,
    least=-1.0,
    levels=(-800, None),
    is_analytic=True,
    of_exponential=lambda e: e - 1,
    grows=True,
    by_others=lambda call, z: call("exp", z) - 1,
    **ufunc("expm1"),
    python="(inf if {0} >= 709.7827128933841 else expm1({0}))",
    page_form=lambda z: exp(z) - 1,
)
elementary(
    "sqrt",
    sqrt,
    lambda m, z: m.sqrt(z),
    python=helped(
        "z",
        "The square root, not a number below 0",
        ("return nan if z < 0.0 else sqrt(z)",),
        from_bound=(0.0, Code("sqrt({0})")),
    ),
)
elementary(
    "log",
    log,
    lambda m, z: m.log(z),
    is_analytic=True,
    **ufunc("log"),
    python=helped(
        "z",
        "The logarithm, infinite at 0 and not a number below",
        ("if z > 0.0:", "    return log(z)", "return -inf if z == 0.0 else nan"),
        from_bound=(sys.float_info.min, Code("log({0})")),
    ),
)
also(logarithm, "log", is_analytic=False, page_name="log")
log1p = function(
    "log1p",
    "log(1 + z) without loss of digits near 0.",
    slope=lambda a, z: 1 / (1 + z),
    value=lambda m, z: m.log1p(z),
    in_formulas=True,
    is_analytic=True,
    by_others=lambda call, z: call("log", 1 + z),
    **ufunc("log1p"),
    python=helped(
        "z",
        "log(1 + z), infinite at -1 and not a number below",
        ("if z > -1.0:", "    return log1p(z)", "return -inf if z == -1.0 else nan"),
        from_bound=(-0.5, Code("log1p({0})")),
    ),
    page_form=lambda z: log(1 + z),
)
known("power", power, lambda m, u, p: m.sqrt(u) if p == 0.5 else u**p, arity=2, least=0.0)
elementary(
    "sinh",
    sinh,
    lambda m, z: m.sinh(z),
    parity=-1,
    is_analytic=True,
    of_exponential=lambda e: (e - 1 / e) / 2,
    grows=True,
    by_others=lambda call, z: (call("exp", z) - call("exp", -z)) / 2,
    **ufunc("sinh"),
    python=helped(
        "z",
        "The hyperbolic sine, infinite where that is too large",
        ("return copysign(inf, z) if abs(z) >= 710.475860073944 else sinh(z)",),
    ),
)
elementary(
    "cosh",
    cosh,
    lambda m, z: m.cosh(z),
    parity=1,
    least=1.0,
    is_analytic=True,
    of_exponential=lambda e: (e + 1 / e) / 2,
    grows=True,
    by_others=lambda call, z: (call("exp", z) + call("exp", -z)) / 2,
    **ufunc("cosh"),
    python="(inf if abs({0}) >= 710.475860073944 else cosh({0}))",
)
elementary(
    "tanh",
    tanh,
    lambda m, z: m.tanh(z),
    parity=-1,
    least=-1.0,
    levels=(-400, 400),
    vanishes=True,
    is_analytic=True,
    of_exponential=lambda e: (e**2 - 1) / (e**2 + 1),
    **ufunc("tanh"),
    python="tanh({0})",
)


def _circular(name: str, parity: int, **columns: float) -> None:
    """Register a trigonometric function; Python's raises for infinite arguments, so a helper returns nan."""
    equation, body = f"{name}(z), not a number where z is infinite", f"return nan if isinf(z) else {name}(z)"
    elementary(
        name,
        getattr(sympy, name),
        lambda m, z: getattr(m, name)(z),
        parity=parity,
        is_analytic=True,
        **ufunc(name),
        python=helped("z", equation, (body,)),
        **columns,
    )


_circular("sin", -1, least=-1.0)
_circular("cos", 1, least=-1.0)
_circular("tan", -1)
elementary(
    "abs",
    Abs,
    lambda m, z: abs(z),
    parity=1,
    of_positive="z",
    least=0.0,
    keeps_zero=True,
    is_piecewise=True,
    by_others=lambda call, z: z * call("sign", z),
    array=lambda b, z: b.magnitude(z),
    numpy="np.abs({0})",
    python="abs({0})",
)
elementary(
    "sign",
    sympy.sign,
    lambda m, z: sign(z),
    parity=-1,
    of_positive=1,
    least=-1.0,
    is_piecewise=True,
    **ufunc("sign"),
    python="(1.0 if {0} > 0.0 else -1.0 if {0} < 0.0 else abs({0}))",
)
