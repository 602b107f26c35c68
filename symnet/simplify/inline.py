"""Substitution of a cotangent into its one consumer, where the algebra makes it worth while.

So δ of softmax with cross-entropy becomes (p - y)/N: the cotangent of p, -y/(N p), goes into the
equation of the cotangent of z, factors cancel, and what is left of a sum is Sum(y, k) = 1.
"""

from __future__ import annotations

from dataclasses import replace

from sympy import Expr, Indexed, Sum

from symnet.equations import Equation, Program, bound_apart, substitute
from symnet.simplify.counts import cost
from symnet.simplify.tidy import tidy


def tidy_cotangents(program: Program) -> Program:
    """Bring every cotangent to its cheapest form, putting elementwise ones into their consumer where that pays.

    A cotangent is put into its consumer if it has only one, is no output, and is free of sums or
    merely copied, and if both together then take no more operations. What that brings about may let
    another be put in, so it is done until nothing changes.
    """
    tidied = _tidied_once(program)
    while tidied.equations != program.equations:
        program, tidied = tidied, _tidied_once(tidied)
    return tidied


def _tidied_once(program: Program) -> Program:
    consumers: dict[str, list[str]] = {}
    for equation in program.equations:
        for name in program.dependencies[equation.name]:
            consumers.setdefault(name, []).append(equation.name)
    current: dict[str, Equation] = {}
    outputs = set(program.outputs.values())
    for equation in program.equations:
        if equation.array.role == "cotangent":
            equation = _tidied(program, equation)
            for name in program.dependencies[equation.name]:
                source = current.get(name)
                if source is None or source.array.role != "cotangent":
                    continue
                if source.rhs.is_Rational:
                    equation = _with_number(program, equation, source)
                if name in outputs or consumers[name] != [equation.name]:
                    continue
                merged = _merged(program, equation, source)
                if merged is not None:
                    equation = merged
                    del current[name]
        current[equation.name] = equation
    return program.with_equations(current.values())


def _with_number(program: Program, equation: Equation, source: Equation) -> Equation:
    """The consumer of a cotangent that is a number, such as the seed C_bar = 1, with the number put in."""
    rhs = tidy(program, substitute(equation.rhs, {source.lhs: source.rhs}))
    return equation.rewritten(rhs, f"{source.name} put in", [source.name])


def _tidied(program: Program, equation: Equation) -> Equation:
    rhs = tidy(program, equation.rhs)
    return equation if rhs == equation.rhs else equation.rewritten(rhs, "factors collected")


def _merged(program: Program, equation: Equation, source: Equation) -> Equation | None:
    """The consumer with its operand written out, or None where that does not pay."""
    copied = equation.rhs == source.lhs
    if not copied and (source.rhs.has(Sum) or source.rhs.is_Rational):
        return None
    rhs = tidy(program, _written_out(program, equation.rhs, source))
    if not copied and cost(rhs) > cost(equation.rhs) + cost(source.rhs):
        return None
    merged = equation.rewritten(rhs, f"{source.name} put in", [source.name, *program.uses(source.rhs)])
    return replace(merged, steps=(*source.steps, *merged.steps)) if copied else merged


def _written_out(program: Program, rhs: Expr, source: Equation) -> Expr:
    """`rhs` with the definition of an array at each place where it stands, its bound indices kept apart."""
    if not source.array.indices:
        return substitute(rhs, {source.lhs: source.rhs})
    replacements = {}
    for node in rhs.atoms(Indexed):
        if node.base.name == source.name:
            apart = bound_apart(source.rhs, {str(idx) for idx in node.indices})
            replacements[node] = substitute(apart, dict(zip(source.array.indices, node.indices, strict=True)))
    return substitute(rhs, replacements)
