"""Reuse of computed values: forward values in derivatives, and originals in place of copies."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from sympy import Expr, Indexed, Mul, Pow, Sum, exp

from symnet.core import Equation, Program, definition_at, is_plain, references, substitute, sums, written_order
from symnet.counts import cost

MAX_SEARCHED = 300
"""SymPy searches right-hand sides of up to this many operations for parts of products; larger ones take seconds."""


def reuse_forward_values(program: Program) -> Program:
    """Replace subexpressions of cotangents that equal a forward value by that value.

    So sigmoid' = sigmoid(z)(1 - sigmoid(z)) becomes a(1 - a), and tanh' = 1 - tanh(z)² becomes 1 - a².
    """
    known: dict[str, list[_Forward]] = defaultdict(list)
    equations = []
    for equation in program.equations:
        rhs = equation.rhs
        used: list[str] = []
        if equation.array.role == "cotangent":
            for name in program.dependencies[equation.name]:
                for forward in known[name]:
                    replaced = forward.put_into(rhs)
                    if replaced != rhs and cost(replaced) <= cost(rhs):
                        rhs, used = replaced, [*used, forward.equation.name]
        elif _is_elementwise(equation):
            forward = _Forward(equation)
            for name in program.dependencies[equation.name]:
                known[name].append(forward)
        equations.append(equation.rewritten(rhs, "forward value reused", used) if used else equation)
    return program.with_equations(equations)


def _is_elementwise(equation: Equation) -> bool:
    return not sums(equation.rhs) and bool(equation.rhs.args) and not isinstance(equation.rhs, Indexed)


class _Forward:
    """An elementwise forward equation, as a pattern that matches at any indices."""

    def __init__(self, equation: Equation) -> None:
        self.equation = equation
        found = sorted(references(equation.rhs), key=written_order)
        self.pattern = max(found, key=lambda node: len(node.indices)) if found else None

    def put_into(self, rhs: Expr) -> Expr:
        """`rhs` with every instance of the equation's right-hand side replaced by its left-hand side."""
        array, pattern = self.equation.array, self.pattern
        if pattern is None:
            return rhs if array.indices else _with(rhs, self.equation.rhs, array.reference)
        if not set(array.indices) <= set(pattern.indices):
            return rhs
        for reference in sorted((node for node in references(rhs) if node.base == pattern.base), key=written_order):
            renamed = dict(zip(pattern.indices, reference.indices, strict=True))
            places = tuple(substitute(idx, renamed) for idx in array.indices)
            new, definition = array.at(places), definition_at(self.equation, places)
            rhs = rhs if definition is None else _with(rhs, definition, new)
        return rhs


def _with(rhs: Expr, old: Expr, new: Expr) -> Expr:
    """Replace `old` by `new`, also inside products, inverses and powers, by SymPy's `subs`."""
    rhs = substitute(rhs, {old: new})
    inside = isinstance(old, Mul | Pow | exp) and not rhs.has(Sum) and cost(rhs) <= MAX_SEARCHED
    return rhs.subs(old, new) if inside else rhs


def remove_copies(program: Program) -> Program:
    """Drop equations that only copy an array or a number, and use the original instead.

    An array of one number stays where it is used outside of its range, as at [n,t-1]: there it is 0.
    """
    shifted = {
        node.base.name for equation in program.equations for node in references(equation.rhs) if not is_plain(node)
    }
    renamed: dict[str, Expr] = {}
    equations: list[Equation] = []
    public_names: dict[str, list[str]] = defaultdict(list)
    for public, name in program.outputs.items():
        public_names[name].append(public)
    outputs = dict(program.outputs)
    for equation in program.equations:
        if not renamed.keys().isdisjoint(program.dependencies[equation.name]):
            equation = replace(equation, rhs=_with_originals(program, equation.rhs, renamed))
        original = _original(program, equation)
        asked = public_names[equation.name]
        if original is None or (original.is_Rational and (asked or equation.name in shifted)):
            equations.append(equation)
            continue
        renamed[equation.name] = original
        outputs |= {public: program.name_of(original) or "" for public in asked}
    return replace(program.with_equations(equations), outputs=outputs)


def _original(program: Program, equation: Equation) -> Expr | None:
    """The original of a copy: a number, or an array that an equation defines, at the same indices. Else None."""
    rhs = equation.rhs
    if rhs.is_Rational:
        return rhs
    name = program.name_of(rhs)
    same = rhs.indices == equation.array.indices if isinstance(rhs, Indexed) else not equation.array.indices
    return rhs if same and name in program.by_name else None


def _with_originals(program: Program, rhs: Expr, renamed: dict[str, Expr]) -> Expr:
    replacements = {}
    for node in program.operands(rhs):
        original = renamed.get(program.name_of(node) or "")
        if original is not None:
            moved = isinstance(original, Indexed) and isinstance(node, Indexed)
            replacements[node] = original.base[node.indices] if moved else original
    return substitute(rhs, replacements)
