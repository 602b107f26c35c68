"""The chain rule as a page shows it: products of partial derivatives, first named and then evaluated."""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Add, Expr, Indexed, Sum, Symbol

from symnet.core import BATCH, Array, bound_apart, extent, substitute
from symnet.formula import Formula, row
from symnet.formula import tree as f
from symnet.network import LOSS, LOSS_PARTS
from symnet.notation import Typesetter, letter
from symnet.pages.entries import Position
from symnet.pages.page_program import Cotangent, PageProgram, Path
from symnet.pages.scene import Scene
from symnet.pages.views import scaled

ENDS = tuple(array.name for array in (LOSS, *LOSS_PARTS))
"""The names of the loss and of the two parts that it has where there is a penalty."""


def by_loss(setter: Typesetter, reference: Expr, loss: Array = LOSS) -> Formula:
    """Return ∂C/∂v as a fraction, even where the notation has a symbol for it.

    Args:
        setter: the typesetter of the equation.
        reference: v, an array at its indices.
        loss: C, or a part of it (`ENDS`).
    """
    return setter.symbols.derivative(setter.symbols.entry(loss), setter.expression(reference))


def partial(setter: Typesetter, above: Expr, below: Expr) -> Formula:
    """∂above/∂below."""
    return setter.symbols.derivative(setter.expression(above), setter.expression(below))


def is_scaled(page: PageProgram, array: Array) -> bool:
    """Whether the page writes N ∂C/∂v (the error of one example) instead of ∂C/∂v for this array."""
    return page.errors_are_of_examples and any(extent(idx) == BATCH for idx in array.indices)


def batch_size(page: PageProgram, array: Array) -> Formula | None:
    """Return the factor N between ∂C/∂v and the error of one example; None if the page writes ∂C/∂v itself."""
    return letter(page.notation.examples) if is_scaled(page, array) else None


def chain_of(page: PageProgram, array: Array) -> list[Path]:
    """Follow an array towards the loss as long as it has exactly one consumer, and return the paths taken.

    The last path ends at an array that enters the loss directly, or that has several consumers.
    """
    paths: list[Path] = []
    current: Cotangent | None = page.cotangents[array.name]
    while current is not None:
        onward = [path for path in current.paths if path.consumer.name not in ENDS]
        if len(onward) != 1:
            break
        paths += onward
        is_declared = onward[0].indices == onward[0].consumer.indices
        current = page.cotangents[onward[0].consumer.name] if is_declared else None
    return paths


def product_of(
    scene: Scene, setter: Typesetter, paths: Sequence[Path], position: Position, loss: Array = LOSS
) -> Formula:
    """Return ∂C/∂v_n · ∂v_n/∂v_(n-1) ··· ∂v_1/∂u, summed over the paths' indices.

    Args:
        scene: the layers that the equation is written in.
        setter: its typesetter.
        paths: consecutive paths from u to v_n.
        position: the units at which it is written.
        loss: C, or a part of it (`ENDS`).
    """
    summed = [idx for path in paths for idx in path.summed]
    products = []
    for instance in scene.sums(summed, position):
        last = paths[-1]
        factors = [by_loss(setter, scene.at(last.consumer.at(last.indices), instance), loss)]
        for path in reversed(paths):
            factor = path.factor
            factors.append(partial(setter, scene.at(factor.above, instance), scene.at(factor.below, instance)))
        products.append(f.product(*(f.Reveal(factor, turn) for turn, factor in enumerate(factors, start=1))))
    over = setter.total(summed) if summed and not scene.scalar else None
    return row(over, f.joined(products, f.Operator("+")))


def rule(scene: Scene, setter: Typesetter, cotangent: Cotangent, position: Position) -> Formula:
    """Return the chain rule for one array: the sum over its consumers of ∂C/∂consumer · ∂consumer/∂array."""
    terms = [product_of(scene, setter, [path], position) for path in cotangent.paths]
    written = f.joined(terms, f.Operator("+"))
    scale = batch_size(scene.page, cotangent.array)
    if scale is not None:
        return f.product(scale, written if len(terms) == 1 else f.Fenced(written))
    return written


def with_factors(cotangent: Cotangent, page: PageProgram) -> Expr:
    """Return the right-hand side of the chain rule with its factors evaluated; σ'(z) keeps its letter."""
    terms = []
    for path in cotangent.paths:
        value = path.factor.reused if path.factor.named is None else path.factor.named
        seed = 1 if path.consumer.name in ENDS else path.consumer.cotangent().at(path.indices)
        term = seed * value
        terms.append(Sum(term, *path.summed) if path.summed else term)
    if page.errors_are_of_examples:
        return scaled(page.forward, cotangent.array, Add(*terms))
    return Add(*terms)


def put_in(page: PageProgram, node: Expr, stems: Sequence[str] | None = None) -> Expr:
    """Replace cotangents in an expression by their right-hand sides.

    Args:
        page: the program of the page.
        node: the expression.
        stems: the letters ("a", "z", ...) of the arrays whose cotangents are replaced; all if None.
    """
    replacements: dict[Expr, Expr] = {}
    for reference in node.atoms(Indexed, Symbol):
        name = reference.base.name if isinstance(reference, Indexed) else str(reference)
        array = page.forward.cotangents.get(name)
        if array is None or (stems is not None and page.symbols.stem(array) not in stems):
            continue
        source = page.cotangents[array.primal.name]
        if not isinstance(reference, Indexed):
            replacements[reference] = source.result
            continue
        apart = bound_apart(source.result, {str(idx) for idx in reference.free_symbols})
        renamed = dict(zip(source.array.indices, reference.indices, strict=True))
        replacements[reference] = substitute(apart, renamed)
    return substitute(node, replacements)
