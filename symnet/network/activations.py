"""Activations: each is defined by a formula in z; SymPy derives its derivative."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property, lru_cache

from sympy import Expr, Idx, Integer, Symbol, sign, sin, tanh
from sympy import exp as exponential

from symnet.core import derivative, expression_text, substitute
from symnet.functions import (
    FUNCTIONS,
    GELU_CUBIC,
    SELU_ALPHA,
    SELU_SCALE,
    Record,
    bipolar_step,
    decimal_number,
    elu,
    gaussian,
    gelu_gate,
    huber,
    maximum,
    minimum,
    norm_cdf,
    relu,
    select,
    selu,
    sigmoid,
    softmax,
    softplus,
    softsign,
    unit_step,
    value,
)
from symnet.network.formulas import read_expression, varies, written_number
from symnet.support import (
    ACTIVATION_SYNONYMS,
    CONSTANTS,
    FUNCTION_SYNONYMS,
    IDENTIFIER,
    WITH_OPTIONS,
    ArchitectureError,
    ExpressionError,
    check_identifier,
    named_formula,
    number_text,
    read_options,
    shown,
    spelled,
    unknown,
)

_VARIABLE = re.compile(r"(?<![\w.])[A-Za-z]\w*\b(?!\s*[(=])", re.ASCII)
_OF_A_NUMBER = re.compile(r"([A-Za-z]\w*)\(\s*([0-9.][0-9.eE+-]*)\s*\)", re.ASCII)

Z = Symbol("z", real=True)
A = Symbol("a", real=True)
"""The value of an activation in the formula of its derivative."""

UNIT = Idx("k")
"""The unit index in the formula of a row activation such as softmax."""

ONE = Integer(1)

MAX_OWN = 32
"""The largest number of different formulas in one network; each takes up to some tenths of a second to read."""


@dataclass(frozen=True, repr=False)
class Activation:
    """A function of the pre-activation z, applied elementwise, or to each row (softmax).

    Attributes:
        name: its name in the description of a network.
        expression: the formula in `Z` (and `UNIT` for a row function).
        formula: the textbook formula as text, for readers.
        letter: the letter of its output array.
        variance: the variance of initial weights times fan_in, or None for 2/(fan_in + fan_out).
        written: the formula with decimals as they were typed, if different; for pages.
        has_options: whether the name includes options of a known activation, such as leaky_relu(slope=0.2).
    """

    name: str
    expression: Expr
    formula: str = field(default="", compare=False)
    letter: str = field(default="a", compare=False)
    variance: int | None = field(default=None, compare=False)
    written: Expr | None = field(default=None, compare=False)
    has_options: bool = field(default=False, compare=False)

    def at(self, z: Expr) -> Expr:
        """The activation applied to a reference such as z1[n,j]; a row function runs along the last index."""
        return substitute(self.expression, {Z: z, UNIT: z.indices[-1]} if self.works_on_rows else {Z: z})

    @property
    def as_written(self) -> Activation:
        """The same activation with decimals as they were typed, for pages."""
        return self if self.written is None else replace(self, expression=self.written, written=None)

    @cached_property
    def works_on_rows(self) -> bool:
        return UNIT in self.expression.free_symbols

    @cached_property
    def derivative(self) -> Expr:
        """The derivative of an elementwise activation by z, written through its value a where possible."""
        slope = derivative(self.expression, Z)
        return slope if self.expression == Z else slope.subs(self.expression, A)

    def slope_at(self, z: Expr) -> Expr:
        """The derivative of an elementwise activation by z, at a reference such as z1[n,j]."""
        return substitute(derivative(self.expression, Z), {Z: z})

    @property
    def has_letter(self) -> bool:
        """Whether pages write it as a function with a letter: all except softmax, constants and the identity."""
        return not self.works_on_rows and bool(self.expression.has(Z)) and self.expression != Z

    @property
    def is_flat(self) -> bool:
        """Whether it depends on z but has derivative 0 wherever the derivative exists."""
        return not self.works_on_rows and self.expression.has(Z) and self.derivative == 0

    @property
    def is_custom(self) -> bool:
        return self.name not in ACTIVATIONS and not self.has_options

    @cached_property
    def text(self) -> str:
        """The text for it in the description of a network: its name, its formula, or NAME=FORMULA."""
        if not self.is_custom:
            return self.name
        anonymous = self.name == expression_text(self.as_written.expression)
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
        Activation(
            "leaky_relu",
            select(Z, Z, Z / 100),
            "z for z > 0, else 0.01 z",
            variance=2,
            written=select(Z, Z, decimal_number(Fraction(1, 100)) * Z),
        ),
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
        Activation("step", unit_step(Z), "1 for z >= 0, else 0"),
        Activation("bipolar_step", bipolar_step(Z), "1 for z >= 0, else -1"),
        Activation("sign", sign(Z), "-1, 0 or 1"),
        *(
            Activation(name, function.build(Z), function.activation, variance=function.variance)
            for name, function in FUNCTIONS.items()
            if function.activation
        ),
    )
}


@dataclass(frozen=True)
class Family:
    """Activations of one name with a positive number as option.

    Attributes:
        option: the name of the number.
        default: its default.
        member: the formula in `Z` for a number.
        formula: the textbook formula as text, with {} for the number.
    """

    option: str
    default: Fraction
    member: Callable[[Expr], Expr]
    formula: str


FAMILIES: dict[str, Family] = {
    "leaky_relu": Family("slope", Fraction(1, 100), lambda slope: select(Z, Z, slope * Z), "z for z > 0, else {} z"),
    "elu": Family(
        "alpha", Fraction(1), lambda alpha: select(Z, Z, alpha * elu(Z)), "z for z > 0, else {} (exp(z) - 1)"
    ),
    "softplus": Family("beta", Fraction(1), lambda beta: softplus(beta * Z) / beta, "log(1 + exp({0} z))/{0}"),
    "silu": Family("beta", Fraction(1), lambda beta: Z * sigmoid(beta * Z), "z/(1 + exp(-{} z))"),
}
"""The activations that take an option."""


def _member(name: str, number: Expr | None) -> Expr:
    """The formula of an activation, with its option if one is given."""
    return ACTIVATIONS[name].expression if number is None else FAMILIES[name].member(number)


def _callable(name: str) -> Record:
    """An elementwise activation as a function that formulas may call."""
    family = FAMILIES.get(name)

    def body(options: Mapping[str, Expr]) -> Expr:
        return _member(name, options.get(family.option) if family else None)

    return Record(
        name,
        lambda z, **options: body(options).xreplace({Z: z}),
        lambda m, z, **options: value(
            m, body({key: written_number(number) for key, number in options.items()}), {Z: z}
        ),
        options={family.option: family.default} if family else {},
    )


FORMULA_FUNCTIONS: dict[str, Record] = {
    **{name: _callable(name) for name, activation in ACTIVATIONS.items() if not activation.works_on_rows},
    **{name: function for name, function in FUNCTIONS.items() if function.in_formulas},
    "huber": Record(
        "huber",
        lambda residual, delta=ONE: huber(residual, delta),
        lambda m, residual, delta=Fraction(1): FUNCTIONS["huber"].value(m, residual, float(delta)),
        options={"delta": Fraction(1)},
    ),
    "clip": Record(
        "clip",
        lambda z, low, high: minimum(maximum(z, low), high),
        lambda m, z, low, high: min(max(z, low), high),
        3,
    ),
}
"""The functions that a user's formula may call: those of the grammar and the elementwise activations."""

