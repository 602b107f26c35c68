"""The public API: from an architecture to its derivation, its code and its checks, one line a stage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from html import escape
from types import ModuleType
from typing import Any

from sympy import Expr, Symbol

from symnet.activations import read_function
from symnet.architecture import Network, forward_equations
from symnet.chain_rule import reverse_sweep
from symnet.document import Document, render
from symnet.emit import Source, function_module, numpy_module, scalar_module
from symnet.equations import Program
from symnet.errors import ArchitectureError, ExpressionError, NotDifferentiableError
from symnet.explain import Options, Values, assure, derivation_document, listing_latex, listing_mathml
from symnet.gradient_check import Gradcheck, check_gradients
from symnet.layers import ActivatedLayer, Initial
from symnet.modules import module_from_source
from symnet.names import shown, unknown, visible
from symnet.notation.profile import load_notation
from symnet.scalar_form import Naming, ScalarForm, derivative_program, scalar_form
from symnet.simplify import (
    OPERATIONS,
    ExpressionCounts,
    NetworkCounts,
    compare_methods,
    count_function,
    count_program,
    open_logarithms,
    optimize,
    simplify,
    use_stable_forms,
)

FORMS = ("array", "scalar")


@dataclass(frozen=True)
class Derivation:
    """A network with its equations.

    Attributes:
        network: the architecture.
        forward: the forward program, up to the loss C.
        equations: forward and backward as notes write them: δ = (p - y)/N, σ' = a(1 - a).
        program: the same as code computes it, with shared subexpressions.
        initial: how each parameter starts.
    """

    network: Network
    forward: Program
    equations: Program
    program: Program
    initial: dict[str, Initial]

    @property
    def gradients(self) -> dict[str, str]:
        """The array that holds the gradient of each parameter."""
        return {array.name: self.program.outputs[array.name] for array in self.forward.parameters}

    def scalar_form(self, naming: Naming | None = None) -> ScalarForm:
        """Every unit and weight as a SymPy symbol, and every ∂C/∂w as a formula of its own, for one row."""
        return scalar_form(self.equations, naming)

    def count(self, weights: Mapping[str, float] | None = None) -> NetworkCounts:
        """What the loss and all its derivatives cost by each method, for one row."""
        _check_weights(weights)
        return compare_methods(use_stable_forms(self.forward), self.equations, weights)

    def document(self, notation: str = "symnet", *, values: Values | None = None, **options: Any) -> Document:
        """The derivation as a document, to be written in any format.

        Every equation is read back as it is printed and held to the network at random numbers, or at the
        values that are given.

        Args:
            notation: a built-in notation or the path of a TOML file; see `docs/notations.md`.
            values: numbers to work it through with, as `explain.read_values` reads them.
            options: form ("index", "scalar" or "matrix"), detail ("full" or "brief"), digits (1 to 15), counts.

        Raises:
            NotationError: an unknown notation or option, or a scalar form of more than 40 parameters.
            VerificationError: an equation does not hold, which would be a fault of symnet.
        """
        profile = load_notation(notation)
        chosen = Options(values=values, **options)
        derived = derivation_document(self.network, profile, chosen)
        assure(derived, chosen)
        return replace(derived.document, module=generate(self.network))

    def render(self, format: str = "text", notation: str = "symnet", **options: Any) -> str:  # noqa: A002
        """The derivation in a format: tex, fragment, beamer, markdown, myst, quarto, ipynb, html or text.

        Options and errors are those of `document`.
        """
        return render(self.document(notation, **options), format)

    def to_latex(self, notation: str = "symnet", *, standalone: bool = False, **options: Any) -> str:
        r"""The derivation as LaTeX: to `\input` into a document, or `standalone` one that compiles as it is."""
        return self.render("tex" if standalone else "fragment", notation, **options)

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {listing_latex(self.network, load_notation('symnet'))}$"

    def _repr_html_(self) -> str:
        equations = "".join(f"<p>{line}</p>" for line in listing_mathml(self.network, load_notation("symnet")))
        return f"<div><p><strong>{escape(visible(self.network.title))}</strong></p>{equations}</div>"

    @cached_property
    def operations(self) -> dict[str, int]:
        """The operations of loss and gradients for one row, by kind."""
        return dict(count_program(self.program))


def derive(network: Network) -> Derivation:
    """The gradient of the loss by every parameter, as equations in index notation.

    Raises:
        NotDifferentiableError: a function in the network has no gradient to train with.
        ArchitectureError: the layers do not fit together.
    """
    _check_differentiable(network)
    built = forward_equations(network)
    forward = use_stable_forms(built.program)
    equations = simplify(reverse_sweep(forward, [array.name for array in forward.parameters]))
    return Derivation(network, built.program, equations, optimize(equations), built.initial)


def generate(
    network: Network,
    *,
    dtype: str = "float64",
    forward_only: bool = False,
    target: str = "numpy",
    form: str = "array",
) -> str:
    """The source of a module with the network's functions and their gradients.

    Args:
        network: the architecture.
        dtype: "float64" or "float32"; scalar form is float64.
        forward_only: leave the gradients out; networks with `step` or `sign` need it.
        target: "numpy", or "python" for straight-line code on floats, one row at a time.
        form: "array", or "scalar" for straight-line code in which each weight is a name of its own.

    Raises:
        NotDifferentiableError: a gradient is asked of a function that has none to train with.
        ArchitectureError: the layers do not fit together, or an option is unknown.
    """
    if form not in FORMS:
        raise ArchitectureError(unknown("form", form, FORMS))
    if target != "numpy" or form == "scalar":
        if forward_only or dtype != "float64":
            raise ArchitectureError("scalar form is written with gradients and in float64 only")
        return scalar_module(network, open_logarithms(derive(network).equations), target)
    if forward_only:
        built = forward_equations(network)
        program = optimize(use_stable_forms(built.program))
        return numpy_module(Source(network, program, built.initial, dtype, forward_only=True))
    derivation = derive(network)
    return numpy_module(Source(network, derivation.program, derivation.initial, dtype))


def compile(network: Network, *, dtype: str = "float64", forward_only: bool = False) -> ModuleType:  # noqa: A001
    """The generated module, imported. Arguments and errors are those of `generate`."""
    return module_from_source(generate(network, dtype=dtype, forward_only=forward_only), "symnet_generated")


def gradcheck(subject: Network | ModuleType, **options: Any) -> Gradcheck:
    """Compare every gradient of a network or of a generated module with central differences.

    The options and errors are those of `gradient_check.check_gradients`: points, rows, seed,
    tolerance. The report is true if all gradients agree.
    """
    return check_gradients(compile(subject) if isinstance(subject, Network) else subject, **options)


def count(network: Network, weights: Mapping[str, float] | None = None) -> NetworkCounts:
    """What the loss and all its derivatives cost by each method, for one row.

    Args:
        network: the architecture.
        weights: of single operations (`add`, `multiply`, `divide`, `sqrt`, `exp`, ...), 1 where none is given.

    Raises as `derive` does.
    """
    return derive(network).count(weights)


def count_expression(
    formula: str, with_respect_to: Sequence[str] = (), weights: Mapping[str, float] | None = None
) -> ExpressionCounts:
    """What a function of your own and its derivatives cost, written out and with intermediates.

    Args:
        formula: in the grammar of formulas, in variables of any name.
        with_respect_to: the variables of the gradient; all, if none is named.
        weights: as in `count`.

    Raises:
        ExpressionError, ArchitectureError: the formula lies outside the grammar, or a name is wrong.
    """
    _check_weights(weights)
    expression, variables, chosen = _function(formula, with_respect_to)
    program = optimize(simplify(derivative_program(expression, variables, chosen)))
    return count_function(expression, program, chosen, weights)


def differentiate(
    formula: str, with_respect_to: Sequence[str] = (), *, target: str = "numpy", hessian: bool = False
) -> str:
    """The source of a module with a function of your own, its gradient and, if asked for, its Hessian.

    Arguments and errors are those of `count_expression`; target is "numpy" or "python".
    """
    expression, variables, chosen = _function(formula, with_respect_to)
    program = simplify(derivative_program(expression, variables, chosen, hessian=hessian))
    return function_module(formula, program, [str(symbol) for symbol in variables], list(map(str, chosen)), target)


def _check_weights(weights: Mapping[str, float] | None) -> None:
    """Raise if a weight is given to what is never counted."""
    for name in weights or {}:
        if name not in OPERATIONS:
            raise ArchitectureError(unknown("operation", name, OPERATIONS))


def _function(formula: str, with_respect_to: Sequence[str]) -> tuple[Expr, list[Symbol], list[Symbol]]:
    expression, variables = read_function(formula)
    if not variables:
        raise ExpressionError(f"formula {shown(formula)} has no variable to differentiate by")
    known = {str(symbol): symbol for symbol in variables}
    for name in with_respect_to:
        if name not in known:
            raise ArchitectureError(unknown("variable", name, known))
    return expression, variables, [known[name] for name in dict.fromkeys(with_respect_to)] or variables


def _check_differentiable(network: Network) -> None:
    flat: Sequence[str] = [
        f"layer {number}: {layer.function.name} cannot be trained through: its derivative is 0 wherever it has "
        "one, so nothing before it would ever change; forward use (--forward-only) is possible"
        for number, layer in enumerate(network.layers, start=1)
        if isinstance(layer, ActivatedLayer) and layer.function.is_flat
    ]
    if flat:
        raise NotDifferentiableError(flat[0])
