"""Arguments of the Python API of a wrong type or name: one line that says what is needed, in the user's words."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import symnet
from symnet.support.errors import OptionError


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: symnet.count("2-2-1", weights=3), "weights is of type int; a mapping from operations to numbers is"),
        (lambda: symnet.count_expression("x*2", weights=[1]), "weights is of type list; a mapping from operations"),
        (
            lambda: symnet.differentiate("x*2", wrt=3),
            "the name of a variable to differentiate by is of type int; a string, or a sequence of strings is needed",
        ),
        (lambda: symnet.differentiate("x*2", wrt=[3]), "a variable to differentiate by is of type int; a string is"),
        (lambda: symnet.count_expression("x*2", wrt="foo"), "unknown variable 'foo'; known: x"),
        (lambda: symnet.Naming(base=2), "the base of a naming is '2'; a whole number from 0 to 1 is needed"),
        (lambda: symnet.Naming(base=True), "the base of a naming is 'True'; a whole number from 0 to 1 is needed"),
        (lambda: symnet.Naming(to_from=1), "to_from is of type int; True or False is needed"),
        (lambda: gradient("W9", 1, 1), "unknown parameter 'W9'; known: W1, W2, b1, b2"),
        (lambda: gradient("W1", 5, 1), "the position in W1 is '(5, 1)'; its shape is (2, 2), and positions count from"),
        (lambda: gradient("W1", -1, 1), "the position in W1 is '(-1, 1)'; its shape is (2, 2), and positions count"),
        (lambda: gradient("W1", 1), "the position in W1 is '(1,)'; its shape is (2, 2), and positions count from 0"),
        (lambda: gradient("W1", 0, 0.0), "the position in W1 is '(0, 0.0)'; its shape is (2, 2), and positions count"),
    ],
)
def test_a_wrong_argument_is_one_line(call: Callable[[], object], message: str) -> None:
    with pytest.raises(OptionError) as refused:
        call()
    assert str(refused.value).startswith(message)
    assert "\n" not in str(refused.value)


def gradient(parameter: str, *position: int) -> object:
    return symnet.derive("2-2-1").scalar_form().gradient(parameter, *position)


def test_the_variables_may_be_one_text_with_commas() -> None:
    formula = "alpha*y + y*z"
    assert symnet.differentiate(formula, wrt="alpha, z") == symnet.differentiate(formula, wrt=["alpha", "z"])
    assert symnet.differentiate(formula, wrt="") == symnet.differentiate(formula)


@pytest.mark.parametrize("name", ["count", "gradcheck"])
def test_an_unknown_argument_is_told_of_the_function_that_was_called(name: str) -> None:
    with pytest.raises(TypeError, match=rf"^{name}\(\) got an unexpected keyword argument 'foo'"):
        getattr(symnet, name)("2-2-1", foo=1)
