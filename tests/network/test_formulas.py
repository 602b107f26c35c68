"""What a formula means: NumPy's value of the same text, the names that people type, and nothing that is constant."""

from __future__ import annotations

import itertools
import math
import re
import sys
import warnings
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from strategies import examples
from sympy import Expr, simplify, sqrt, sympify
from sympy.core.cache import clear_cache

import symnet
from symnet.core.text import expression_text
from symnet.functions.floats import FloatMath
from symnet.functions.kinds import logarithm, power
from symnet.functions.values import value
from symnet.network.activations import ACTIVATIONS, FAMILIES, FORMULA_FUNCTIONS, Z, activation, read_formula
from symnet.network.formulas import read_expression
from symnet.network.losses import LOSSES
from symnet.network.losses import loss as read_loss
from symnet.support.names import ACTIVATION_SYNONYMS, FUNCTION_SYNONYMS, LOSS_SYNONYMS


def slope(formula: str, z: float, loss: str = "a", y: float = 0.0, **options: Any) -> tuple[float, float]:
    """The value of a formula and its derivative, from the module of a network of one unit."""
    module = symnet.compile(symnet.parse(f"1-1:{formula};loss={loss}"), **options)
    parameters = module.Parameters(np.ones((1, 1)), np.array([z]))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        found, gradient = module.value_and_grad(parameters, np.zeros((1, 1)), np.full((1, 1), y))
    return found, float(gradient.b1[0])


def refusal(text: str) -> str:
    with pytest.raises(symnet.SymnetError) as caught:
        symnet.parse(text)
    message = str(caught.value)
    assert "\n" not in message
    return message


# ---- what NumPy makes of the same text ----

NUMPY: dict[str, Callable[[Any], Any]] = {
    "sqrt({})": np.sqrt,
    "log({})": np.log,
    "exp({})": np.exp,
    "abs({})": np.abs,
    "({})**2": np.square,
    "({})**3": lambda u: u**3,
    "({})**1.5": lambda u: np.sqrt(u) ** 3,
    "({})**0.25": lambda u: np.sqrt(np.sqrt(u)),
    "2*({})": lambda u: 2 * u,
    "({}) + 1": lambda u: u + 1,
    "exp(2*({}))": lambda u: np.exp(2 * u),
    "sign({})": np.sign,
    "1/({})": lambda u: 1 / u,
    "({})**(-0.5)": lambda u: 1 / np.sqrt(u),
    "({})**(-2)": lambda u: 1 / np.square(u),
    "1 - ({})": lambda u: 1 - u,
    "-0.1*({})": lambda u: -0.1 * u,
    "sigmoid({})": lambda u: 1 / (1 + np.exp(-u)),
    "maximum({}, 0.5)": lambda u: np.maximum(u, 0.5),
}
PAIRS: dict[str, Callable[[Any, Any], Any]] = {"({})*({})": np.multiply, "({}) + ({})": np.add}


def value_of(expression: Expr, point: float) -> float:
    """Not a number where a function of it is not real."""
    try:
        found = value(FloatMath, expression, {Z: point})
    except ValueError:
        return math.nan
    return math.nan if isinstance(found, complex) else float(found)


@st.composite
def real_formulas(draw: st.DrawFn) -> tuple[str, Callable[[Any], Any]]:
    """Formulas of roots and logarithms, with NumPy's value of the same text."""

    def both(
        form: str, left: tuple[str, Callable[[Any], Any]], right: tuple[str, Callable[[Any], Any]]
    ) -> tuple[str, Callable[[Any], Any]]:
        return form.format(left[0], right[0]), lambda z: PAIRS[form](left[1](z), right[1](z))

    found = st.recursive(
        st.just(("z", lambda z: z)),
        lambda parts: st.one_of(
            st.builds(
                lambda form, part: (form.format(part[0]), lambda z: NUMPY[form](part[1](z))),
                st.sampled_from(sorted(NUMPY)),
                parts,
            ),
            st.builds(both, st.sampled_from(sorted(PAIRS)), parts, parts),
        ),
        max_leaves=3,
    )
    return draw(found)


