"""Layers of one's own: numbers as Python has them, and what is wrong refused in one line that says where."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar

import numpy as np
import pytest
import sympy
from sympy import Rational

import symnet
from symnet import Dense, Layer, Network, Scope
from symnet.support.errors import ArchitectureError


@dataclass(frozen=True)
class Own(Layer):
    """A layer that writes what it is told to; x is the output of the layer before."""

    kind: ClassVar[str] = "own"
    formula: ClassVar[str] = "a[n,j] = f(x[n,j])"
    write: Callable[[Scope, Any], object] = lambda scope, x: scope.output(x)

    def equations(self, scope: Scope) -> None:
        self.write(scope, scope.input[scope.n, scope.i].subs(scope.i, scope.j))


def network_of(write: Callable[[Scope, Any], object]) -> Network:
    return Network(2, [Own(2, write), Dense(2)])


# ---- numbers ----


def same(first: Callable[[Any], Any], second: Callable[[Any], Any]) -> None:
    programs = [symnet.derive(network_of(lambda s, x, f=f: s.output(f(x)))).equations for f in (first, second)]
    assert [str(each.rhs) for each in programs[0].equations] == [str(each.rhs) for each in programs[1].equations]


@pytest.mark.parametrize(
    ("typed", "exact"),
    [
        (lambda x: 0.5 * x, lambda x: x / 2),
        (lambda x: x**2.0, lambda x: x**2),
        (lambda x: (1 + x**2) ** 1.5, lambda x: (1 + x**2) ** Rational(3, 2)),
        (lambda x: np.float64(0.25) * sympy.tanh(2.0 * x), lambda x: sympy.tanh(2 * x) / 4),
        (lambda x: 3, lambda x: sympy.Integer(3)),
        (lambda x: 2.5, lambda x: Rational(5, 2)),
        (lambda x: Fraction(1, 3), lambda x: Rational(1, 3)),
    ],
)
def test_a_float_is_the_decimal_that_was_typed(typed: Callable[[Any], Any], exact: Callable[[Any], Any]) -> None:
    same(typed, exact)


@pytest.fixture(scope="module", name="decimals")
def network_with_decimals() -> Network:
    return network_of(lambda s, x: s.output(0.1 * (1.0 + x**2) ** 1.5 + 0.3))


def test_code_and_counts_of_decimals(decimals: Network) -> None:
    assert symnet.gradcheck(decimals)
    assert symnet.count(decimals).sweep > 0
    x = np.array([[0.5, -2.0]])
    source = {target: symnet.generate(decimals, target=target) for target in ("numpy-plain", "python")}
    assert "0.1 * " in source["numpy-plain"]
    module = symnet.compile(Network(2, [*decimals.layers[:1], Own(2)]))
    np.testing.assert_allclose(module.forward(module.init(0), x), 0.1 * (1 + x**2) ** 1.5 + 0.3, rtol=1e-15)


def test_pages_show_decimals_as_they_were_typed(decimals: Network) -> None:
    page = symnet.derive(decimals).to_latex(level="short")
    assert "0.3 + 0.1" in page
    assert r"\frac{1}{10}" not in page


@pytest.mark.parametrize("number", [sympy.I, sympy.nan, sympy.oo, sympy.zoo, 1 + 2j, (-1) ** Rational(1, 3)], ids=str)
def test_constants_that_are_not_real_are_refused(number: Any) -> None:
    with pytest.raises(ArchitectureError, match=r"^layer 1: the right-hand side of a1 has the constant"):
        symnet.derive(network_of(lambda s, x: s.output(number * x + number)))


def test_numbers_beyond_those_of_formulas_are_refused() -> None:
    with pytest.raises(ArchitectureError, match=r"^layer 1: the right-hand side of a1: the number 1e-320; 0 or one"):
        symnet.derive(network_of(lambda s, x: s.output(1e-320 * x)))


# ---- shapes ----


@pytest.mark.parametrize("shape", [(), 3, None, (2.0,), ("a",), (-1, 2), (0,), (True,), [3], (10**7,)], ids=str)
def test_a_shape_that_is_none_is_refused(shape: Any) -> None:
    class Shaped(Layer):
        kind = "shaped"
        formula = "a[n,j] = x[n,j]"

        def shape(self, before: tuple[int, ...]) -> tuple[int, ...]:
            return shape  # type: ignore[no-any-return]

        def equations(self, scope: Scope) -> None:
            scope.output(scope.input[scope.n, scope.j])

    with pytest.raises(ArchitectureError) as refused:
        Network(2, [Shaped(2), Dense(2)])
    assert str(refused.value) == (
        f"layer 1: the shape of the shaped layer's output is {str(shape)!a}; "
        "a tuple of whole numbers from 1 to 1,000,000 is needed, such as (3,) or (28, 28, 1)"
    )


# ---- what a layer declares and writes ----


@pytest.mark.parametrize(
    ("write", "message"),
    [
        (lambda s, x: s.output(None), "the right-hand side of a1 is 'None'; a SymPy expression or a number is needed"),
        (lambda s, x: s.output("x"), "the right-hand side of a1 is 'x'; a SymPy expression or a number is needed"),
        (lambda s, x: s.output(True), "the right-hand side of a1 is 'True'; a SymPy expression or a number is needed"),
        (lambda s, x: s.output(x > 0), "the right-hand side of a1 is 'x[n, j] > 0'; a SymPy expression or a number"),
        (
            lambda s, x: s.output(sympy.Piecewise((x, x > 0), (0, True))),
            "the right-hand side of a1 has the part '(0, True)', which is no number",
        ),
        (
            lambda s, x: s.parameter("g", s.j, role="weights"),
            "unknown role 'weights'; did you mean 'weight'? known: parameter, weight",
        ),
        (lambda s, x: s.parameter(3, s.j), "an array is called '3'; a Latin letter, then Latin letters, digits and _"),
        (lambda s, x: s.weight(s.j, s.j), "an array is called 'j'; a Latin letter"),
        (
            lambda s, x: s.parameter("β", s.j),
            "an array is called 'β'; a Latin letter, then Latin letters, digits and _",
        ),
        (lambda s, x: s.parameter("g", 3), "g1 has the index '3'; one of the scope with its range is needed, such as"),
        (lambda s, x: s.define("z", x, sympy.Symbol("j")), "z1 has the index 'j'; one of the scope with its range"),
        (lambda s, x: s.index(3, 2), "an index is called '3'; a letter from a to z other than i, j, n is needed"),
        (
            lambda s, x: (s.output(x), s.output(x)),
            "a comes after the output a1; scope.output(...) is the last and is called once",
        ),
        (lambda s, x: (s.output(x), s.define("z", x)), "z comes after the output a1; scope.output(...) is the last"),
        (lambda s, x: s.define("z", x), "the own layer has no output; its equations end with scope.output(...)"),
        (lambda s, x: s.earlier(0), "how many layers back a connection starts is '0'; a whole number from 1 to"),
        (lambda s, x: s.earlier(-1), "how many layers back a connection starts is '-1'; a whole number from 1 to"),
        (lambda s, x: s.earlier(1.0), "how many layers back a connection starts is '1.0'; a whole number from 1 to"),
    ],
)
def test_equations_that_are_wrong_are_refused(write: Callable[[Scope, Any], object], message: str) -> None:
    with pytest.raises(ArchitectureError) as refused:
        symnet.derive(network_of(write))
    assert str(refused.value).startswith(f"layer 1: {message}")


def test_a_class_without_a_kind_or_a_formula_is_refused() -> None:
    class Bare(Layer):
        def equations(self, scope: Scope) -> None:
            scope.output(scope.input[scope.n, scope.j])

    class Named(Bare):
        kind = "named"

    class Numbered(Named):
        formula = 3  # type: ignore[assignment]

    for kind, message in (
        (Bare, 'the class Bare has no kind; kind = "..." is needed'),
        (Named, 'the class Named has no formula; formula = "..." is needed'),
        (Numbered, "the class Numbered has the formula '3'; formula = \"...\" is needed"),
    ):
        with pytest.raises(ArchitectureError) as refused:
            kind(2)
        assert str(refused.value) == message
