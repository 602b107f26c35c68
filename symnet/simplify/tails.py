"""Accurate in the tails: equations whose every entry keeps its digits, whatever the size of the others.

Forms through the forward value are cheap and lose relative digits where an activation levels off: a(1 - a) where a
is near 1, p - y where p is near y = 1. The passes here give a derivation the other forms:

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

from symnet.equations import Program, definition_at
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
    """What z times a gate of z is."""
    return next((record.build for record in FUNCTIONS.values() if record.product_of is gate), None)


def choose_derivatives(program: Program) -> Program:
    """A forward program whose functions have derivatives that are accurate in the tails."""

    def chosen(node: Expr) -> Expr:
        if isinstance(node, Mul):
            return _gated(node)
        twin = _twin(node.func)
        return node if twin is None else twin(*node.args)

    return rewrite_nodes(program, chosen, "accurate form")


def restore_functions(program: Program) -> Program:
    """The program that the sweep has made of `choose_derivatives`, with the public functions restored."""

    def restored(node: Expr) -> Expr:
        original = _original(node.func)
        return node if original is None else original(*node.args)

    return rewrite_nodes(program, restored, "accurate form")


def use_complements(program: Program) -> Program:
    """Put σ(-z) for 1 - a where a is the sigmoid of z, and the sum of the others for 1 - p where p is a softmax."""

    def complemented(node: Expr) -> Expr:
        rest = 1 - node if isinstance(node, Add) else node
        return _complement(program, rest) or node if isinstance(rest, Indexed) and rest is not node else node

    return rewrite_nodes(program, complemented, "complement")


def separate_differences(program: Program) -> Program:
    """Write what is left of a(1 - y) - y(1 - a) and of a - y so that nothing cancels, and σ(z) σ(-z) as one slope."""

    def separated(node: Expr) -> Expr:
        if isinstance(node, Add):
            return _difference(program, node)
        return _slope(program, node) if isinstance(node, Mul) else node

    return rewrite_nodes(program, separated, "nothing cancels")


def _gated(node: Mul) -> Expr:
    """z·σ(z) and its like within a product; the gates are twins by then, or what has none."""
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
    """What a reference such as a1[n,j] stands for, if an elementwise equation or a softmax defines it."""
    equation = program.by_name.get(program.name_of(node) or "") if isinstance(node, Indexed) else None
    return None if equation is None else definition_at(equation, node.indices)


def _complement(program: Program, node: Expr) -> Expr | None:
    """1 - node, where the node is the value of a sigmoid or of a softmax."""
    definition = _definition(program, node)
    if isinstance(definition, sigmoid):
        return sigmoid(-definition.args[0])
    if isinstance(definition, softmax) and definition.args[1] in node.indices:
        return leave_one_out(node, definition.args[1])
    return None


def _difference(program: Program, node: Add) -> Expr:
    """A sum of terms in the value a of a sigmoid or a softmax, with the factors of a collected.

    What is c·(a - y) with a target y becomes c·(a (1 - y) - y (1 - a)).
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
    """σ'(z) for a·σ(-z) where a is the sigmoid of z."""
    for factor in node.args:
        definition = _definition(program, factor)
        if isinstance(definition, sigmoid) and sigmoid(-definition.args[0]) in node.args:
            return node / (factor * sigmoid(-definition.args[0])) * sigmoid_slope(definition.args[0])
    return node
