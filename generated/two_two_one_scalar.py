"""2-2-1: in scalar form, every weight a name of its own.

One row of the batch: params is a sequence of 9 floats in the order of PARAMETERS,
x and y are sequences of floats. W1_1_2 leads from unit 1 to unit 2 of layer 1.
Accuracy fast: derivatives are right to the rounding of the largest of an array.
Written by symnet 0.1.0.
"""

from math import exp

ARCHITECTURE = "2-2-1:sigmoid,identity"
PARAMETERS = ("W1_1_1", "W1_1_2", "W1_2_1", "W1_2_2", "b1_1", "b1_2", "W2_1_1", "W2_2_1", "b2_1")
Row = tuple[float, ...] | list[float]

LENGTHS = {"params": 9, "x": 2, "y": 1}
"""How many numbers each argument has."""

_PLAIN = frozenset((tuple, list))


def forward(params: Row, x: Row) -> tuple[float, ...]:
    """The outputs of the network."""
    if params.__class__ not in _PLAIN or x.__class__ not in _PLAIN:
        params, x = _plain(params=params, x=x)
    try:
        if (sum(x, 0.0).__class__ is not float) and _has_mask(x):
            raise TypeError
        W1_1_1, W1_1_2, W1_2_1, W1_2_2, b1_1, b1_2, W2_1_1, W2_2_1, b2_1 = params
        x_1, x_2 = x
    except (TypeError, ValueError):
        raise _misfit(params=params, x=x) from None
    z1_1 = b1_1 + x_1 * W1_1_1 + x_2 * W1_2_1
    z1_2 = b1_2 + x_1 * W1_1_2 + x_2 * W1_2_2
    z2_1 = (
        b2_1 + W2_1_1 * (1.0 / (1.0 + exp(-z1_1)) if z1_1 > -700.0 else exp(z1_1)) + W2_2_1 * (1.0 / (1.0 +
        exp(-z1_2)) if z1_2 > -700.0 else exp(z1_2))
    )
    return (z2_1,)


def loss(params: Row, x: Row, y: Row) -> float:
    """The loss C."""
    if y.__class__ not in _PLAIN:
        y, = _plain(y=y)
    try:
        if (sum(y, 0.0).__class__ is not float) and _has_mask(y):
            raise TypeError
        y_1, = y
    except (TypeError, ValueError):
        raise _misfit(y=y) from None
    z2_1, = forward(params, x)
    z2_bar_1 = z2_1 - y_1
    return z2_bar_1 / 2.0 * z2_bar_1


def value_and_grad(params: Row, x: Row, y: Row) -> tuple[float, tuple[float, ...]]:
    """The loss C and its derivatives in the order of PARAMETERS."""
    if params.__class__ not in _PLAIN or x.__class__ not in _PLAIN or y.__class__ not in _PLAIN:
        params, x, y = _plain(params=params, x=x, y=y)
    try:
        if (sum(x, 0.0).__class__ is not float or sum(y, 0.0).__class__ is not float) and _has_mask(x, y):
            raise TypeError
        W1_1_1, W1_1_2, W1_2_1, W1_2_2, b1_1, b1_2, W2_1_1, W2_2_1, b2_1 = params
        x_1, x_2 = x
        y_1, = y
    except (TypeError, ValueError):
        raise _misfit(params=params, x=x, y=y) from None
    z1_1 = b1_1 + x_1 * W1_1_1 + x_2 * W1_2_1
    z1_2 = b1_2 + x_1 * W1_1_2 + x_2 * W1_2_2
    a1_1 = 1.0 / (1.0 + exp(-z1_1)) if z1_1 > -700.0 else exp(z1_1)
    a1_2 = 1.0 / (1.0 + exp(-z1_2)) if z1_2 > -700.0 else exp(z1_2)
    t1 = W2_1_1 * a1_1
    t2 = W2_2_1 * a1_2
    z2_bar_1 = b2_1 + t1 + t2 - y_1
    z1_bar_1 = t1 * (1.0 - a1_1) * z2_bar_1
    z1_bar_2 = t2 * (1.0 - a1_2) * z2_bar_1
    return z2_bar_1 / 2.0 * z2_bar_1, (
        x_1 * z1_bar_1, x_1 * z1_bar_2, x_2 * z1_bar_1, x_2 * z1_bar_2, z1_bar_1, z1_bar_2, a1_1 * z2_bar_1,
        a1_2 * z2_bar_1, z2_bar_1,
    )


def _misfit(**given: Row) -> ValueError:
    """The error of an argument that is masked, or has not as many numbers as it is taken apart into."""
    for name, value in given.items():
        if _has_mask(value):
            return _masked(name)
        got = str(len(value)) if hasattr(value, "__len__") else f"a {type(value).__name__}"
        if got != str(LENGTHS[name]):
            return ValueError(f"{name}: expected {LENGTHS[name]} numbers, got {got}")
    return ValueError(f"expected sequences of numbers for {', '.join(given)}")


def _plain(**given: Row) -> list[Row]:
    """What is no tuple and no list as a list of Python's numbers, if it holds real numbers; else as it is."""
    for name, value in given.items():
        dtype, shape = getattr(value, "dtype", None), getattr(value, "shape", ())
        if hasattr(value, "filled"):
            raise _masked(name)
        if getattr(dtype, "kind", "f") not in "fiub":
            raise ValueError(f"{name}: expected real numbers, got dtype {dtype}")
        if len(shape) > 1:
            raise ValueError(f"{name}: expected {LENGTHS[name]} numbers, got an array of shape {shape}")
        given[name] = value.tolist() if hasattr(value, "tolist") else value
    return list(given.values())


def _has_mask(*given: Row) -> bool:
    """Whether an entry of a sequence is masked, so that there is no number."""
    return any(hasattr(entry, "filled") for value in given if hasattr(value, "__iter__") for entry in value)


def _masked(name: str) -> ValueError:
    remedy = f"use {name}.filled(...), or leave out what is masked"
    return ValueError(f"{name}: expected an array without a mask, got a masked array; {remedy}")
