"""How long axes are: symbols, so that no width occurs in an equation."""

from __future__ import annotations

from sympy import Expr, Symbol

BATCH = Symbol("N", integer=True, positive=True)
"""The number of rows of a batch; the one size that a program leaves open."""


def size_symbol(name: str) -> Symbol:
    """The symbol of a size that belongs to no layer, a positive integer."""
    return Symbol(name, integer=True, positive=True)


class Size(Symbol):
    """How long an axis of a layer's output is: d2 for layer 2, and d2_2, d2_3 for axes behind the first.

    Attributes:
        layer: the number of the layer, 0 for the input.
        axis: which axis of its output, from 0; the batch does not count.
    """

    __slots__ = ("axis", "layer")

    def __new__(cls, layer: int, axis: int = 0) -> Size:
        name = f"d{layer}_{axis + 1}" if axis else f"d{layer}"
        size: Size = super().__new__(cls, name, integer=True, positive=True)
        size.layer, size.axis = layer, axis
        return size

    def __getnewargs_ex__(self) -> tuple[tuple[int, int], dict[str, bool]]:
        return (self.layer, self.axis), {}

    @classmethod
    def class_key(cls) -> tuple[int, int, str]:
        """Symbols in an expression stand in one order, whatever they count."""
        key: tuple[int, int, str] = Symbol.class_key()
        return key


def layer_of_size(size: Expr) -> int | None:
    """The layer whose units a size counts: 2 for d2; None for the batch and for any other size."""
    return size.layer if isinstance(size, Size) else None
