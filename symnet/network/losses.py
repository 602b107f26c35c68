"""Losses: each is a formula in one output `a` and its target `y`, summed over outputs and over the batch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Literal

from sympy import Abs, Expr, Rational, Symbol, log, pi

from symnet.core import expression_text
from symnet.functions import decimal_number, huber, relu
from symnet.network.activations import RESERVED, option_hint, read_formula
from symnet.network.formulas import varies
from symnet.support import (
    CONSTANTS,
    IDENTIFIER,
    LOSS_SYNONYMS,
    WITH_OPTIONS,
    ArchitectureError,
    ExpressionError,
    check_identifier,
    named_formula,
    read_options,
    shown,
    spelled,
    unknown,
)

A = Symbol("a", real=True)
Y = Symbol("y", real=True)
UNITS = Symbol("K", positive=True)
"""The number of outputs in the formula of a loss."""

Targets = Literal["real", "probabilities", "unit interval", "signs"]


@dataclass(frozen=True)
class Option:
    """A positive number that a loss takes; if it has no default, it is a learned parameter unless given."""

    symbol: Symbol
    default: float | None = None


@dataclass(frozen=True)
class LossKind:
    """A loss with its options open.

    Attributes:
        name: its name in the description of a network.
        expression: the loss of one output, in `A`, `Y`, `UNITS` and the symbols of its options.
        formula: the textbook formula for one row, for readers.
        targets: the kind of `y`: real numbers; rows of probabilities or integer labels; numbers in [0, 1]; -1 or 1.
        output: the default output activation.
        only: whether no other output activation is allowed.
        options: by name.
        written: the expression with decimals as they were typed, if different; for pages.
    """

    name: str
    expression: Expr
    formula: str = field(compare=False)
    targets: Targets = "real"
    output: str = "identity"
    only: bool = False
    options: Mapping[str, Option] = field(default_factory=dict)
    written: Expr | None = field(default=None, compare=False)


_DELTA = Option(Symbol("delta", positive=True), 1.0)
_BETA = Option(Symbol("beta", positive=True))
_RESIDUAL = A - Y

LOSSES: dict[str, LossKind] = {
    kind.name: kind
    for kind in (
        LossKind("half_squared_error", _RESIDUAL**2 / 2, "Sum((a_k - y_k)**2, k)/2"),
        LossKind("squared_error", _RESIDUAL**2, "Sum((a_k - y_k)**2, k)"),
        LossKind("mean_squared_error", _RESIDUAL**2 / UNITS, "Sum((a_k - y_k)**2, k)/K"),
        LossKind("absolute_error", Abs(_RESIDUAL), "Sum(|a_k - y_k|, k)"),
        LossKind("mean_absolute_error", Abs(_RESIDUAL) / UNITS, "Sum(|a_k - y_k|, k)/K"),
        LossKind(
            "huber",
            huber(_RESIDUAL, _DELTA.symbol),
            "Sum(r_k**2/2 where |r_k| <= delta, else delta (|r_k| - delta/2), k) with r = a - y",
            options={"delta": _DELTA},
        ),
        LossKind(
            "cross_entropy",
            -Y * log(A),
            "-Sum(y_k log(a_k), k)",
            targets="probabilities",
            output="softmax",
            only=True,
        ),
        LossKind(
            "binary_cross_entropy",
            -(Y * log(A) + (1 - Y) * log(1 - A)),
            "-Sum(y_k log(a_k) + (1 - y_k) log(1 - a_k), k)",
            targets="unit interval",
            output="sigmoid",
            only=True,
        ),
        LossKind(
            "gaussian_nll",
            _BETA.symbol * _RESIDUAL**2 / 2 - log(_BETA.symbol) / 2 + log(2 * pi) / 2,
            "Sum(beta (a_k - y_k)**2 - log(beta) + log(2 pi), k)/2",
            options={"beta": _BETA},
        ),
        LossKind("perceptron", relu(-Y * A), "Sum(max(-y_k a_k, 0), k)", targets="signs"),
        LossKind("hinge", relu(1 - Y * A), "Sum(max(1 - y_k a_k, 0), k)", targets="signs"),
    )
}


RESERVED_LOSSES = RESERVED | {*LOSSES, str(A), str(Y)}
"""Names that a user's loss cannot have."""


