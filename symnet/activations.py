"""Activations: each is a formula in z, and nothing else; its derivative is SymPy's affair."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from sympy import Expr, Idx, Indexed, Symbol, sign, sin, tanh
from sympy import exp as exponential

from symnet.equations import expression_text, substitute
from symnet.equations.derivatives import derivative
from symnet.equations.functions import (
    GELU_CUBIC,
    SELU_ALPHA,
    SELU_SCALE,
    elu,
    gaussian,
    gelu_gate,
    norm_cdf,
    relu,
    select,
    selu,
    sigmoid,
    softmax,
    softplus,
    softsign,
    step,
)
from symnet.equations.values import FUNCTIONS, ScalarFunction, float_value, value
from symnet.errors import ArchitectureError
from symnet.names import IDENTIFIER, check_identifier, unknown
from symnet.parsing import parse_expression

_VARIABLE = re.compile(r"(?<![\w.])[A-Za-z]\w*", re.ASCII)

Z = Symbol("z", real=True)
A = Symbol("a", real=True)
"""Stands for the value of an activation in the formula of its derivative."""

UNIT = Idx("k")
"""Stands for the unit index in the formula of an activation that works on a whole row."""

GRAMMAR_FUNCTIONS = (
    *("exp", "expm1", "log", "log1p", "sqrt", "sin", "cos", "tan", "sinh", "cosh", "tanh", "atan"),
    *("erf", "abs", "sign", "maximum", "minimum"),
)


MAX_OWN = 32
"""Different formulas in a description of a network, each of which takes up to some tenths of a second to read."""


@dataclass(frozen=True, repr=False)
class Activation:
    """A function of the pre-activation z, applied to each unit, or by softmax to each row.

    Attributes:
        name: how an architecture calls it.
        expression: its formula in `Z` (and `UNIT` for a row function).
        formula: the textbook formula as text, for people.
        letter: the letter of its output array.
        variance: init draws weights of this variance times 1/fan_in, or None for 2/(fan_in + fan_out).
    """

    name: str
    expression: Expr
    formula: str = field(default="", compare=False)
    letter: str = field(default="a", compare=False)
    variance: int | None = field(default=None, compare=False)

    def at(self, z: Indexed) -> Expr:
        """The activation of a reference such as z1[n,j]; a row function runs over its last index."""
        return substitute(self.expression, {Z: z, UNIT: z.indices[-1]})

    @cached_property
    def works_on_rows(self) -> bool:
        return UNIT in self.expression.free_symbols

    @cached_property
    def derivative(self) -> Expr:
        """The derivative of an elementwise activation by z, written through the value a where that occurs in it."""
        slope = derivative(self.expression, Z)
        return slope if self.expression == Z else slope.subs(self.expression, A)

    def slope_at(self, z: Expr) -> Expr:
        """The derivative of an elementwise activation by z, at a reference such as z1[n,j]."""
        return substitute(derivative(self.expression, Z), {Z: z})

    @property
    def has_letter(self) -> bool:
        """Whether a page writes it by the letter of a function: all but softmax, constants and z itself."""
        return not self.works_on_rows and bool(self.expression.has(Z)) and self.expression != Z

    @property
    def is_flat(self) -> bool:
        """Whether it depends on z and yet has the derivative 0 wherever it has one."""
        return not self.works_on_rows and self.expression.has(Z) and self.derivative == 0

    @property
    def is_custom(self) -> bool:
        return self.name not in ACTIVATIONS

    @cached_property
    def text(self) -> str:
        """How a description of a network refers to it: its name, its formula, or NAME=FORMULA."""
        if not self.is_custom:
            return self.name
        anonymous = self.name == expression_text(self.expression)
        return self.formula if anonymous else f"{self.name}={self.formula}"

    def __repr__(self) -> str:
        return repr(self.text)


ACTIVATIONS: dict[str, Activation] = {
    activation.name: activation
    for activation in (
        Activation("identity", Z, "z"),
        Activation("sigmoid", sigmoid(Z), "1/(1 + exp(-z))"),
        Activation("tanh", tanh(Z), "tanh(z)"),
        Activation("relu", relu(Z), "max(z, 0)", variance=2),
        Activation("leaky_relu", select(Z, Z, Z / 100), "z for z > 0, else 0.01 z", variance=2),
        Activation("elu", elu(Z), "z for z > 0, else exp(z) - 1", variance=2),
        Activation(
            "selu",
            selu(Z),
            f"{float(SELU_SCALE)} z for z > 0, else {float(SELU_SCALE)} * {float(SELU_ALPHA)} (exp(z) - 1)",
            variance=1,
        ),
        Activation("softplus", softplus(Z), "log(1 + exp(z))", variance=2),
        Activation("silu", Z * sigmoid(Z), "z/(1 + exp(-z))", variance=2),
        Activation("gelu", Z * norm_cdf(Z), "z (1 + erf(z/sqrt(2)))/2", variance=2),
        Activation(
            "gelu_tanh",
            Z * gelu_gate(Z),
            f"z (1 + tanh(sqrt(2/pi) (z + {float(GELU_CUBIC)} z**3)))/2",
            variance=2,
        ),
        Activation("mish", Z * tanh(softplus(Z)), "z tanh(log(1 + exp(z)))", variance=2),
        Activation("softsign", softsign(Z), "z/(1 + |z|)"),
        Activation("sine", sin(Z), "sin(z)"),
        Activation("gaussian", gaussian(Z), "exp(-z**2)"),
        Activation("exp", exponential(Z), "exp(z)"),
        Activation("softmax", softmax(Z, UNIT), "exp(z_k)/Sum(exp(z_m), m)", letter="p"),
        Activation("step", step(Z), "1 for z > 0, else 0"),
        Activation("sign", sign(Z), "-1, 0 or 1"),
    )
}


def _callable(activation: Activation) -> ScalarFunction:
    """An elementwise activation as a function that a formula may call."""
    body = activation.expression
    return ScalarFunction(activation.name, lambda z: body.xreplace({Z: z}), lambda m, z: value(m, body, {Z: z}))


FORMULA_FUNCTIONS: dict[str, ScalarFunction] = {
    activation.name: _callable(activation) for activation in ACTIVATIONS.values() if not activation.works_on_rows
} | {name: FUNCTIONS[name] for name in GRAMMAR_FUNCTIONS}
"""What a user's formula may call: the functions of the grammar and the elementwise activations."""