@settings(deadline=None, max_examples=examples(300))
@given(real_formulas(), st.sampled_from([-4.0, -1.0, -0.3, 0.3, 2.0]))
def test_a_formula_is_nan_where_numpy_is_of_the_same_text(
    formula: tuple[str, Callable[[Any], Any]], point: float
) -> None:
    """SymPy takes sqrt(z)**2 and exp(log(z)) for z, and the absolute value of a root apart into atan2."""
    text, compute = formula
    with np.errstate(all="ignore"):
        expected = float(compute(np.float64(point)))
    assume(math.isnan(expected) or 1e-9 < abs(expected) < 1e9)
    try:
        found = value_of(read_formula(text, Z), point)
    except symnet.SymnetError:
        assume(False)
    assert found == pytest.approx(expected, rel=1e-9, nan_ok=True)


@pytest.mark.parametrize("outer", sorted(NUMPY))
def test_every_function_of_every_function_is_nan_where_numpy_is(outer: str) -> None:
    """And of a product of the two, in which what must not be negative is asked of each."""
    for inner, form in itertools.product(sorted(NUMPY), ("{0}", "{1}*{0}", "{0}/{1}")):
        one = inner.format("z")
        text = form.format(f"({outer.format(one)})", f"({one})")
        try:
            expression = read_formula(text, Z)
        except symnet.SymnetError:
            continue  # real nowhere
        if not expression.free_symbols:
            continue  # such as sqrt(z)/sqrt(z), which no activation may be
        for point in (-4.0, -0.3, 0.3, 2.0):
            with np.errstate(all="ignore"):
                first = NUMPY[inner](np.float64(point))
                second = NUMPY[outer](first)
                expected = float({"{0}": second, "{1}*{0}": first * second, "{0}/{1}": second / first}[form])
            if math.isnan(expected) or 1e-9 < abs(expected) < 1e9:
                found = value_of(expression, point)
                assert found == pytest.approx(expected, rel=1e-9, nan_ok=True), (text, point)


NEVER_NEGATIVE = (
    *("z**2", "exp(z)", "abs(z)", "cosh(z)", "sigmoid(z)", "softplus(z)", "relu(z)", "gaussian(z)", "2", "pi"),
    *("z**2 + 2", "exp(z)*abs(z)", "0.5*cosh(z)", "z**4*sigmoid(2*z)", "(z - 1)**2 + relu(z)", "exp(-z)/3"),
)
PERHAPS_NEGATIVE = ("z", "z**3", "z**2 - 2", "-exp(z)", "z*exp(z)", "tanh(z)", "z**2 + z", "z**3*exp(z)", "1 - abs(z)")


@pytest.mark.parametrize("text", NEVER_NEGATIVE)
def test_what_is_never_negative_is_as_sympy_has_it(text: str) -> None:
    """The square of its root is itself, and so is the exponential of its logarithm."""
    meant = read_formula(f"z*({text})", Z)
    for again in (f"z*sqrt({text})**2", f"z*sqrt(1 + {text})**2 - z", f"z*exp(log(1 + {text})) - z"):
        found = read_formula(again, Z)
        assert not found.has(power, logarithm), found
        assert simplify(found - meant) == 0


@pytest.mark.parametrize("text", PERHAPS_NEGATIVE)
def test_what_may_be_negative_keeps_its_root(text: str) -> None:
    for again in (f"sqrt({text})**2", f"exp(log({text}))"):
        assert read_formula(again, Z) != read_formula(text, Z)


@pytest.mark.parametrize("text", ["sqrt(z)", "log(z)", "z*sqrt(z)", "log(z) + sqrt(z)", "z/sqrt(1 - z)", "z**0.25"])
def test_what_sympy_does_not_change_is_its_own(text: str) -> None:
    found = read_formula(text, Z)
    assert not found.has(power, logarithm)
    assert found == sympify(text.replace("0.25", "Rational(1, 4)"), {"z": Z})


