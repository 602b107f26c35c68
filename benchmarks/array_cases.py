"""The networks of the array form's benchmark, each with its goal, and the numbers that go through them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise, product
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

DTYPES = ("float64", "float32")
TOLERANCES = {"float64": 1e-12, "float32": 1e-4}
"""How far loss and gradients may be from the reference, relative to the largest entry of each array."""


@dataclass(frozen=True)
class Case:
    """A network at one batch.

    Attributes:
        widths: from inputs to outputs.
        activation: of the hidden layers, by symnet's name.
        loss: by symnet's name; it brings the output: softmax to cross_entropy, identity to the others.
        batch: how many rows.
        goal: how many times the floor symnet may take; None if it is not held to the floor.
        lead: how many times as long as symnet every peer should take.
        aside: measured and shown, but in no goal.
    """

    widths: tuple[int, ...]
    activation: str
    loss: str
    batch: int
    goal: float | None
    lead: float = 0.97
    aside: bool = False

    @property
    def architecture(self) -> str:
        return "-".join(map(str, self.widths))

    @property
    def network(self) -> str:
        """For people: 64-64-64-10 tanh."""
        hidden = set(self.widths[1:-1])
        many = len(self.widths) > 6 and len(hidden) == 1
        return f"{f'{len(self.widths) - 2} × {min(hidden)}' if many else self.architecture} {self.activation}"

    @property
    def label(self) -> str:
        return f"{self.network}, {self.batch}"


def _cases() -> tuple[Case, ...]:
    classes, digits, deep = (64, 64, 64, 10), (784, 128, 10), (32, *[32] * 8, 1)
    entropy, mean, half = "cross_entropy", "mean_squared_error", "half_squared_error"
    return (
        Case(classes, "tanh", entropy, 32, 1.35),
        *(Case(classes, "tanh", entropy, batch, 1.10) for batch in (256, 1024, 4096)),
        *(Case(digits, "relu", entropy, batch, 1.10) for batch in (64, 1024)),
        Case((784, 512, 512, 10), "relu", entropy, 256, 1.10),
        Case((30, 100, 100, 100, 1), "tanh", mean, 10_000, 1.10),
        Case(deep, "tanh", mean, 4096, 1.10),
        Case(classes, "elu", entropy, 4096, 1.10),
        Case(classes, "silu", entropy, 4096, 1.10),
        Case(classes, "gelu_tanh", entropy, 4096, 1.35),
        Case(classes, "gelu", entropy, 4096, None, aside=True),
        *(
            Case(widths, "sigmoid", half, batch, None, lead=1.8)
            for widths, batch in product(((2, 2, 1), (3, 3, 2, 1)), (1000, 10_000))
        ),
    )


CASES = _cases()


@dataclass(frozen=True)
class Problem:
    """A case with its numbers, all of one dtype.

    Attributes:
        case: the network.
        params: W1, b1, W2, b2, …, where W_l is (d_{l-1}, d_l).
        x: inputs (N, d0).
        y: targets (N, dL): rows of probabilities for cross-entropy, else real numbers.
    """

    case: Case
    params: tuple[Array, ...]
    x: Array
    y: Array

    @property
    def weights(self) -> tuple[Array, ...]:
        return self.params[::2]

    @property
    def dtype(self) -> str:
        return str(self.x.dtype)

    def cast(self, dtype: str) -> Problem:
        """The same numbers in another dtype."""
        params = tuple(array.astype(dtype) for array in self.params)
        return Problem(self.case, params, self.x.astype(dtype), self.y.astype(dtype))


def problem(case: Case, dtype: str) -> Problem:
    """The numbers of a case, the same in every process."""
    rng = np.random.default_rng(5)
    params: list[Array] = []
    for before, after in pairwise(case.widths):
        params += [rng.standard_normal((before, after)) / before**0.5, rng.standard_normal(after) / 10]
    x = rng.standard_normal((case.batch, case.widths[0]))
    outputs = case.widths[-1]
    entropy = case.loss == "cross_entropy"
    y = rng.dirichlet(np.ones(outputs), case.batch) if entropy else rng.standard_normal((case.batch, outputs))
    return Problem(case, tuple(params), x, y).cast(dtype)