RESERVED = frozenset({*ACTIVATIONS, *FORMULA_FUNCTIONS, str(Z)})
"""Names that a user's own activation cannot take."""


def check_few(texts: Iterable[object]) -> None:
    """Raise unless the formulas among what a description names are few enough to be read in a moment.

    Raises:
        ArchitectureError: there are more than 32 different ones.
    """
    own = len({text for text in texts if isinstance(text, str)} - ACTIVATIONS.keys())
    if own > MAX_OWN:
        raise ArchitectureError(f"{own} formulas of one's own; at most {MAX_OWN} are allowed")


def activation(text: str) -> Activation:
    """The activation that a description of a network means by `text`.

    The text is the name of a known activation, a formula in z such as `z*tanh(log(1+exp(z)))`, or
    NAME=FORMULA to give the formula a name.

    Raises:
        ArchitectureError: an unknown or reserved name.
        ExpressionError: a formula outside the grammar.
    """
    name, equals, formula = (part.strip() for part in text.partition("="))
    if equals:
        check_identifier(name, "activation", reserved=RESERVED)
        return custom_activation(formula, name)
    if IDENTIFIER.fullmatch(name) and name != str(Z):
        if name not in ACTIVATIONS:
            raise ArchitectureError(unknown("activation", name, ACTIVATIONS))
        return ACTIVATIONS[name]
    return custom_activation(name)


@lru_cache(maxsize=256)
def custom_activation(formula: str, name: str = "") -> Activation:
    """A user's own activation, from its formula in z.

    Raises:
        ExpressionError: the formula lies outside the grammar.
    """
    expression = read_formula(formula, Z)
    return Activation(name or expression_text(expression), expression, " ".join(formula.split()))


def read_function(text: str) -> tuple[Expr, list[Symbol]]:
    """The expression of a user's function in variables of their own, and these variables by name.

    Raises:
        ExpressionError: the text lies outside the grammar.
        ArchitectureError: a variable has a reserved name.
    """
    names = sorted(set(_VARIABLE.findall(text)) - set(FORMULA_FUNCTIONS))
    for name in names:
        check_identifier(name, "variable", reserved=("value", "hessian", "inf"), allowed=("x", "y", "C", "N", "theta"))
        if name.endswith("_bar") or "_of_" in name:
            raise ArchitectureError(f"variable {name!r} has the form of a derivative's name; choose another")
    variables = [Symbol(name, real=True) for name in names]
    expression = read_formula(text, *variables)
    return expression, [symbol for symbol in variables if symbol in expression.free_symbols]


def read_formula(formula: str, *variables: Symbol) -> Expr:
    """The expression that a user's formula in the given variables denotes.

    Raises:
        ExpressionError: the formula lies outside the grammar.
    """
    return parse_expression(formula, {str(symbol): symbol for symbol in variables}, FORMULA_FUNCTIONS, float_value)