@pytest.mark.parametrize("number", [2, 3, 12, 999_999, 1_000_000])
def test_the_root_of_a_short_coefficient_is_exact_and_of_a_long_one_a_float(number: int) -> None:
    assert read_formula(f"sqrt({number}*z)", Z) == sqrt(number) * sqrt(Z)
    assert read_formula(f"sqrt(z/{number})", Z) == sqrt(Z) / sqrt(number)
    for form, meant in (("({}*z)**0.5", 0.5), ("({}*z)**0.25", 0.25), ("({}*z)**(-1.5)", -1.5)):
        text = form.format(number + 1_000_000)
        found = value(FloatMath, read_formula(text, Z), {Z: 0.7})
        assert float(found) == pytest.approx(((number + 1_000_000) * 0.7) ** meant, rel=1e-14)


@pytest.mark.parametrize("options", [{}, {"target": "numpy-plain"}], ids=str)
@pytest.mark.parametrize(
    "text",
    ["exp(log(z))", "sqrt(z)**2", "sqrt(z)*sqrt(z)", "(z**1.5)**2", "exp(2*log(z))", "z**2.5*z**0.5", "abs(sqrt(z))"],
)
def test_a_module_is_nan_where_numpy_is_and_right_elsewhere(text: str, options: dict[str, str]) -> None:
    assert np.isnan(slope(text, -4.0, **options)).all()
    found, gradient = slope(text, 2.0, **options)
    with np.errstate(all="ignore"):
        exact = eval_numpy(text, 2.0)
        assert found == pytest.approx(exact, rel=1e-12)
        assert gradient == pytest.approx((eval_numpy(text, 2.0 + 1e-6) - eval_numpy(text, 2.0 - 1e-6)) / 2e-6, rel=1e-8)


def eval_numpy(text: str, z: float) -> float:
    """Python's value of a text of these tests."""
    return float(eval(text, {"exp": math.exp, "log": math.log, "sqrt": math.sqrt}, {"z": z}))


# ---- the work of reading ----

NESTED = (
    *("({})**1.01", "({})**-1.01", "({}+1)**1.01", "({}+1)**2", "({}*z)**0.7", "sqrt({}-1)", "abs({}-1)**1.5"),
    *("abs({}-1)", "exp({}-1)", "log({}+1)", "sign({}-1)", "1/({}+1)", "exp(1.5*log({}+1))", "({})**0.5*({})**1.5"[:9]),
)


def work(text: str) -> int:
    """How many functions of Python are called while a formula is read."""
    clear_cache()
    calls = 0

    def count(frame: object, event: str, argument: object) -> None:
        nonlocal calls
        calls += event == "call"

    sys.setprofile(count)
    try:
        read_formula(text, Z)
    finally:
        sys.setprofile(None)
    return calls


def nested(forms: list[str], depth: int) -> str:
    text = "z"
    for place in range(depth):
        text = forms[place % len(forms)].replace("{}", text)
    return text


@pytest.mark.parametrize("form", NESTED)
def test_reading_takes_no_more_than_the_square_of_the_depth(form: str) -> None:
    """It was exponential in it for powers of powers: 62 million calls at 12 levels, 5,400 now."""
    work(nested([form], 4))  # what is imported on first use is not to be counted
    small, large = work(nested([form], 6)), work(nested([form], 12))
    assert large < 6 * small + 20_000


@settings(deadline=None, max_examples=examples(40))
@given(st.lists(st.sampled_from(NESTED), min_size=1, max_size=4))
def test_any_nesting_is_read_with_bounded_work(forms: list[str]) -> None:
    try:
        assert work(nested(forms, 12)) < 1_500_000
    except symnet.SymnetError:
        assume(False)


