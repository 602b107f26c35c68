"""Drawn programs whose arrays are read at affine positions: any stride and offset, partly or wholly outside."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st
from sympy import Add, Expr, Idx, Integer, Mul, Rational, Sum, exp, tanh

from symnet.core.index_algebra import extent, index, indices_of
from symnet.core.program import Array, Equation, Program
from symnet.core.sizes import BATCH, size_symbol
from symnet.core.text import equation_text
from symnet.core.verify import verify

FORMS = {
    "itself": lambda e: e,
    "square": lambda e: e**2,
    "tanh": tanh,
    "logistic": lambda e: 1 / (1 + exp(-e)),
    "shifted": lambda e: 1 + 2 * e,
    "inverse": lambda e: 1 / (2 + e**2),
}
OUTER = {"itself": lambda e: e, "tanh": tanh, "third": lambda e: e / 3, "logistic": FORMS["logistic"]}
COEFFICIENTS = (Integer(1), Integer(-1), Integer(2), Rational(1, 3))

ROW = index("n", BATCH)
PLACES = "pquv"
"""Letters of the indices over places, of drawn lengths."""

KEPT = ("np", "npq", "nq", "p", "pq", "nqp")
"""The indices of a drawn equation."""

DECLARED = {"x": "np", "w": "u", "M": "uq", "S": "nqp", "A": "pp"}
"""Parameters, so that there is a gradient of each, and the letters whose lengths their axes have."""

LOSS = Array("C")

Place = tuple[str, int, str, int, int]
"""A position: a letter and its step, another letter and its step, and an offset."""


@dataclass(frozen=True)
class Drawn:
    """What a program is built from: the lengths of the letters, and each equation as text."""

    program: Program

    def __repr__(self) -> str:
        lengths = ", ".join(f"{symbol}={length}" for symbol, length in self.program.sizes.items())
        return "\n".join([lengths, *map(equation_text, self.program.equations)])


def _letters(lengths: dict[str, int]) -> dict[str, Idx]:
    return {"n": ROW} | {letter: index(letter, size_symbol(f"size_{letter}")) for letter in lengths}


def _axes(kept: str, letters: dict[str, Idx]) -> tuple[Idx, ...]:
    """The indices of an array; one that would stand twice gets another letter of the same length."""
    found: list[Idx] = []
    for letter in kept:
        idx = letters[letter]
        found.append(index(f"{letter}2", extent(idx)) if idx in found else idx)
    return tuple(found)


@st.composite
def _positions(draw: st.DrawFn, array: Array, letters: dict[str, Idx]) -> tuple[Expr, ...]:
    """Where an array is read: mostly plain, else affine in one or two indices over places, or a number."""
    found: list[Expr] = []
    for axis in array.indices:
        if axis is ROW:
            found.append(ROW)
            continue
        own = [idx for idx in letters.values() if extent(idx) == extent(axis)]
        if draw(st.integers(0, 2)) == 0:
            found.append(draw(st.sampled_from(own)))
            continue
        over = [idx for letter, idx in letters.items() if letter != "n"]
        steps = draw(st.lists(st.tuples(st.sampled_from((1, 1, -1, 2, -2, 3)), st.sampled_from(over)), max_size=2))
        position = Add(*(step * idx for step, idx in steps), draw(st.integers(-3, 3)))
        found.append(position + 1 if isinstance(position, Idx) and position not in own else position)
    return tuple(found)


@st.composite
def affine_programs(draw: st.DrawFn, *, most: int = 2) -> Drawn:
    """Up to so many equations and a loss, over parameters that are read anywhere."""
    lengths = {letter: draw(st.integers(1, 4)) for letter in PLACES}
    letters = _letters(lengths)
    arrays = [
        Array(name, _axes(kept, letters), "weight" if "n" not in kept else "parameter")
        for name, kept in DECLARED.items()
    ]
    equations: list[Equation] = []
    for number in range(draw(st.integers(1, most))):
        kept = _axes(draw(st.sampled_from(KEPT)), letters)
        known = [*arrays, *(equation.array for equation in equations)]
        terms = []
        for _ in range(draw(st.integers(1, 2))):
            factors = []
            for _ in range(draw(st.integers(1, 3))):
                array = draw(st.sampled_from(known))
                form = FORMS[draw(st.sampled_from(tuple(FORMS)))]
                factors.append(form(array.at(draw(_positions(array, letters)))))
            body = draw(st.sampled_from(COEFFICIENTS)) * Mul(*factors)
            over = sorted(indices_of(body) - {*kept}, key=str)
            terms.append(Sum(body, *over) / BATCH ** int(ROW in over) if over else body)
        rhs = OUTER[draw(st.sampled_from(tuple(OUTER)))](Add(*terms))
        equations.append(Equation(Array("zab"[number], kept), rhs))
    last = [equation.array for equation in equations]
    loss = Add(
        *(Sum(tanh(array.reference) ** 2, *array.indices) / BATCH ** int(ROW in array.indices) for array in last)
    )
    sizes = {extent(letters[letter]): length for letter, length in lengths.items()}
    program = Program(
        tuple(arrays), (*equations, Equation(LOSS, loss)), sizes, {"loss": "C", "prediction": last[-1].name}
    )
    return Drawn(verify(program))
