"""Accuracy in the tails: equations in which every entry has a small relative error, whatever the size of the others.

Forms through the forward value are cheap but lose relative digits where an activation saturates: a(1 - a) where a
is near 1, p - y where p is near y = 1. The passes here give a derivation accurate forms:

    σ' = σ(z) σ(-z)              tanh' = 1/cosh(z)²         1 - σ(z) = σ(-z)      1 - p_k = Sum of the other p_m
    elu' = exp(min(z, 0))        z σ(z) = silu(z)           a - y = a (1 - y) - y (1 - a)

`choose_derivatives` runs before the sweep: it replaces the functions of `DERIVATIVES` by twins that differ only in
their derivative, and `restore_functions` replaces the twins after the sweep. Softmax has its own rule for that in
`chain_rule`. The algebra then finds δ = (1 - y) σ(z) - y σ(-z). `use_complements` runs before that algebra,
`separate_differences` after it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sympy import Add, Expr, Indexed, Mul, exp, tanh

from symnet.equations import Program, definition_at
from symnet.equations.functions import (
    AccurateSoftmax,
    elu,
    expm1,
    gaussian,
    gelu_gate,
    gelu_gate_slope,
    leave_one_out,
    norm_cdf,
    selu,
    sigmoid,
    softmax,
    softplus,
)
from symnet.equations.tail_functions import (
    elu_slope,
    gaussian_slope,
    gelu,
    gelu_tanh,
    mish,
    selu_slope,
    sigmoid_slope,
    silu,
    tanh_slope,
)
from symnet.simplify.rewriting import rewrite_nodes

DERIVATIVES: dict[type, Callable[[Expr], Expr]] = {
    sigmoid: lambda z: sigmoid(z) * sigmoid(-z),
    tanh: tanh_slope,
    elu: elu_slope,
    selu: selu_slope,
    gaussian: gaussian_slope,
    expm1: exp,
    gelu_gate: lambda z: gelu_gate(z) * gelu_gate(-z) * gelu_gate_slope(z),
}
"""Accurate derivatives of functions whose usual derivative is written through their value."""


def _twin(function: type, slope: Callable[[Expr], Expr]) -> type:
    """A copy of a function with another name and another derivative."""
    return type(f"{function.__name__}_twin", (function,), {"fdiff": lambda self, argindex=1: slope(self.args[0])})


TWINS: dict[type, type] = {
    **{function: _twin(function, slope) for function, slope in DERIVATIVES.items()},
    softmax: AccurateSoftmax,
}
ORIGINALS = {twin: function for function, twin in TWINS.items()}

GATES: dict[type, Callable[[Expr], Expr]] = {sigmoid: silu, norm_cdf: gelu, gelu_gate: gelu_tanh}
"""By gate g, the function z·g(z)."""


def choose_derivatives(program: Program) -> Program:
    """Replace functions by twins whose derivatives are accurate in the tails."""

    def chosen(node: Expr) -> Expr:
        if isinstance(node, Mul):
            return _gated(node)
        return TWINS[node.func](*node.args) if node.func in TWINS else node

    return rewrite_nodes(program, chosen, "accurate form")


def restore_functions(program: Program) -> Program:
    """The program after the sweep with the public functions restored: replaces the twins of `choose_derivatives`."""

    def restored(node: Expr) -> Expr:
        return ORIGINALS[node.func](*node.args) if node.func in ORIGINALS else node

    return rewrite_nodes(program, restored, "accurate form")


def use_complements(program: Program) -> Program:
    """Replace 1 - a by σ(-z) if a is the sigmoid of z, and 1 - p by the sum of the other entries if p is a softmax."""

    def complemented(node: Expr) -> Expr:
        rest = 1 - node if isinstance(node, Add) else node
        return _complement(program, rest) or node if isinstance(rest, Indexed) and rest is not node else node

    return rewrite_nodes(program, complemented, "complement")


def separate_differences(program: Program) -> Program:
    """Rewrite remaining a(1 - y) - y(1 - a) and a - y without cancellation, and σ(z) σ(-z) as one slope."""

    def separated(node: Expr) -> Expr:
        if isinstance(node, Add):
            return _difference(program, node)
        return _slope(program, node) if isinstance(node, Mul) else node

    return rewrite_nodes(program, separated, "nothing cancels")


def _gated(node: Mul) -> Expr:
    """Replace z·g(z) in a product by its function of `GATES`; gates may have been replaced by twins."""
    for gate in node.args:
        function = GATES.get(ORIGINALS.get(gate.func, gate.func))
        z = gate.args[0] if gate.args else None
        if isinstance(gate, tanh) and isinstance(z, softplus):
            function, z = mish, z.args[0]
        if function is not None and z is not None and _divides(z, node):
            return node / (z * gate) * function(z)
    return node


def _divides(factor: Expr, product: Mul) -> bool:
    """Whether all factors of one product are among those of another."""
    return set(Mul.make_args(factor)) <= set(product.args)


def _definition(program: Program, node: Expr) -> Expr | None:
    """The definition of a reference such as a1[n,j], if an elementwise equation or a softmax defines it, else None."""
    equation = program.by_name.get(program.name_of(node) or "") if isinstance(node, Indexed) else None
    return None if equation is None else definition_at(equation, node.indices)


def _complement(program: Program, node: Expr) -> Expr | None:
    """1 - node without cancellation, if the node is the value of a sigmoid or of a softmax, else None."""
    definition = _definition(program, node)
    if isinstance(definition, sigmoid):
        return sigmoid(-definition.args[0])
    if isinstance(definition, softmax) and definition.args[1] in node.indices:
        return leave_one_out(node, definition.args[1])
    return None


def _difference(program: Program, node: Add) -> Expr:
    """A sum of terms in the value a of a sigmoid or a softmax, with the factors of a collected.

    c·(a - y) with a target y becomes c·(a (1 - y) - y (1 - a)).
    """
    for value in _values(program, node):
        collected = node.collect(value)
        if collected != node and isinstance(collected, Add):
            return collected
        if len(node.args) == 2:
            coefficient = node.coeff(value)
            target = value - node / coefficient if coefficient != 0 else value
            name = program.name_of(target)
            if name is not None and program.array(name).role == "target":
                complement = _complement(program, value) or 1 - value
                return coefficient * (value * (1 - target) - target * complement)
    return node


def _values(program: Program, node: Add) -> Iterator[Expr]:
    """The values of sigmoids and softmaxes among the factors of the terms."""
    factors = {factor: None for term in node.args for factor in Mul.make_args(term)}
    return (factor for factor in factors if isinstance(factor, Indexed) and _complement(program, factor) is not None)


def _slope(program: Program, node: Mul) -> Expr:
    """σ'(z) for a·σ(-z) if a is the sigmoid of z."""
    for factor in node.args:
        definition = _definition(program, factor)
        if isinstance(definition, sigmoid) and sigmoid(-definition.args[0]) in node.args:
            return node / (factor * sigmoid(-definition.args[0])) * sigmoid_slope(definition.args[0])
    return node
