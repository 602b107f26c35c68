"""What an array expansion is written in: operations on whole arrays, asked of a builder.

Clamping changes no value: it keeps an exponential or a square from overflowing where the result has been 0 or 1 to the
last digit for long. NumPy's `heaviside`, `logaddexp` and `where` take ten times as long as what stands in expansions.
Where every digit counts exponentials are of numbers that are not positive, and a factor that may be subnormal comes in
as the square of its root, one root after the other. What several functions of one z need is made once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Concatenate, Protocol

Term = Any
"""A number, or an array of a builder's."""


class Builder(Protocol):
    """Builds the operations of an expansion, leaving out what needs none; `lower.builder` has one."""

    def apply(self, operation: str, *terms: Term, mask: bool = False) -> Term:
        """A ufunc of arrays that are broadcast against each other; with `mask` its values are true or false."""

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
        """The result, with a note that it is positive exactly where its argument is."""

    def where_positive(self, condition: Term, *, mask: bool = False) -> Term:
        """1 (or true) where the condition is positive, else 0."""

    def select(self, condition: Term, positive: Term, other: Term) -> Term:
        """One of two values, by where the condition is positive."""


Expansion = Callable[Concatenate[Builder, ...], Term]
"""A function of a builder and of terms for its arguments."""


def ufunc(name: str, arity: int = 1) -> dict[str, Any]:
    """The columns `array` and `numpy` of what NumPy has a ufunc for."""
    places = ", ".join(f"{{{place}}}" for place in range(arity))
    return {"array": lambda b, *terms: b.apply(name, *terms), "numpy": f"np.{name}({places})"}


def exponential_of(b: Builder, size: Term, rate: float) -> Term:
    """exp(-rate·size) of a size that is not negative."""
    return b.apply("exp", b.multiply(size, -rate))
