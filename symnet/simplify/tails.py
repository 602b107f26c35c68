"""Accuracy in the tails: equations in which every entry has a small relative error, whatever the size of the others.

Forms through the forward value are cheap but lose relative digits where an activation saturates: a(1 - a) where a
is near 1, p - y where p is near y = 1. The passes here give a derivation accurate forms:

    σ' = σ(z) σ(-z)              tanh' = 1/cosh(z)²         1 - σ(z) = σ(-z)      1 - p_k = Sum of the other p_m
    elu' = exp(min(z, 0))        z σ(z) = silu(z)           a - y = a (1 - y) - y (1 - a)

`choose_derivatives` goes before the sweep: functions with an accurate slope are put there by twins that differ in
their derivative alone, and `restore_functions` takes them back after it. Softmax has a rule of its own for that in
`chain_rule`. The algebra then finds (1 - y) σ(z) - y σ(-z) for δ by itself. `use_complements` goes before that
algebra, `separate_differences` behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

from sympy import Add, Expr, Indexed, Mul, tanh

from symnet.core import Program, definition_at
from symnet.functions import (
    BY_CLASS,
    FUNCTIONS,
    AccurateSoftmax,
    leave_one_out,
    mish,
    sigmoid,
    sigmoid_slope,
    softmax,
    softplus,
)
from symnet.simplify.rewriting import rewrite_nodes


@cache
def _twin(function: type) -> type | None:
    """The function under another name and with another derivative; None if its usual one is accurate."""
    if function is softmax:
        return AccurateSoftmax
    slope = _accurate_slopes().get(function)
    if slope is None:
        return None
    fdiff = {"fdiff": lambda self, argindex=1: slope(self.args[0]), "original": function}
    return type(f"{function.__name__}_twin", (function,), fdiff)


def _accurate_slopes() -> dict[type, Callable[[Expr], Expr]]:
    """The derivatives of functions that usually have one through their own value."""
    own = {kind: record.accurate_slope for kind, record in BY_CLASS.items() if record.accurate_slope is not None}
    return own | {record.slope_of: record.build for record in FUNCTIONS.values() if record.slope_of is not None}


def _original(function: type) -> type | None:
    """The function that a twin is of; None if it is none."""
    return softmax if function is AccurateSoftmax else getattr(function, "original", None)


@cache
def _product_with(gate: type) -> Callable[[Expr], Expr] | None:
    """By gate g, the function z·g(z)."""
    return next((record.build for record in FUNCTIONS.values() if record.product_of is gate), None)


def choose_derivatives(program: Program) -> Program:
    """Replace functions by twins whose derivatives are accurate in the tails."""

    def chosen(node: Expr) -> Expr:
        if isinstance(node, Mul):
            return _gated(node)
        twin = _twin(node.func)
        return node if twin is None else twin(*node.args)

    return rewrite_nodes(program, chosen, "accurate form")


def restore_functions(program: Program) -> Program:
    """The program after the sweep with the public functions restored: replaces the twins of `choose_derivatives`."""

    def restored(node: Expr) -> Expr:
        original = _original(node.func)
        return node if original is None else original(*node.args)

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
        function = _product_with(_original(gate.func) or gate.func)
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
