"""The errors that people make in equations of backpropagation, each as a change of a correct right-hand side."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sympy import Add, Expr, Idx, Indexed, Integer, Mul, Sum
from sympy.core.function import AppliedUndef

from symnet.core import Array, Program, children, ordered_terms, walk, written_order
from symnet.formats import Inline, Math
from symnet.formula import Formula
from symnet.notation import OUTPUTS, Typesetter
from symnet.pages import PageProgram, twin
from symnet.support import PRODUCT


@dataclass(frozen=True)
class Slip:
    """A right-hand side with an error.

    Attributes:
        wrong: the whole right-hand side.
        instead: the part that is wrong in it.
        right: what belongs in its place, or is missing.
    """

    wrong: Expr
    instead: Expr
    right: Expr


@dataclass(frozen=True)
class Spot:
    """Where an error is to be made.

    Attributes:
        page: the program.
        array: what the equation defines, or the loss is differentiated by.
        is_derivative: which of the two.
        right: the correct right-hand side.
    """

    page: PageProgram
    array: Array
    is_derivative: bool
    right: Expr

    @property
    def layer(self) -> int:
        return self.array.layer or 0

    def with_part(self, part: Expr, other: Expr) -> Iterator[Slip]:
        """One part in the place of another, where it stands there once and the equation changes by it."""
        if _occurrences(self.right, part) == 1:
            wrong = self.right.xreplace({part: other})
            if wrong != self.right:
                yield Slip(wrong, other, part)


def _occurrences(node: Expr, part: Expr) -> int:
    return 1 if node == part else sum(_occurrences(child, part) for child in children(node))


Plant = Callable[[Spot], Iterator[Slip]]
Explain = Callable[[Typesetter, Slip], Inline]


def _entries(spot: Spot) -> list[Indexed]:
    """The entries of arrays in a right-hand side, in the order of their names."""
    return sorted(spot.right.atoms(Indexed), key=written_order)


def _array(spot: Spot, entry: Expr) -> Array:
    return spot.page.arrays[entry.base.name]


def index_order(spot: Spot) -> Iterator[Slip]:
    """The indices of a weight the other way round."""
    for entry in _entries(spot):
        if _array(spot, entry).stem == "W" and len(set(entry.indices)) == 2:
            yield from spot.with_part(entry, entry.base[tuple(reversed(entry.indices))])


def wrong_layer(spot: Spot) -> Iterator[Slip]:
    """The same array of the layer before or after."""
    arguments = {argument for call in _slopes(spot) for argument in call.args}
    for entry in _entries(spot):
        if entry not in arguments and not (spot.is_derivative and _array(spot, entry).stem in ("a", "p")):
            for other in _in_other_layers(spot, entry):
                yield from spot.with_part(entry, other)


def _in_other_layers(spot: Spot, entry: Indexed) -> Iterator[Expr]:
    """The same entry of the array of the layer before and of the layer after, where there is one."""
    array, known = _array(spot, entry), spot.page.forward.by_layer
    for layer in (array.layer - 1, array.layer + 1) if array.layer else ():
        if (array.stem, layer) in known:
            yield twin(spot.page, array, layer).at(entry.indices)


def _slopes(spot: Spot) -> list[Expr]:
    """The derivatives of activation functions in a right-hand side."""
    calls = [node for node in walk(spot.right) if isinstance(node, AppliedUndef)]
    return [call for call in calls if call.func.order == 1]


def activation_for_input(spot: Spot) -> Iterator[Slip]:
    """What a layer hands on in the place of what comes into it."""
    if not spot.is_derivative or spot.array.role != "weight":
        return
    inputs, outputs = _outputs(spot.page.forward, spot.layer - 1), _outputs(spot.page.forward, spot.layer)
    for entry in _entries(spot):
        if outputs and _array(spot, entry) in inputs:
            yield from spot.with_part(entry, outputs[0].at(entry.indices))


def _outputs(program: Program, layer: int) -> list[Array]:
    """What a layer hands on, layer 0 the input."""
    if layer == 0:
        return [array for array in program.arrays if array.role == "input"]
    return [array for stem in OUTPUTS if (array := program.by_layer.get((stem, layer))) is not None]


def wrong_sign(spot: Spot) -> Iterator[Slip]:
    """A plus for a minus between two terms, or the other way round."""
    for node in walk(spot.right):
        if isinstance(node, Add):
            minus = [term for term in node.args if term.as_coeff_Mul()[0] < 0 and not term.is_number]
            for term in minus or ordered_terms(node)[-1:]:
                yield from spot.with_part(node, node - 2 * term)


def wrong_factor(spot: Spot) -> Iterator[Slip]:
    """A number left out of a derivative, or put into one where the square of the loss is differentiated."""
    if not spot.is_derivative:
        return
    coefficient, rest = spot.right.as_coeff_Mul()
    content, inner = rest.primitive() if isinstance(rest, Add) else (Integer(1), rest)
    number = coefficient * content
    if abs(number) not in (0, 1):
        yield Slip(spot.right / number, Integer(1), number)
    elif isinstance(inner, Add) and spot.page.network.loss.name.endswith("squared_error"):
        yield Slip(2 * spot.right, Integer(2), Integer(1))


def missing_factor(spot: Spot) -> Iterator[Slip]:
    """A factor of a product left out."""
    products = [node for node in walk(spot.right) if isinstance(node, Mul)]
    for node in products:
        factors = [factor for factor in node.args if not factor.is_number and not isinstance(factor, Sum)]
        for factor in factors if len([other for other in node.args if not other.is_number]) > 1 else ():
            kept = Mul(*(other for other in node.args if other != factor))
            for slip in spot.with_part(node, kept):
                yield Slip(slip.wrong, kept, factor)


def slope_of_activation(spot: Spot) -> Iterator[Slip]:
    """σ′ at the activation in the place of the pre-activation, or at the pre-activation of another layer."""
    for node in _slopes(spot):
        (argument,) = node.args
        activation = spot.page.forward.by_layer.get(("a", _array(spot, argument).layer))
        if activation is not None:
            yield from spot.with_part(node, node.func(activation.at(argument.indices)))
        for other in _in_other_layers(spot, argument):
            yield from spot.with_part(node, node.func(other))


def wrong_sum(spot: Spot) -> Iterator[Slip]:
    """A sum over another index of what is summed."""
    for node in walk(spot.right):
        if isinstance(node, Sum) and len(node.limits) == 1:
            bound = node.limits[0][0]
            others = sorted(node.function.atoms(Idx) - {bound}, key=written_order)
            for other in others:
                low, high = other.lower, other.upper
                yield from (
                    Slip(slip.wrong, other, bound)
                    for slip in spot.with_part(node, Sum(node.function, (other, low, high)))
                )


def missing_sum(spot: Spot) -> Iterator[Slip]:
    """A sum left out."""
    for node in walk(spot.right):
        if isinstance(node, Sum) and len(node.limits) == 1:
            yield from (
                Slip(slip.wrong, node.function, node.limits[0][0]) for slip in spot.with_part(node, node.function)
            )


@dataclass(frozen=True)
class Mistake:
    """A kind of error: its cause in the words of `symnet verify`, how it is made, and what is said of it."""

    cause: str
    plant: Plant
    explain: Explain


def _instead(first: str, between: str, end: str) -> Explain:
    """`first` wrong `between` right `end`."""

    def explain(setter: Typesetter, slip: Slip) -> Inline:
        return first, Math(_part(setter, slip.instead)), between, Math(_part(setter, slip.right)), end

    return explain


def _only(first: str, end: str) -> Explain:
    """`first` right `end`."""

    def explain(setter: Typesetter, slip: Slip) -> Inline:
        right = setter.index(slip.right) if isinstance(slip.right, Idx) else setter.at_least(slip.right, PRODUCT)
        return first, Math(right), end

    return explain


def _part(setter: Typesetter, node: Expr) -> Formula:
    return setter.index(node) if isinstance(node, Idx) else setter.expression(node)


def _about_order(setter: Typesetter, slip: Slip) -> Inline:
    to_from = setter.symbols.notation.weight_order == "to-from"
    first = "it leads to" if to_from else "it comes from"
    return (
        *("The indices of a weight are in the wrong order: ", Math(setter.expression(slip.instead)), " should be "),
        *(Math(setter.expression(slip.right)), f". The first index of a weight names the unit that {first}."),
    )


MISTAKES: tuple[Mistake, ...] = (
    Mistake("index order", index_order, _about_order),
    Mistake("layer index", wrong_layer, _instead("The layer is wrong: ", " should be ", ".")),
    Mistake(
        "activation instead of input",
        activation_for_input,
        _instead(
            "A weight changes the loss in proportion to what comes into its layer, not to what the layer hands on: ",
            " should be ",
            ".",
        ),
    ),
    Mistake("sign", wrong_sign, _instead("A sign is wrong: ", " should be ", ".")),
    Mistake("factor", wrong_factor, _instead("A number is wrong: the factor ", " should be ", ".")),
    Mistake("missing factor", missing_factor, _only("A factor is missing: ", " has to stand in the product as well.")),
    Mistake(
        "derivative at the wrong value",
        slope_of_activation,
        _instead("The derivative of the activation function is taken at the wrong value: ", " should be ", "."),
    ),
    Mistake("sum", wrong_sum, _instead("The sum runs over the wrong index: ", " should be ", ".")),
    Mistake("sum", missing_sum, _only("A sum is missing: the product has to be summed over ", ".")),
)
"""The errors in index form, one by one."""