def test_powers_of_powers_are_derived() -> None:
    text = nested(["({})**1.01"], 12)
    exact = 1.01**12
    found, gradient = slope(text, 2.0)
    assert found == pytest.approx(2.0**exact, rel=1e-12)
    assert gradient == pytest.approx(exact * 2.0 ** (exact - 1), rel=1e-12)


# ---- nothing varies ----


@pytest.mark.parametrize(
    "formula",
    [
        "5",
        "z-z",
        "z/z",
        "0*z",
        "sin(2)",
        "pi",
        "e",
        "sin(z)**2 + cos(z)**2",
        "exp(z)*exp(-z)",
        "z**2 - z*z",
        "relu(2)",
        "exp(log(z-100))/(z-100)",
    ],
)
def test_a_formula_in_which_nothing_varies_is_refused(formula: str) -> None:
    assert "does not depend on z" in refusal(f"1-1:{formula}")
    assert "does not depend on z" in refusal(f"2-2-1:mine={formula},identity")
    loss = formula.replace("z", "a")
    assert "does not depend on the output a" in refusal(f"1-1;loss={loss}")
    with pytest.raises(symnet.SymnetError, match="does not depend"):
        symnet.from_toml(
            f"[network]\ninputs=1\n[[layers]]\nunits=1\nactivation='f'\n[activations.f]\nexpression='{formula}'\n"
        )


@pytest.mark.parametrize("loss", ["1", "y**2", "a - a + y", "y*sin(2)", "(a + y) - a"])
def test_a_loss_that_does_not_depend_on_the_output_is_refused(loss: str) -> None:
    assert "does not depend on the output a" in refusal(f"1-1;loss={loss}")


@pytest.mark.parametrize(
    "formula",
    [
        *("1e-3*z", "exp(-z**2)", "1 + 1e-9*z", "sign(z)", "relu(z - 1e9)", "z**64", "log(z)"),
        # Infinite in floats, or real, at too few points to tell.
        *("1 + 1e-290*exp(z)", "exp(log(z - 1e5))/(z - 1e5)"),
    ],
)
def test_a_formula_that_varies_is_not(formula: str) -> None:
    assert symnet.parse(f"1-1:{formula}")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("1-1:leaky_relu(0.2)", "leaky_relu(slope=0.2)"),
        ("1-1:elu(0.5)", "elu(alpha=0.5)"),
        ("1-1:swish(2)", "silu(beta=2)"),
        ("1-1;loss=huber(0.5)", "huber(delta=0.5)"),
        ("1-1:z*leaky_relu(z, 0.2)", "leaky_relu(z, slope=...)"),
    ],
)
def test_what_was_probably_meant_is_said_and_works(text: str, meant: str) -> None:
    assert meant in refusal(text)
    if "..." not in meant:
        head = "1-1;loss=" if "loss" in text else "1-1:"
        assert symnet.parse(head + meant)


@pytest.mark.parametrize("text", ["2-2-1:,identity", "2-2-1:tanh,", "2-1:", "1-1;loss="])
def test_an_empty_entry_is_refused(text: str) -> None:
    assert "is empty" in refusal(text)


# ---- options by name ----

MEMBERS: dict[str, Callable[[float, float], float]] = {
    "leaky_relu": lambda z, slope: z if z > 0 else slope * z,
    "elu": lambda z, alpha: z if z > 0 else alpha * math.expm1(z),
    "softplus": lambda z, beta: math.log1p(math.exp(beta * z)) / beta,
    "silu": lambda z, beta: z / (1 + math.exp(-beta * z)),
}


def test_every_option_has_a_reference() -> None:
    assert set(MEMBERS) == set(FAMILIES)