RESERVED = frozenset({*ACTIVATIONS, *FORMULA_FUNCTIONS, *CONSTANTS, str(Z)})
"""Names that a user's activation cannot have."""


def check_few(texts: Iterable[object]) -> None:
    """Check the number of different formulas in the description of a network, which bounds the time to read it.

    Raises:
        ArchitectureError: there are more than 32 different ones.
    """
    own = len({text for text in texts if isinstance(text, str)} - ACTIVATIONS.keys())
    if own > MAX_OWN:
        raise ArchitectureError(f"{own} formulas of one's own; at most {MAX_OWN} are allowed")


def activation(text: str) -> Activation:
    """Read an activation from the description of a network.

    The text is the name of a known activation, with its option in parentheses (`leaky_relu(slope=0.2)`),
    a formula in z such as `z*tanh(log(1+exp(z)))`, or NAME=FORMULA, which gives the formula a name.
    Spellings of other libraries are known, in upper or lower case: ReLU, logistic, swish.

    Raises:
        ArchitectureError: an unknown or reserved name, an unknown option, an option out of range.
        ExpressionError: a formula outside the grammar, or one that does not depend on z.
    """
    text = text.strip()
    if not text:
        raise ArchitectureError("an activation is empty; write its name, such as tanh, or a formula in z")
    with_options = WITH_OPTIONS.fullmatch(text)
    if with_options:
        name, options = with_options.groups()
        return _with_option(_known(name), options)
    if IDENTIFIER.fullmatch(text) and text not in (str(Z), *CONSTANTS):
        return ACTIVATIONS[_known(text)]
    name, formula = named_formula(text)
    if formula != text:
        check_identifier(name, "activation", reserved=RESERVED)
    return custom_activation(formula, name)


