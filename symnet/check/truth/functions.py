"""The values of functions that are called on a page, by their name or by the letter of an activation."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
from sympy import Expr, Integer

from symnet.check.latex import ROW_FUNCTIONS, not_understood
from symnet.check.latex import tree as t
from symnet.check.truth.matrices import Mismatch, Value, elementwise, entries, softmax_along
from symnet.check.truth.places import Places, Setting
from symnet.check.truth.point import at_zero
from symnet.functions import FUNCTIONS, relu, select, value
from symnet.network import ACTIVATIONS, Activated, Activation, Network, Z

FIRST, SECOND = mpmath.mpf(10) ** -25, mpmath.mpf(10) ** -15
"""Steps of the difference quotients of first and second derivatives of activation functions."""


def activation_function(node: t.Activation, network: Network, places: Places, setting: Setting) -> Activation:
    """The activation function that is meant: a layer's, or the one that all layers share.

    Raises:
        Mismatch: the layer has none.
        NotUnderstood: no layer is named, and layers differ.
    """
    if node.layer is not None:
        number = places.layer(node.layer, setting)
        layer = network.layers[number - 1] if number else None
        if not isinstance(layer, Activated):
            raise Mismatch("the layer has no activation function")
        return layer.function
    used = {layer.function.name: layer.function for layer in network.layers if isinstance(layer, Activated)}
    hidden = {name: found for name, found in used.items() if found.has_letter}
    shared = list((hidden or used).values())
    if len(shared) != 1:
        names = ", ".join(sorted(hidden or used)) or "none"
        raise not_understood(node.span.start, f"the layer of the function, since layers differ ({names})")
    return shared[0]


def activated(node: t.Activation, function: Activation, argument: Value, unit_axis: int) -> Value:
    """An activation function, or its first or second derivative, at a number or at each entry of a matrix."""
    if function.works_on_rows:
        if node.order:
            raise not_understood(node.span.start, "the derivative of a function of single units")
        return softmax_along(argument, unit_axis, function.name)

    return elementwise(lambda z: _slope(function.expression, node.order, z), argument)


def _slope(expression: Expr, order: int, z: Any) -> Any:
    """A function of Z, or its first or second derivative, at a number.

    At 0, where a unit stands that is switched off, choices stay as they are there: relu has the slope 0.
    """
    if order and z == 0:
        expression = _chosen(expression, z)

    def at(number: Any) -> Any:
        return value(mpmath.mp, expression, {Z: number})

    if order == 1:
        right = (at(z + FIRST) - at(z)) / FIRST
        return right if z != 0 else at_zero(right, (at(z) - at(z - FIRST)) / FIRST)
    if order == 2:
        return (at(z + SECOND) - 2 * at(z) + at(z - SECOND)) / SECOND**2
    return at(z)


def _chosen(node: Expr, z: Any) -> Expr:
    """An expression in Z with what is chosen at a number in the place of every choice."""
    if isinstance(node, select | relu):
        condition, positive, other = node.args if isinstance(node, select) else (*node.args, *node.args, Integer(0))
        return _chosen(positive if value(mpmath.mp, condition, {Z: z}) > 0 else other, z)
    return node.func(*(_chosen(child, z) for child in node.args)) if node.has(select, relu) else node


def called(name: str, arguments: list[Value], unit_axis: int) -> Value:
    """A function by its name."""
    if name in ROW_FUNCTIONS:
        return softmax_along(arguments[0], unit_axis, name)
    if name == "diag":
        return np.diag(entries(arguments[0])) + mpmath.mpf(0)
    if name in FUNCTIONS:
        return elementwise(lambda *numbers: FUNCTIONS[name].value(mpmath.mp, *numbers), *arguments)
    return elementwise(lambda z: value(mpmath.mp, ACTIVATIONS[name].expression, {Z: z}), *arguments)