@dataclass(frozen=True, repr=False)
class Loss:
    """A loss of a network: its kind and the given options."""

    kind: LossKind
    given: tuple[tuple[str, float], ...] = ()

    @property
    def name(self) -> str:
        return self.kind.name

    @property
    def is_custom(self) -> bool:
        return self.name not in LOSSES

    @property
    def text(self) -> str:
        """The text for this loss in the description of a network."""
        if self.is_custom:
            anonymous = self.name == expression_text(self.kind.written or self.kind.expression)
            return self.kind.formula if anonymous else f"{self.name}={self.kind.formula}"
        options = ",".join(f"{name}={number!r}" for name, number in self.given)
        return f"{self.name}({options})" if options else self.name

    def __repr__(self) -> str:
        return repr(self.text)

    @property
    def expression(self) -> Expr:
        """The loss of one output in `A`, `Y` and `UNITS`, with numbers for all options except learned ones."""
        numbers = dict(self.given)
        return self.kind.expression.xreplace(
            {
                option.symbol: Rational(repr(number))
                for name, option in self.kind.options.items()
                if (number := numbers.get(name, option.default)) is not None
            }
        )

    @property
    def as_written(self) -> Loss:
        """The same loss with decimals as they were typed, for pages."""
        numbers = {
            self.kind.options[name].symbol: decimal_number(Fraction(repr(number))) for name, number in self.given
        }
        shown = (self.kind.written or self.kind.expression).xreplace(numbers)
        return replace(self, kind=replace(self.kind, expression=shown))

    @property
    def learned(self) -> tuple[str, ...]:
        """The options that are parameters of the network."""
        given = dict(self.given)
        return tuple(name for name, option in self.kind.options.items() if option.default is None and name not in given)


def loss(text: str) -> Loss:
    """Read a loss from the description of a network.

    The text is the name of a known loss, with options in parentheses (`huber(delta=0.5)`), a formula in
    a and y such as `log(cosh(a - y))`, or NAME=FORMULA.

    Raises:
        ArchitectureError: an unknown or reserved name, an unknown option, an option out of range.
        ExpressionError: a formula outside the grammar.
    """
    text = text.strip()
    if not text:
        raise ArchitectureError("a loss is empty; write its name, such as cross_entropy, or a formula in a and y")
    with_options = WITH_OPTIONS.fullmatch(text)
    if with_options:
        name, options = with_options.groups()
        kind = _known(name)
        given = read_options(f"loss {kind.name}", options, kind.options)
        return Loss(kind, tuple(sorted((option, float(number)) for option, number in given.items())))
    if IDENTIFIER.fullmatch(text) and text not in (str(A), str(Y), *CONSTANTS):
        return Loss(_known(text))
    name, formula = named_formula(text)
    if formula != text:
        check_identifier(name, "loss", reserved=RESERVED_LOSSES)
    return custom_loss(formula, name)


def custom_loss(formula: str, name: str = "") -> Loss:
    """A user's loss, from its formula in one output `a` and its target `y`.

    Raises:
        ExpressionError: the formula lies outside the grammar, or does not depend on a.
    """
    expression = read_formula(formula, A, Y)
    if not varies(expression, A):
        raise ExpressionError(f"formula {shown(formula)} does not depend on the output a{option_hint(formula)}")
    written = read_formula(formula, A, Y, as_written=True)
    return Loss(LossKind(name or expression_text(written), expression, " ".join(formula.split()), written=written))


def _known(name: str) -> LossKind:
    found = spelled(name, LOSSES, LOSS_SYNONYMS)
    if found is None:
        raise ArchitectureError(unknown("loss", name, LOSSES, LOSS_SYNONYMS))
    return LOSSES[found]
