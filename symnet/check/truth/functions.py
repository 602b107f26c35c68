"""Evaluate functions on a page: by name, or by the letter of an activation function."""

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
    """Return the activation function that a call means: its layer's, or the one that all layers share.

    Raises:
        Mismatch: the layer has none.
        NotUnderstood: the call has no layer, and layers differ.
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
    """Evaluate an activation function, or its first or second derivative, at a number or entry by entry."""
    if function.works_on_rows:
        if node.order:
            raise not_understood(node.span.start, "the derivative of a function of single units")
        return softmax_along(argument, unit_axis, function.name)

    return elementwise(lambda z: _slope(function.expression, node.order, z), argument)


def _slope(expression: Expr, order: int, z: Any) -> Any:
    """Evaluate a function of Z, or its first or second derivative, at a number.

    For the derivative at 0 (the input of an inactive unit), piecewise functions are replaced by the piece chosen at 0,
    so that relu has the slope 0.
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
    """Replace each choice in an expression in Z by what it chooses at a number."""
    if isinstance(node, select | relu):
        condition, positive, other = node.args if isinstance(node, select) else (*node.args, *node.args, Integer(0))
        return _chosen(positive if value(mpmath.mp, condition, {Z: z}) > 0 else other, z)
    return node.func(*(_chosen(child, z) for child in node.args)) if node.has(select, relu) else node


def called(name: str, arguments: list[Value], unit_axis: int) -> Value:
    """Evaluate a function by its name.

    Args:
        name: the name.
        arguments: numbers or matrices.
        unit_axis: the axis of a matrix that runs over units, for functions of rows.
    """
    if name in ROW_FUNCTIONS:
        return softmax_along(arguments[0], unit_axis, name)
    if name == "diag":
        return np.diag(entries(arguments[0])) + mpmath.mpf(0)
    if name in FUNCTIONS:
        return elementwise(lambda *numbers: FUNCTIONS[name].value(mpmath.mp, *numbers), *arguments)
    return elementwise(lambda z: value(mpmath.mp, ACTIVATIONS[name].expression, {Z: z}), *arguments)
