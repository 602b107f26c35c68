"""The values of functions that are called on a page, by their name or by the letter of an activation."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np

from symnet.activations import ACTIVATIONS, Activation, Z
from symnet.architecture import Network
from symnet.equations.values import FUNCTIONS, value
from symnet.layers import ActivatedLayer
from symnet.reading import tree as t
from symnet.reading.failure import not_understood
from symnet.reading.matrices import Mismatch, Value, elementwise, entries, softmax_along
from symnet.reading.places import Places, Setting
from symnet.reading.syntax import ROW_FUNCTIONS

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
        if not isinstance(layer, ActivatedLayer):
            raise Mismatch("the layer has no activation function")
        return layer.function
    used = {layer.function.name: layer.function for layer in network.layers if isinstance(layer, ActivatedLayer)}
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

    def at(z: Any) -> Any:
        return value(mpmath.mp, function.expression, {Z: z})

    if node.order == 1:
        return elementwise(lambda z: (at(z + FIRST) - at(z)) / FIRST, argument)
    if node.order == 2:
        return elementwise(lambda z: (at(z + SECOND) - 2 * at(z) + at(z - SECOND)) / SECOND**2, argument)
    return elementwise(at, argument)


def called(name: str, arguments: list[Value], unit_axis: int) -> Value:
    """A function by its name."""
    if name in ROW_FUNCTIONS:
        return softmax_along(arguments[0], unit_axis, name)
    if name == "diag":
        return np.diag(entries(arguments[0])) + mpmath.mpf(0)
    if name in FUNCTIONS:
        return elementwise(lambda *numbers: FUNCTIONS[name].value(mpmath.mp, *numbers), *arguments)
    return elementwise(lambda z: value(mpmath.mp, ACTIVATIONS[name].expression, {Z: z}), *arguments)
