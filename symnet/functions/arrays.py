"""`Builder`: the operations on whole arrays that expansions of functions are written in.

Clamps in expansions change no value: they keep an exponential or a square from overflowing where the result is 0 or 1
to the last digit anyway. NumPy's `heaviside`, `logaddexp` and `where` take ten times as long as the operations used
here. In accurate expansions, exponentials are taken of nonpositive numbers only, and a factor that may be subnormal is
multiplied as its square root, twice. A builder computes what several functions of the same z share only once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Concatenate, Protocol

Term = Any
"""A number, or an array of a builder."""


class Builder(Protocol):
    """Builds the operations of an expansion, and omits those that are not needed; implemented in `lower.builder`."""

    def apply(self, operation: str, *terms: Term, mask: bool = False) -> Term:
        """Apply a ufunc to arrays that are broadcast against each other; with `mask` the result is boolean."""

    def add(self, left: Term, right: Term) -> Term: ...
    def subtract(self, left: Term, right: Term) -> Term: ...
    def multiply(self, left: Term, right: Term) -> Term: ...
    def divide(self, left: Term, right: Term) -> Term: ...
    def minimum(self, left: Term, right: Term) -> Term: ...

    def magnitude(self, term: Term) -> Term:
        """|z|."""

    def relu(self, argument: Term) -> Term:
        """max(z, 0)."""

    def twin(self, result: Term, argument: Term) -> Term:
        """Return the result, and record that it is positive exactly where its argument is."""

    def where_positive(self, condition: Term, *, mask: bool = False) -> Term:
        """Return 1 (or true) where the condition is positive, else 0."""

    def select(self, condition: Term, positive: Term, other: Term) -> Term:
        """Return `positive` where the condition is positive, else `other`."""


Expansion = Callable[Concatenate[Builder, ...], Term]
"""A function of a builder and of terms for its arguments."""


def ufunc(name: str, arity: int = 1) -> dict[str, Any]:
    """Return the columns `array` and `numpy` of a function that is a ufunc of NumPy."""
    places = ", ".join(f"{{{place}}}" for place in range(arity))
    return {"array": lambda b, *terms: b.apply(name, *terms), "numpy": f"np.{name}({places})"}


def exponential_of(b: Builder, size: Term, rate: float) -> Term:
    """Return exp(-rate·size) for a size that is not negative."""
    return b.apply("exp", b.multiply(size, -rate))