def _known(name: str) -> str:
    found = spelled(name, ACTIVATIONS, ACTIVATION_SYNONYMS)
    if found is None:
        raise ArchitectureError(unknown("activation", name, ACTIVATIONS, ACTIVATION_SYNONYMS))
    return found


def _with_option(name: str, written: str) -> Activation:
    """An activation with its option."""
    family = FAMILIES.get(name)
    known = {family.option: family.default} if family else {}
    given = read_options(f"activation {name}", written, known)
    if family is None or given == known:
        return ACTIVATIONS[name]
    number = given[family.option]
    text = number_text(number)
    plain = ACTIVATIONS[name]
    return replace(
        plain,
        name=f"{name}({family.option}={text})",
        expression=_member(name, written_number(number)),
        written=family.member(decimal_number(number)),
        formula=family.formula.format(text),
        has_options=True,
    )


@lru_cache(maxsize=256)
def custom_activation(formula: str, name: str = "") -> Activation:
    """A user's activation, from its formula in z.

    Raises:
        ExpressionError: the formula lies outside the grammar, or does not depend on z.
    """
    expression = read_formula(formula, Z)
    if not varies(expression, Z):
        raise ExpressionError(f"formula {shown(formula)} does not depend on z{option_hint(formula)}")
    written = read_formula(formula, Z, as_written=True)
    return Activation(name or expression_text(written), expression, " ".join(formula.split()), written=written)


def read_function(text: str) -> tuple[Expr, list[Symbol]]:
    """Read a function of any variables: its expression, and the variables sorted by name.

    Raises:
        ExpressionError: the text lies outside the grammar.
        ArchitectureError: a variable has a reserved name.
    """
    names = sorted(set(_VARIABLE.findall(text)) - {*FORMULA_FUNCTIONS, *CONSTANTS})
    for name in names:
        check_identifier(name, "variable", reserved=("value", "hessian", "inf"), allowed=("x", "y", "C", "N", "theta"))
        if name.endswith("_bar") or "_of_" in name:
            raise ArchitectureError(f"variable {name!r} has the form of a derivative's name; choose another")
    variables = [Symbol(name, real=True) for name in names]
    expression = read_formula(text, *variables)
    return expression, [symbol for symbol in variables if symbol in expression.free_symbols]


def read_formula(formula: str, *variables: Symbol, as_written: bool = False) -> Expr:
    """Read a user's formula in the given variables, for code or as it was typed.

    Raises:
        ExpressionError: the formula lies outside the grammar.
    """
    known = {str(symbol): symbol for symbol in variables}
    return read_expression(formula, known, FORMULA_FUNCTIONS, as_written=as_written)


def option_hint(formula: str) -> str:
    """A hint for a function called with only a number: leaky_relu(0.2) should be leaky_relu(slope=0.2)."""
    called = _OF_A_NUMBER.fullmatch(formula.strip())
    name = spelled(called[1], FORMULA_FUNCTIONS, FUNCTION_SYNONYMS) if called else None
    if called is None or name is None:
        return ""
    options = FORMULA_FUNCTIONS[name].options
    return "".join(f"; an option is given by name: {name}({option}={called[2]})" for option in options)
