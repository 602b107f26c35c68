"""The functions that equations are written with, one record each: see `Record`.

SymPy owns the mathematics. Functions with a numerically stable form (`sigmoid`, `softplus`, `softmax`, ...) are SymPy
functions of their own whose derivative is written through the forward value where one exists (sigmoid' = a(1 - a));
they are never expanded to `exp` before emission. A new one is declared in the file of its family, and nowhere else.
"""

# isort: off
# A module that is generated defines helpers in the order of these files.
from symnet.functions.operators import OPERATORS
from symnet.functions.elementary import expm1, log1p
from symnet.functions.logistic import sigmoid, softplus
from symnet.functions.rows import AccurateSoftmax, ROW_FUNCTIONS, first_largest, leave_one_out, log_softmax, softmax
from symnet.functions.bells import (
    GELU_CUBIC,
    atan,
    atan_slope,
    erf,
    gaussian,
    gelu_gate,
    gelu_gate_slope,
    norm_cdf,
    norm_pdf,
)
from symnet.functions.piecewise import (
    SELU_ALPHA,
    SELU_SCALE,
    bipolar_step,
    blend,
    elu,
    half_step,
    huber,
    maximum,
    minimum,
    positive,
    relu,
    select,
    selu,
    softsign,
    unit_step,
)
from symnet.functions.safe import (
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
from symnet.functions.tails import elu_slope, gaussian_slope, selu_slope, sigmoid_slope, tanh_slope
from symnet.functions.gates import gelu, gelu_slope, gelu_tanh, gelu_tanh_slope, mish, mish_slope, silu, silu_slope
from symnet.functions.kinds import Composite, RealFunction, logarithm, power
from symnet.functions.code import Code, Helper, MATH, SCIPY, helper_context
from symnet.functions.record import BY_CLASS, FUNCTIONS, ROWS, Record, has_definition_alone, helpers_needed
from symnet.functions.declare import function
from symnet.functions.floats import FloatMath
from symnet.functions.values import constant, float_value, value
# isort: on

from symnet.functions.decimals import Written, decimal_number, in_fractions, is_decimal
