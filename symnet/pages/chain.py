"""The chain rule as it is written down: products of partial derivatives, each named and then evaluated."""

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
"""The loss, and where there is a penalty its two parts."""


def by_loss(setter: Typesetter, reference: Expr, loss: Array = LOSS) -> Formula:
    """∂C/∂v as a fraction, whatever symbol the notation has for it; or the same of a part of the loss."""
    return setter.symbols.derivative(setter.symbols.entry(loss), setter.expression(reference))


def partial(setter: Typesetter, above: Expr, below: Expr) -> Formula:
    """∂above/∂below."""
    return setter.symbols.derivative(setter.expression(above), setter.expression(below))


def is_scaled(page: PageProgram, array: Array) -> bool:
    """Whether the error of an array is that of an example, N times the derivative of the loss."""
    return page.errors_are_of_examples and any(extent(idx) == BATCH for idx in array.indices)


def batch_size(page: PageProgram, array: Array) -> Formula | None:
    """The factor N between a derivative and the error of an example, where there is one."""
    return letter(page.notation.examples) if is_scaled(page, array) else None


def chain_of(page: PageProgram, array: Array) -> list[Path]:
    """The paths from an array towards the loss, as long as there is one way to go.

    The last of them leads to an array whose derivative is taken from the loss directly, or to one from
    which several ways lead on.
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
    """∂C/∂v_n · ∂v_n/∂v_(n-1) ··· ∂v_1/∂u along paths from u, with the sums that belong to it."""
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
    """The chain rule for one array: the sum over all its consumers of ∂C/∂consumer · ∂consumer/∂array."""
    terms = [product_of(scene, setter, [path], position) for path in cotangent.paths]
    written = f.joined(terms, f.Operator("+"))
    scale = batch_size(scene.page, cotangent.array)
    if scale is not None:
        return f.product(scale, written if len(terms) == 1 else f.Fenced(written))
    return written


def with_factors(cotangent: Cotangent, page: PageProgram) -> Expr:
    """The chain rule with its factors put in, σ'(z) by its letter."""
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
    """An expression in which the cotangents of some kinds of arrays, or of all, are replaced by what they are."""
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