@settings(deadline=None, max_examples=examples(40))
@given(st.sampled_from(sorted(MEMBERS)), st.integers(1, 400), st.sampled_from([-2.5, -0.4, 0.3, 1.7]))
def test_an_option_by_name_is_a_number_of_the_textbook_formula(name: str, hundredths: int, point: float) -> None:
    number = Fraction(hundredths, 100)
    option = FAMILIES[name].option
    member = MEMBERS[name]
    called = activation(f"{name}({option}={float(number)})")
    expected = member(point, float(number))
    assert value(FloatMath, called.expression, {Z: point}) == pytest.approx(expected, rel=1e-12)
    inside = read_formula(f"{name}(z, {option}={float(number)})", Z)
    assert value(FloatMath, inside, {Z: point}) == pytest.approx(expected, rel=1e-12)
    network = symnet.parse(f"2-2-1:{called.text},identity")
    assert symnet.parse(symnet.to_string(network)) == network
    assert symnet.from_toml(symnet.to_toml(network)) == network


@pytest.mark.parametrize("text", ["leaky_relu(slope=0.2)", "elu(alpha=0.5)", "softplus(beta=3)", "swish(beta=1.5)"])
@pytest.mark.parametrize("options", [{}, {"target": "numpy-plain"}, {"accuracy": "tails"}], ids=str)
def test_an_option_works_in_modules(text: str, options: dict[str, str]) -> None:
    name, number = text[:-1].split("(")[0], float(text[:-1].split("=")[1])
    member = MEMBERS[ACTIVATION_SYNONYMS.get(name, name)]
    for point in (-1.3, 0.8):
        found, gradient = slope(text, point, **options)
        assert found == pytest.approx(member(point, number), rel=1e-12)
        change = (member(point + 1e-6, number) - member(point - 1e-6, number)) / 2e-6
        assert gradient == pytest.approx(change, rel=1e-7)
    assert symnet.gradcheck(symnet.parse(f"2-3-2:{text},identity"))


@pytest.mark.parametrize("notation", ["symnet", "bishop", "downie", "nielsen"])
def test_an_option_works_on_pages(notation: str) -> None:
    network = symnet.parse("2-2-1:leaky_relu(slope=0.2),elu(alpha=0.5);loss=huber(delta=0.25)")
    page = symnet.derive(network).to_latex(notation)
    assert "0.2" in page
    assert symnet.derive(network).count()


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("leaky_relu(slope=-1)", "positive number"),
        ("leaky_relu(slope=0)", "positive number"),
        ("leaky_relu(alpha=1)", "known: slope"),
        ("relu(slope=1)", "known: none"),
        ("leaky_relu(slope=1,slope=2)", "twice"),
        ("2*leaky_relu(z, slope=z)", "positive number"),
        ("2*relu(z, slope=1)", "no option 'slope'"),
        ("2*relu(**z)", "in parentheses"),
    ],
)
def test_a_wrong_option_is_refused(text: str, part: str) -> None:
    assert part in refusal(f"1-1:{text}")


# ---- pi and e ----


def test_pi_and_e_are_numbers_everywhere() -> None:
    assert slope("sin(2*pi*z)", 0.25) == pytest.approx((1.0, 0.0), abs=1e-15)
    assert slope("e**z", 1.5) == pytest.approx((math.exp(1.5), math.exp(1.5)), rel=1e-15)
    assert slope("identity", 2.0, loss="pi*(a - y)**2") == pytest.approx((4 * math.pi, 4 * math.pi), rel=1e-15)
    source = symnet.differentiate("log(2*pi*s)")
    assert "d/ds" in source or "s" in source
    assert "dpi" not in source
    assert symnet.count_function("e*x*pi").gradient.operations if hasattr(symnet, "count_function") else True


# ---- the names that people type ----


@pytest.mark.parametrize("spelling", sorted(ACTIVATION_SYNONYMS))
def test_an_activation_is_found_by_other_names_and_printed_by_its_own(spelling: str) -> None:
    name = ACTIVATION_SYNONYMS[spelling]
    if name not in ACTIVATIONS:
        return
    for written in (spelling, spelling.upper(), spelling.title()):
        assert activation(written) is ACTIVATIONS[name]


@pytest.mark.parametrize("spelling", sorted(LOSS_SYNONYMS))
def test_a_loss_is_found_by_other_names_and_printed_by_its_own(spelling: str) -> None:
    for written in (spelling, spelling.upper(), spelling.title()):
        assert read_loss(written).text == LOSS_SYNONYMS[spelling]


