"""Common subexpressions of several equations, computed once as arrays t1, t2, ... of their own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import count

from sympy import Expr, Idx, Indexed, KroneckerDelta, Mul, Pow, Sum, Symbol, cse, numbered_symbols

from symnet.core import Array, Equation, Program, Step, children, indices_of, resummed, substitute, written_order
from symnet.counts import cost
from symnet.functions import ROW_FUNCTIONS


def share_subexpressions(program: Program) -> Program:
    """Give common subexpressions of right-hand sides and bodies of sums an equation of their own.

    SymPy's `cse` finds them, jointly for all bodies with the same free indices. Subexpressions of sizes
    and numbers only are not shared.
    """
    groups: dict[frozenset[Idx], dict[Expr, None]] = defaultdict(dict)

    names: dict[Expr, Symbol] = {}
    for equation in program.equations:
        for body in _bodies(equation.rhs, names):
            if cost(body) >= 1:
                groups[frozenset(indices_of(body))].setdefault(body)
    fresh = (name for number in count(1) if (name := f"t{number}") not in program.declared)
    scalars = {array.base for array in program.declared.values() if not array.indices}
    sums = set(names.values())
    shared: list[Equation] = []
    rewritten: dict[Expr, Expr] = {}
    for bodies in groups.values():
        if len(bodies) > 1 or any(cost(body) > 1 for body in bodies):
            shared += _share(list(bodies), sums, fresh, scalars, rewritten)
    if not shared:
        return program
    equations = []
    for equation in program.equations:
        rhs = _map_bodies(equation.rhs, lambda body: rewritten.get(body, body), names)
        equations.append(equation if rhs == equation.rhs else equation.rewritten(rhs, "shared subexpression"))
    return _placed(program, equations, shared)


def _bodies(node: Expr, names: dict[Expr, Symbol]) -> Iterator[Expr]:
    """The expression and the bodies of its sums, each with inner sums replaced by symbols."""
    symbols = _symbols_of_sums(node, names)
    yield substitute(node, symbols)
    for inner in symbols:
        yield from _bodies(inner.function, names)


def _symbols_of_sums(node: Expr, names: dict[Expr, Symbol]) -> dict[Sum, Symbol]:
    return {inner: names.setdefault(inner, Symbol(f"sum{len(names)}", real=True)) for inner in _outermost_sums(node)}


def _map_bodies(node: Expr, change: Callable[[Expr], Expr], names: dict[Expr, Symbol]) -> Expr:
    """The expression with `change` applied to each of its `_bodies`."""
    symbols = _symbols_of_sums(node, names)
    body = substitute(node, symbols)
    changed = change(body)
    back = {symbol: resummed(inner, _map_bodies(inner.function, change, names)) for inner, symbol in symbols.items()}
    same = changed == body and all(back[symbol] is inner for inner, symbol in symbols.items())
    return node if same else substitute(changed, back)


def _outermost_sums(node: Expr) -> list[Sum]:
    if isinstance(node, Sum):
        return [node]
    return list(dict.fromkeys(inner for child in children(node) for inner in _outermost_sums(child)))


def _share(
    bodies: list[Expr], sums: set[Symbol], fresh: Iterator[str], scalars: set[Symbol], rewritten: dict[Expr, Expr]
) -> list[Equation]:
    """The new equations for one group of bodies; the rewritten bodies are added to `rewritten`."""
    leaves: dict[Expr, Symbol] = {}
    closed = [_closed(body, leaves) for body in bodies]
    definitions, results = cse(closed, symbols=numbered_symbols("shared_", real=True), order="canonical")
    back: dict[Expr, Expr] = {symbol: leaf for leaf, symbol in leaves.items()}
    equations = []
    for symbol, definition in definitions:
        rhs = substitute(definition, back)
        indices = tuple(sorted(indices_of(rhs), key=lambda idx: (str(idx) != "n", written_order(idx))))
        constant = not rhs.has(Indexed) and not rhs.free_symbols & scalars
        used = [result for _, result in definitions] + results
        cheap = constant or _is_multiple(rhs, scalars) or _is_outer_product(rhs)
        if cheap or rhs.free_symbols & sums or _scaled(rhs, symbol, used, scalars):
            back[symbol] = rhs
            continue
        array = Array(next(fresh), indices, "shared")
        back[symbol] = array.reference
        scalars |= {array.base} if not indices else set()
        equations.append(Equation(array, rhs, (Step("shared subexpression", form=rhs),)))
    for body, result in zip(bodies, results, strict=True):
        rewritten[body] = substitute(result, back)
    return equations


def _is_multiple(rhs: Expr, scalars: set[Symbol]) -> bool:
    """Whether a right-hand side is a number times a reference, which is not worth an array."""
    rest = rhs.as_coeff_Mul()[1]
    return isinstance(rest, Indexed) or rest in scalars


def _is_outer_product(rhs: Expr) -> bool:
    """Whether no factor has all indices of the product: as an array it would prevent matrix products."""
    whole = indices_of(rhs)
    return isinstance(rhs, Mul) and all(indices_of(factor) < whole for factor in rhs.args)


def _scaled(rhs: Expr, symbol: Symbol, used: Iterable[Expr], scalars: set[Symbol]) -> bool:
    """Whether it is the square of a reference v times a scalar β elsewhere: v² may overflow where β·v² does not."""
    rest = rhs.as_coeff_Mul()[1]
    square = isinstance(rest, Pow) and rest.exp == 2 and isinstance(rest.base, Indexed)
    products = (node for expression in used for node in expression.atoms(Mul) if symbol in node.args)
    names = {str(scalar) for scalar in scalars}
    return square and any(names.intersection(map(str, node.args)) for node in products)


def _closed(node: Expr, leaves: dict[Expr, Symbol]) -> Expr:
    """The expression with references and row functions replaced by symbols, since `cse` would look inside them."""
    if isinstance(node, (Idx, Indexed, KroneckerDelta, *ROW_FUNCTIONS)):
        return leaves.setdefault(node, Symbol(f"leaf{len(leaves):03d}", real=True))
    if not node.args:
        return node
    return node.func(*(_closed(child, leaves) for child in node.args))


def _placed(program: Program, equations: Iterable[Equation], shared: list[Equation]) -> Program:
    """All equations in order of evaluation: each shared one just before its first use."""
    pending = {equation.name: equation for equation in shared}
    known = program.with_equations([*equations, *shared])
    placed: list[Equation] = []

    def place(equation: Equation) -> None:
        for name in known.dependencies[equation.name]:
            if name in pending:
                place(pending.pop(name))
        placed.append(equation)

    for equation in equations:
        place(equation)
    return program.with_equations(_numbered(placed))


def _numbered(equations: list[Equation]) -> list[Equation]:
    """Number the shared arrays in order of computation."""
    shared = [equation.array for equation in equations if equation.array.role == "shared"]
    names = sorted((array.name for array in shared), key=lambda name: (len(name), name))
    renamed = {array.name: replace(array, stem=name) for array, name in zip(shared, names, strict=True)}
    bases = {array.base: renamed[array.name].base for array in shared if renamed[array.name] != array}
    moved = {str(base.name) for base in bases}
    return [
        replace(
            equation,
            array=renamed.get(equation.name, equation.array),
            rhs=substitute(equation.rhs, bases),
            steps=tuple(replace(step, form=substitute(step.form, bases)) for step in equation.steps),
        )
        if moved & {equation.name, *equation.array_names, *equation.symbol_names}
        else equation
        for equation in equations
    ]
