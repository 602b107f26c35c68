"""Substitution of a cotangent into its only consumer, where that saves operations.

So δ of softmax with cross-entropy becomes (p - y)/N: the cotangent of p, -y/(N p), goes into the
equation of the cotangent of z, factors cancel, and the remaining sum is Sum(y, k) = 1.
"""

from __future__ import annotations

from dataclasses import replace

from sympy import Expr, Sum

from symnet.core import Equation, Program, definition_at, references, substitute
from symnet.counts import cost
from symnet.simplify.tidy import tidy

_Operands = tuple[tuple[Equation, bool], ...]
"""The cotangents that an equation refers to, each with whether it may be substituted: it has no other consumer."""

_Surroundings = tuple[Equation, _Operands]
"""The input of one rewrite: an equation and its cotangents. The result depends on nothing else."""


def tidy_cotangents(program: Program) -> Program:
    """Bring every cotangent to its cheapest form, and substitute elementwise ones into their consumer.

    A cotangent is substituted if it has one consumer, is no output, and is free of sums or merely
    copied, and if the result takes no more operations than both equations. One substitution may enable
    another, so rounds are repeated until nothing changes.
    """
    settled: dict[str, _Surroundings] = {}
    tidied = _tidied_once(program, settled)
    while tidied.equations != program.equations:
        program, tidied = tidied, _tidied_once(tidied, settled)
    return tidied


def _tidied_once(program: Program, settled: dict[str, _Surroundings]) -> Program:
    """One round over all cotangents; skips those that an earlier round left unchanged with the same operands."""
    consumers: dict[str, list[str]] = {}
    for equation in program.equations:
        for name in program.dependencies[equation.name]:
            consumers.setdefault(name, []).append(equation.name)
    current: dict[str, Equation] = {}
    outputs = set(program.outputs.values())
    for equation in program.equations:
        if equation.array.role == "cotangent":
            sources = [current[name] for name in program.dependencies[equation.name] if name in current]
            operands = tuple(
                (source, source.name not in outputs and consumers[source.name] == [equation.name])
                for source in sources
                if source.array.role == "cotangent"
            )
            if settled.get(equation.name) != (equation, operands):
                around = equation, operands
                equation, put_in = _worked(program, equation, operands)
                for name in put_in:
                    del current[name]
                if equation is around[0]:
                    settled[equation.name] = around
        current[equation.name] = equation
    return program.with_equations(current.values())


def _worked(program: Program, equation: Equation, operands: _Operands) -> tuple[Equation, list[str]]:
    """An equation in its cheapest form, with operands substituted where that pays, and their names."""
    equation = _tidied(program, equation)
    put_in = []
    for source, movable in operands:
        if source.rhs.is_Rational:
            equation = _with_number(program, equation, source)
        merged = _merged(program, equation, source) if movable else None
        if merged is not None:
            equation = merged
            put_in.append(source.name)
    return equation, put_in


def _with_number(program: Program, equation: Equation, source: Equation) -> Equation:
    """The consumer with a constant cotangent, such as the seed C_bar = 1, replaced by its number."""
    written_out = _written_out(equation.rhs, source)
    if written_out is None or written_out == equation.rhs:
        return equation
    rhs = tidy(program, written_out)
    return equation.rewritten(rhs, f"{source.name} put in", [source.name])


def _tidied(program: Program, equation: Equation) -> Equation:
    rhs = tidy(program, equation.rhs)
    return equation if rhs == equation.rhs else equation.rewritten(rhs, "factors collected")


def _merged(program: Program, equation: Equation, source: Equation) -> Equation | None:
    """The consumer with its operand substituted, or None if that does not pay."""
    copied = equation.rhs == source.lhs
    if not copied and (source.rhs.has(Sum) or source.rhs.is_Rational):
        return None
    written_out = _written_out(equation.rhs, source)
    if written_out is None:
        return None
    rhs = tidy(program, written_out)
    if not copied and cost(rhs) > cost(equation.rhs) + cost(source.rhs):
        return None
    merged = equation.rewritten(rhs, f"{source.name} put in", [source.name, *program.uses(source.rhs)])
    return replace(merged, steps=(*source.steps, *merged.steps)) if copied else merged


def _written_out(rhs: Expr, source: Equation) -> Expr | None:
    """`rhs` with all references to an array replaced by its definition, or None if one cannot be."""
    if not source.array.indices:
        return substitute(rhs, {source.lhs: source.rhs})
    places = [node for node in references(rhs) if node.base.name == source.name]
    found = {node: definition for node in places if (definition := definition_at(source, node.indices)) is not None}
    return substitute(rhs, found) if len(found) == len(places) else None