@pytest.mark.parametrize("spelling", sorted(FUNCTION_SYNONYMS))
def test_a_function_is_found_by_other_names(spelling: str) -> None:
    name = FUNCTION_SYNONYMS[spelling]
    if name not in FORMULA_FUNCTIONS:
        return
    arguments = ", ".join(("z", "0.25", "2")[: FORMULA_FUNCTIONS[name].arity])
    for written in (spelling, spelling.title()):
        assert read_formula(f"{written}({arguments})", Z) == read_formula(f"{name}({arguments})", Z)


def test_synonyms_lead_to_names_that_there_are() -> None:
    assert set(LOSS_SYNONYMS.values()) <= set(LOSSES)
    assert set(ACTIVATION_SYNONYMS.values()) <= {*ACTIVATIONS, *FORMULA_FUNCTIONS, "asinh"}
    assert not set(LOSS_SYNONYMS) & set(LOSSES)
    assert not set(FUNCTION_SYNONYMS) & set(FORMULA_FUNCTIONS)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("2-1:hyperbolic_tangens", "'tanh'"),
        ("2-1:sigmod", "'sigmoid'"),
        ("2-1:lnn(z)", "'log'"),
        ("2-1:maxx(z, 1)", "'maximum'"),
        ("2-1;loss=msee", "'mean_squared_error'"),
        ("2-1;loss=crossentropie", "'cross_entropy'"),
    ],
)
def test_did_you_mean_names_what_means_the_same(text: str, part: str) -> None:
    assert f"did you mean {part}" in refusal(text)


def test_clip_is_the_minimum_of_a_maximum() -> None:
    for point, expected in ((-3.0, (-1.0, 0.0)), (0.5, (0.5, 1.0)), (4.0, (2.0, 0.0))):
        assert slope("clip(z, -1, 2)", point) == expected


# ---- steps ----


@pytest.mark.parametrize("options", [{}, {"target": "numpy-plain"}], ids=str)
@pytest.mark.parametrize(("name", "below"), [("step", 0.0), ("bipolar_step", -1.0)])
def test_a_step_is_1_from_0_on(name: str, below: float, options: dict[str, str]) -> None:
    for point, expected in ((-1e-300, below), (-2.0, below), (0.0, 1.0), (1e-300, 1.0), (3.0, 1.0)):
        assert slope(f"z*0.5 + {name}(z)", point, **options) == (expected + point / 2, 0.5)
    assert slope("relu", 0.0, **options) == (0.0, 0.0)


# ---- numbers as they are written ----


@pytest.mark.parametrize(
    ("formula", "part"),
    [
        ("z/sqrt(2)", r"\frac{1}{\sqrt{2}} \, z"),
        ("0.5*z*(1+erf(z/sqrt(2)))", r"\frac{1}{\sqrt{2}} \, z"),
        ("0.5*z*(1+tanh(0.7978845608028654*(z+0.044715*z**3)))", r"0.7978845608028654 \, (z"),
        ("0.5*z*(1+erf(z/sqrt(2)))", r"0.5 \, z"),
        ("0.5*(z+sqrt(z**2+4))", r"0.5 \, (\sqrt{4 + z^{2}} + z)"),
        ("0.5*tanh(0.5*z)+0.5", r"0.5 + 0.5 \, \tanh(0.5 \, z)"),
        ("0.25*z**2 + sin(z)", r"0.25 \, z^{2}"),
        ("0.3*z**2 + sin(z)", r"0.6 \, z"),
        ("abs(z)**1.01", r"\lvert z\rvert^{1.01}"),
        ("abs(z)**1.01", r"1.01 \, \lvert z\rvert^{0.01}"),
        ("(1+z**2)**-1.5 + z", r"\frac{1}{(1 + z^{2})^{1.5}}"),
        ("z/3 + z/10 + sin(z)", r"\frac{13}{30} \, z"),
        ("z*tanh(0.3*z**2 + 0.1*z)", r"0.3 \, "),
        ("sin(2*pi*z)/3", r"2 \, \pi \, z"),
        ("z*log(2)", r"\log(2) \, z"),
        ("1.702*z + sin(z)", r"1.702 \, z"),
        ("1e-9*z + sin(z)", r"10^{-9} \, z"),
        ("e*z + sin(z)", r"e \, z"),
    ],
)
def test_numbers_stand_on_pages_as_they_are_written(formula: str, part: str) -> None:
    """They were fractions of fifteen digits, multiplied into the sums that they stood before."""
    derivation = symnet.derive(symnet.parse(f"2-2-1:{formula},identity"))
    page = re.sub(r"(?<![a-z])u(?![a-z])", "z", derivation.to_latex())  # which reads every equation back
    assert part in page
    assert not re.search(r"\d{9,}\}", page)
    text = symnet.derive(symnet.parse(f"1-1:{formula};loss=a")).network.layers[0].function.name
    assert read_formula(text, Z) == read_formula(formula, Z)


@settings(deadline=None, max_examples=examples(60))
@given(
    st.decimals("0.001", "9.999", places=4), st.sampled_from(["{}*z", "sin({}*z)", "{}*(z + z**3)", "z**2/({} + z**2)"])
)
def test_a_decimal_is_printed_with_its_digits(number: Decimal, form: str) -> None:
    written = str(number.normalize())
    assume("." in written and Fraction(number).denominator > 64)
    expression = read_formula(form.format(written), Z)
    assert written in expression_text(expression)
    assert read_formula(expression_text(expression), Z) == expression
    exact = form.format(f"mpf('{written}')")
    assert value(FloatMath, expression, {Z: 0.7}) == pytest.approx(
        float(eval(exact, {"mpf": float, "sin": math.sin, "z": 0.7})), rel=1e-14
    )


@pytest.mark.parametrize(
    "formula", ["z/sqrt(2)", "sqrt(3)*z/3 + z**2", "pi*z + e*z**2", "z*log(2)/sqrt(5)", "sqrt(z)**2"]
)
def test_exact_constants_are_read_back_from_text(formula: str) -> None:
    expression = read_formula(formula, Z)
    assert read_formula(expression_text(expression), Z) == expression


# ---- constants that a dtype cannot hold ----


@pytest.mark.parametrize("target", ["numpy", "numpy-plain"])
@settings(deadline=None, max_examples=examples(20))
@given(st.integers(1, 9), st.integers(-60, 60), st.sampled_from(["{}*z", "z + {}*z**2", "tanh({}*z)", "z/{}"]))
def test_constants_beyond_float32_are_refused_when_a_module_is_written(
    target: str, digit: int, exponent: int, form: str
) -> None:
    number = float(f"{digit}e{exponent}")
    held = 1 / number if form == "z/{}" else number
    network = symnet.parse(f"1-1:{form.format(f'{digit}e{exponent}')}")
    if all(2.0**-126 <= abs(each) < 2.0**127 for each in (number, held, 2 * held, held / 2)):
        symnet.generate(network, dtype="float32", target=target)
    elif not 2.0**-128 < held < 2.0**129:
        with pytest.raises(symnet.SymnetError, match="float32 holds"):
            symnet.generate(network, dtype="float32", target=target)
    symnet.generate(network, target=target)


def test_an_exponent_of_a_page_that_is_no_decimal_is_still_an_exponent() -> None:
    for text, meant in (("z**(0.1/0.3)", 1 / 3), ("z**(0.2/0.3)", 2 / 3), ("z**(-0.1/0.7)", -1 / 7), ("z**1.3", 1.3)):
        for as_written in (False, True):
            found = value_of(read_expression(text, {"z": Z}, FORMULA_FUNCTIONS, as_written=as_written), 2.0)
            assert found == pytest.approx(2.0**meant, rel=1e-12), (text, as_written)
