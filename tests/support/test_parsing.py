"""The safe reader of formulas: what it accepts means what it says, everything else is refused at once in one line."""

import builtins
import math
import os
import re
import resource
import signal
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
import sympy
import sympy.parsing.sympy_parser
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from mpmath import mp, mpf
from strategies import examples
from sympy import Expr, Symbol

import symnet
from symnet.functions.values import value
from symnet.network import formulas as formulas_module
from symnet.network.activations import FORMULA_FUNCTIONS, Z, custom_activation, read_formula
from symnet.network.formulas import varies
from symnet.support.errors import ExpressionError
from symnet.support.parsing import Name, Negative, Number, Part, parse_formula
from symnet.support.trees import children

SECONDS = 10.0
"""Of processor time; a hang is cut off. The promise of a second is held by work, in `test_hostile_text.py`."""
BYTES = 4 * 2**30


def parsed(text: str) -> Expr:
    return read_formula(text, Z)


@contextmanager
def at_once() -> Iterator[None]:
    """Fail when the body takes ten times the processor time that is promised; a hang is cut off."""

    def stop(number: int, frame: FrameType | None) -> None:
        pytest.fail(f"still busy after {SECONDS} s")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def refusal(text: str) -> str:
    """The message with which a text is refused, at once and in one line."""
    with at_once(), pytest.raises(ExpressionError) as caught:
        parsed(text)
    message = str(caught.value)
    assert re.fullmatch(r"[ -~]+", message)
    return message


def read_or_refused(text: str) -> Expr | None:
    """The expression, or None for a text that is refused in one line; no other error may come of any text."""
    with at_once():
        try:
            return parsed(text)
        except ExpressionError as error:
            message = str(error)
    assert re.fullmatch(r"[ -~]+", message)
    return None


# ---- what is accepted: numbers ----


@given(
    whole=st.integers(0, 999_999),
    decimals=st.text("0123456789", max_size=4),
    power=st.none() | st.integers(-4, 4),
    letter=st.sampled_from("eE"),
)
def test_decimals_are_exact_rationals(whole: int, decimals: str, power: int | None, letter: str) -> None:
    text = f"{whole}.{decimals}" + ("" if power is None else f"{letter}{power:+d}")
    exact = Fraction(text.replace(".e", ".0e").replace(".E", ".0E") if "." in text else text)
    number = parsed(text)
    assert (number.p, number.q) == (exact.numerator, exact.denominator)


@given(st.floats(1e-300, 1e300))
def test_every_float_in_range_is_read_to_the_same_float(number: float) -> None:
    assert float(parsed(repr(number))) == number


@pytest.mark.parametrize(
    ("text", "exact"),
    [
        *(("0.1 + 0.2", "3/10"), ("1/3", "1/3"), ("1/3 + 1/6", "1/2"), (".5", "1/2"), ("1.", "1"), ("2**-2", "1/4")),
        *(("2**3**2", "512"), ("7 - 2 - 1", "4"), ("8/4/2", "1"), ("-2**2", "-4"), ("(-2)**2", "4"), ("--3", "3")),
        *(
            ("+3", "3"),
            ("2*-3", "-6"),
            ("abs(-0.25)", "1/4"),
            ("maximum(1, 2) - minimum(1, 2)", "1"),
            ("sign(-7)", "-1"),
        ),
    ],
)
def test_constants_have_python_precedence_and_exact_values(text: str, exact: str) -> None:
    assert parsed(text) == sympy.Rational(exact)


# ---- what is accepted: formulas ----


class OutsideError(Exception):
    """The formula has no well-behaved value at this point."""


@dataclass(frozen=True)
class Formula:
    """A drawn formula: its text, and its value at a point computed without symnet.

    `at` takes the point and a function applied to every intermediate result.
    """

    text: str
    at: Callable[[Any, Callable[[Any], Any]], Any]


def positive(number: Any) -> Any:
    if number <= 0:
        raise OutsideError
    return number


def not_negative(number: Any) -> Any:
    if number < 0:
        raise OutsideError
    return number


SELU_SCALE, SELU_ALPHA = mpf("1.0507009873554805"), mpf("1.6732632423543773")

REFERENCE: dict[str, Callable[..., Any]] = {
    "exp": mp.exp,
    "expm1": lambda u: mp.exp(u) - 1,
    "log": lambda u: mp.log(positive(u)),
    "log1p": lambda u: mp.log(positive(1 + u)),
    "sqrt": lambda u: mp.sqrt(not_negative(u)),
    "sin": mp.sin,
    "cos": mp.cos,
    "tan": mp.tan,
    "sinh": mp.sinh,
    "cosh": mp.cosh,
    "tanh": mp.tanh,
    "atan": mp.atan,
    "asinh": mp.asinh,
    "erf": mp.erf,
    "abs": abs,
    "sign": mp.sign,
    "maximum": max,
    "clip": lambda u, low, high: min(max(u, low), high),
    "huber": lambda u: u * u / 2 if abs(u) <= 1 else abs(u) - mpf("0.5"),
    "minimum": min,
    "identity": lambda u: u,
    "sigmoid": lambda u: 1 / (1 + mp.exp(-u)),
    "relu": lambda u: max(u, mpf(0)),
    "leaky_relu": lambda u: u if u > 0 else u / 100,
    "elu": lambda u: u if u > 0 else mp.exp(u) - 1,
    "selu": lambda u: SELU_SCALE * (u if u > 0 else SELU_ALPHA * (mp.exp(u) - 1)),
    "softplus": lambda u: mp.log(1 + mp.exp(u)),
    "silu": lambda u: u / (1 + mp.exp(-u)),
    "gelu": lambda u: u * (1 + mp.erf(u / mp.sqrt(2))) / 2,
    "gelu_tanh": lambda u: u / 2 * (1 + mp.tanh(mp.sqrt(2 / mp.pi) * (u + mpf("0.044715") * u**3))),
    "mish": lambda u: u * mp.tanh(mp.log(1 + mp.exp(u))),
    "softsign": lambda u: u / (1 + abs(u)),
    "sine": mp.sin,
    "gaussian": lambda u: mp.exp(-u * u),
    "step": lambda u: mpf(1 if u >= 0 else 0),
    "bipolar_step": lambda u: mpf(1 if u >= 0 else -1),
}

ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda u, v: u + v,
    "-": lambda u, v: u - v,
    "*": lambda u, v: u * v,
    "/": lambda u, v: u / v if v else positive(v),
}


def test_the_reference_knows_every_function_of_the_grammar() -> None:
    assert set(REFERENCE) == set(FORMULA_FUNCTIONS)


def number(text: str) -> Formula:
    return Formula(text, lambda z, rounded: rounded(mpf(text)))


def negated(formula: Formula) -> Formula:
    return Formula(f"-({formula.text})", lambda z, rounded: -formula.at(z, rounded))


def combined(left: Formula, sign: str, right: Formula) -> Formula:
    return Formula(
        f"({left.text} {sign} {right.text})",
        lambda z, rounded: rounded(ARITHMETIC[sign](left.at(z, rounded), right.at(z, rounded))),
    )


def raised(base: Formula, exponent: str) -> Formula:
    def at(z: Any, rounded: Callable[[Any], Any]) -> Any:
        below = base.at(z, rounded)
        if "." in exponent:
            not_negative(below)
        if exponent.startswith("-") and below == 0:
            raise OutsideError
        return rounded(below ** mpf(exponent))

    return Formula(f"({base.text})**{exponent}", at)


def called(name: str, *arguments: Formula) -> Formula:
    return Formula(
        f"{name}({', '.join(argument.text for argument in arguments)})",
        lambda z, rounded: rounded(REFERENCE[name](*(argument.at(z, rounded) for argument in arguments))),
    )


VARIABLE = Formula("z", lambda z, rounded: z)


def formulas() -> st.SearchStrategy[Formula]:
    leaves = st.just(VARIABLE) | st.sampled_from(["0", "1", "2", "0.5", "3.25", "1e-3", "0.1"]).map(number)
    unary = sorted(name for name, function in FORMULA_FUNCTIONS.items() if function.arity == 1)
    return st.recursive(
        leaves,
        lambda parts: st.one_of(
            parts.map(negated),
            st.builds(combined, parts, st.sampled_from("+-*/"), parts),
            st.builds(raised, parts, st.sampled_from(["2", "3", "-1", "-2", "0.5", "1.5"])),
            st.builds(called, st.sampled_from(unary), parts),
            st.builds(called, st.sampled_from(["maximum", "minimum"]), parts, parts),
        ),
        max_leaves=6,
    )


def reference(formula: Formula, z: Any) -> Any:
    """The value of a formula where it is well conditioned: rounding every step as floats do changes little."""
    directions = iter(range(10_000))

    def exact(result: Any) -> Any:
        if not isinstance(result, mpf) or not (result == 0 or 1e-50 < abs(result) < 1e50):
            raise OutsideError
        return result

    def jittered(result: Any) -> Any:
        return exact(result * (1 + mpf((-1) ** next(directions)) * mpf(2) ** -52))

    found = formula.at(z, exact)
    if abs(formula.at(z, jittered) - found) > mpf("1e-10") * abs(found):
        raise OutsideError
    return found


@settings(deadline=None, max_examples=examples(300))
@given(formulas(), st.sampled_from(["-2.7", "-1.3", "-0.31", "0.17", "0.83", "1.9", "3.1"]))
def test_a_formula_means_what_python_and_mpmath_make_of_it(formula: Formula, point: str) -> None:
    with mp.workdps(50):
        try:
            expected = reference(formula, mpf(point))
        except (OutsideError, ZeroDivisionError):
            assume(False)
        found = value(mp, parsed(formula.text), {Z: mpf(point)})
        assert abs(found - expected) <= mpf("1e-9") * abs(expected)


@pytest.mark.parametrize("name", sorted(REFERENCE))
@pytest.mark.parametrize("inner", ["z", "0.5*z", "z - 1"])
def test_each_function_at_random_points(name: str, inner: str) -> None:
    arguments = (inner, "0.3", "1.7")[: FORMULA_FUNCTIONS[name].arity]
    expression = parsed(f"{name}({', '.join(arguments)})")
    with mp.workdps(50):
        for point in map(mpf, ("1.125", "2.5", "4.75")):
            inside = {"z": point, "0.5*z": point / 2, "z - 1": point - 1}[inner]
            expected = REFERENCE[name](*(inside, mpf("0.3"), mpf("1.7"))[: len(arguments)])
            assert abs(value(mp, expression, {Z: point}) - expected) <= mpf("1e-14") * abs(expected)


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("abs(exp(relu(z)))", "exp(relu(z))"),
        ("abs(sigmoid(z))", "sigmoid(z)"),
        ("sqrt(gelu(z)**2)", "abs(gelu(z))"),
        ("abs(exp(maximum(z, 0)))", "exp(maximum(z, 0))"),
        ("abs(exp(2*gelu(z)))", "exp(2*gelu(z))"),
    ],
)
def test_the_functions_are_known_to_be_real(text: str, meaning: str) -> None:
    """Or SymPy splits them into real and imaginary parts, for which there is no code."""
    for point in (-1.5, 0.75):
        with mp.workdps(30):
            assert abs(value(mp, parsed(text), {Z: mpf(point)}) - value(mp, parsed(meaning), {Z: mpf(point)})) < 1e-20


@pytest.mark.parametrize(
    "text",
    [
        *(
            "z",
            "2*z/3",
            "0.123456789*z",
            "1.4142135623730951*z",
            "1e-7*z",
            "1e22*z",
            "z**0.1",
            "z**(1/3)",
            "-z**2",
            "(-z)**2",
            "z - (z - 1)*pi",
        ),
        *("z*tanh(log(1 + exp(z)))", "maximum(z, 0.1)*minimum(z, 1)", "abs(z)**3", "z**-2", "sqrt(z**2)", "sign(z)*z"),
        # functions of the tool that the grammar calls by another name
        *("2*gelu(z)", "z + gelu_tanh(z)", "leaky_relu(z) + 1", "selu(z)*elu(z)", "2*mish(z)", "z*silu(z)"),
        # constants that SymPy pulls out of a root, or makes of a function
        *(
            "sqrt(2*z)",
            "(2*z)**(1/3)",
            "sqrt(2)*sqrt(z)",
            "z*atan(z/z)",
            "z*exp(z/z)",
            "z*erf(z - z + 1)",
            "z + log(z/z + 1)",
        ),
    ],
)
def test_a_formula_is_read_back_from_the_text_it_is_written_as(text: str) -> None:
    first = custom_activation(text)
    assert custom_activation(first.text) == first


@settings(deadline=None, max_examples=examples(200))
@given(formulas())
def test_any_formula_is_read_back_from_the_text_it_is_written_as(formula: Formula) -> None:
    expression = read_or_refused(formula.text)
    assume(expression is not None and varies(expression, Z))
    first = custom_activation(formula.text)
    assert custom_activation(first.text) == first


def test_the_place_decides_which_variables_there_are() -> None:
    a, y = Symbol("a", real=True), Symbol("y", real=True)
    assert read_formula("(a - y)**2", a, y) == (a - y) ** 2
    with pytest.raises(ExpressionError, match="'z'; allowed: a, y"):
        read_formula("a - z", a, y)


def test_spaces_around_and_inside_do_not_matter() -> None:
    assert parsed("  z *  ( z + 1 )  ") == parsed("z*(z+1)")


# ---- what is refused ----


@pytest.mark.parametrize(
    "text",
    [
        # Python that is no arithmetic
        *(
            "__import__('os')",
            "eval('z')",
            "exec('z')",
            "open('x')",
            "().__class__",
            "z.real",
            "z.__class__",
            "(1).real",
        ),
        *(
            "z[0]",
            "z[::1]",
            "[z]",
            "{z}",
            "{z: z}",
            "(z, z)",
            "(z,)",
            "[z for z in z]",
            "(z for z in z)",
            "{z for z in z}",
        ),
        *(
            "lambda: z",
            "lambda z: z",
            "z if z else z",
            "z and z",
            "not z",
            "(z := 1)",
            "z = 1",
            "z; z",
            "*z",
            "exp(*z)",
        ),
        *(
            "exp(z=1)",
            "exp(**z)",
            "exp(z for z in z)",
            "yield z",
            "await z",
            "import os",
            "z\\",
            "f'{z}'",
            "...",
            "None",
        ),
        *(
            "True",
            "'z'",
            '"z"',
            "b'z'",
            "'''z'''",
            "z 'z'",
            "z z",
            "2z",
            "2(z)",
            "(z)(z)",
            "z(2)",
            "exp(z)(z)",
            "exp",
            "z #c",
        ),
        # operators
        *(
            "z^2",
            "z<1",
            "z==z",
            "z<1<2",
            "z in z",
            "z is z",
            "z//2",
            "z%2",
            "z@z",
            "z<<1",
            "z>>1",
            "z|1",
            "z&1",
            "~z",
            "z!",
        ),
        # names
        *(
            "zz",
            "Z",
            "x",
            "Pi",
            "E",
            "I",
            "oo",
            "nan",
            "inf",
            "_",
            "__",
            "np",
            "rellu(z)",
            "softmax(z)",
            "Symbol('z')",
        ),
        # numbers
        *(
            "1_000",
            "0x1f",
            "0b1",
            "0o7",
            "007",
            "1j",
            "2.5j",
            "1e",
            "1e1000",
            "1.2.3",
            "1e400",
            "1e301",
            "1e-400",
            "0x",
        ),
        # look-alikes: fullwidth two, Arabic-Indic two, superscript two, Cyrillic ie and er, Greek zeta, italic z, minus
        *(
            "\uff12*z",
            "\u0662*z",
            "z\u00b2",
            "\u0435xp(z)",
            "ex\u0440(z)",
            "\u03b6",
            "\U0001d467",
            "z\u22121",
            "z\u00a0+ 1",
        ),
        # invisible
        *("", "   ", "z\0", "\0", "z\n", "\nz", "\tz", "z\r", "z\x7f", "z\u200b", "\ufeffz", "z\x1b[31m", "\ud800"),
        # unfinished
        *(
            "(",
            ")",
            "(z",
            "z)",
            "z+",
            "*",
            "exp(",
            "exp()",
            "exp(z,)z",
            "exp(z, z)",
            "maximum(z)",
            "select(z, z)",
            "()",
        ),
        # no real number
        *(
            "1/0",
            "0/0",
            "z/0",
            "z/(1 - 1)",
            "1/(z - z)",
            "0**-1",
            "log(0)",
            "log(-1)",
            "sqrt(-1)",
            "(-8)**(1/3)",
            "log1p(-2)",
        ),
        *("(z - z)**-1", "(0*z)**-1", "log(z - z)", "log(0*z)", "sqrt(z - z - 1)", "log(0*z - 1)", "tan(exp(1e300))"),
        # too large or too small
        *(
            "9**9**9",
            "9**9**9**9",
            "10**65",
            "z**65",
            "z**-65",
            "z**1e9",
            "2**z",
            "z**z",
            "exp(exp(exp(10)))",
            "cosh(1e3)",
        ),
        *(
            "(1e300*z)**64",
            "(3e5*z)**64",
            "(1e-300*z)**2",
            "1e300*1e300",
            "1e300*z*1e300",
            "z/1e300/1e300",
            "z*1e-300*1e-300",
        ),
        *("1e300*(z + 1e300)", "(1e300*z + 1e300)*1e300", "((z - z + 99)**64)**64", "exp(exp(exp(z - z + 10)))"),
        *("((((z**64)**64)**64)**64)**64", "(10**60*z)**6"),
        # too much
        *("-" * 100 + "z", "(" * 300 + "z" + ")" * 300, "exp(" * 70 + "z" + ")" * 70, "z" * 1001, "z+" * 50_000 + "z"),
        *("**".join(["z"] * 200), "z" + "**2" * 100, "9" * 1001, "9" * 999, "+".join(["z"] * 401)),
    ],
    ids=lambda text: ascii(text)[:40],
)
def test_everything_else_is_refused_at_once_in_one_line(text: str) -> None:
    refusal(text)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("z^2", "a power is written **"),
        ("rellu(z)", "did you mean 'relu'?"),
        ("sigmiod(z)", "did you mean 'sigmoid'?"),
        ("tanh + z", "a function needs its argument in parentheses"),
        ("z + q", "character 5: unknown variable 'q'; allowed: z"),
        ("maximum(z)", "maximum takes 2 argument(s), not 1"),
        ("z**z", "the exponent must be a number"),
        ("z**65", "-64 to 64"),
        ("1_000*z", "'1_000' is not a decimal number"),
        ("z*\uff12", "character 3"),
        ("z" * 1001, "at most 1000"),
        ("z/(2 - 2)", "division by zero"),
    ],
)
def test_the_message_says_what_is_wrong_and_where(text: str, part: str) -> None:
    assert part in refusal(text)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "(z/2999990000000)**1e-9",
            "(2*z)**1e-300",
            "(z/3)**0.123456789012345",
            "z**1e-300",
            "(z + 1)**64*(z + 2)**64",
        ),
        *("abs(sin(exp(exp(z/z*20))) - cos(exp(exp(z/z*20))))", "sign(sin(exp(exp(exp(z/z*10)))))"),
        *("sinh(sinh(erf(gaussian(z))**-64))", "abs(exp(sinh(relu(z)**64)))", "((log(z - z))**2 - sinh((z/64)**1e-9))"),
        *("sinh(" * 20 + "z" + ")" * 20, "abs(" * 25 + "z - 1" + ") - 1" * 25, "sin(tan(1e22*z) + 1e300)**64"),
        *("*".join(["(z + 1)**64"] * 20), "/".join(["(z - z**2)"] * 20), "exp(" + "*".join(["z"] * 50) + ")**64"),
    ],
    ids=lambda text: text[:50],
)
def test_hard_formulas_are_answered_at_once(text: str) -> None:
    """Whether read or refused: no text may make SymPy expand, factor or evaluate something huge.

    In a child process, since a hang in the middle of SymPy would spoil its caches for the tests after.
    """
    parsed("abs(sinh(z) - 1)**0.5")  # SymPy imports much on first use, which is not to be counted
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of fork beside the threads of a BLAS
        child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        outcome = 1
        try:
            parsed(text)
            outcome = 0
        except ExpressionError:
            outcome = 0
        finally:
            os._exit(outcome)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status != -signal.SIGPROF, f"still busy after {SECONDS} s"
    assert status == 0, "another error than ExpressionError"


def test_nothing_is_evaluated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trace = tmp_path / "trace"

    def fail(*_: object, **__: object) -> None:
        pytest.fail("text was handed to an evaluator")

    monkeypatch.setattr(builtins, "eval", fail)
    monkeypatch.setattr(sympy.parsing.sympy_parser, "parse_expr", fail)
    for text in (
        f"__import__('pathlib').Path({str(trace)!r}).touch()",
        f"open({str(trace)!r}, 'w')",
        f"[open({str(trace)!r}, 'w') for z in (1,)]",
        f"(lambda: open({str(trace)!r}, 'w'))()",
    ):
        refusal(text)
    assert parsed("z*tanh(log(1 + exp(z))) + 0.5**2") is not None
    assert not trace.exists()


@settings(deadline=None, max_examples=examples(300))
@given(st.text() | st.text("z()+-*/.,0123456789e xplogsqrtabh_'[]=:<^", max_size=40))
@example("(z-z)**-1")
@example("z" + "\0")
def test_arbitrary_text_raises_nothing_but_an_expression_error(text: str) -> None:
    expression = read_or_refused(text)
    assert expression is None or expression.free_symbols <= {Z}


@settings(deadline=None, max_examples=examples(300))
@given(formulas(), st.sampled_from(["", "1e300*", "(z - z)**", "9**", "-", "1/", "log"]))
def test_formulas_with_a_false_start_raise_nothing_but_an_expression_error(formula: Formula, start: str) -> None:
    expression = read_or_refused(f"{start}({formula.text})**64")
    if expression is not None:
        assert expression.is_real is not False
        assert all(math.isfinite(float(atom)) for atom in expression.atoms(sympy.Number))


REFUSED = (
    *("1/0", "log(0)", "sqrt(-1)", "z**1000", "9**999", "f(z)", "z#", "tanh(z,z)", "0x10", "z**z", "exp(1000)"),
    *("1e400", "[z]", "z<0", "2**0.5**1000", "z(2)", "z.real", "z/(1-1)", "log(z, base=2)", "maximum(z)", "1e-310"),
    *("tanh + z", "z^2", "z//2", "tanh(z, z)", "elu(z, 2)", "elu(z, alpha=-1)", "elu(z, alpha=z)", "tanhh(z)"),
    *("log(z, *z)", "(z/1e200)**3", "exp(z)**z", "z**100", "log(-2)", "z**-0.5*0**-0.5", "2**9999"),
)


@pytest.mark.parametrize("text", REFUSED)
def test_a_refusal_points_into_the_formula_and_moves_with_it(text: str) -> None:
    """The same part is pointed to wherever it stands, and what is said of it is a sentence."""
    places, sentences = [], set()
    for before, after in (("", ""), ("z + (", ")"), ("3*z - tanh(z + (", "))")):
        with pytest.raises(symnet.SymnetError) as caught:
            symnet.differentiate(f"{before}{text}{after}")
        match = re.search(r"character (\d+): (.+)", str(caught.value))
        assert match, str(caught.value)
        assert str(caught.value).startswith(f"formula '{before}{text}{after}'")
        places.append(int(match[1]) - 1 - len(before))
        sentences.add(match[2])
    assert len(sentences) == len(set(places)) == 1
    (sentence,), place = sentences, places[0]
    assert 0 <= place < len(text)
    assert not re.search(r"None|[A-Z]{2}|  ", sentence)
    assert re.fullmatch(r"[a-z'].*[\w)*/]", sentence) or sentence.endswith("..."), sentence
    quoted = re.match(r"'(.)' ", sentence)
    assert quoted is None or text[place] == quoted[1]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        *(("sqrt(2)", True), ("2*pi", True), ("exp(-2)/3", True), ("log(2)*1e14", True), ("log(2)*1e-14", True)),
        *(("sqrt(2)*1e15", False), ("log(2)*1e-16", False), ("exp(-40)", False), ("sqrt(2)**2", True)),
        *(("+".join(["sqrt(2)"] * 8), True), ("+".join(["sqrt(2)"] * 9), False), ("maximum(1, pi)", False)),
        *(("sqrt(1000000)", False), ("sqrt(999999)", True), ("sqrt(1000001)", False), ("3**0.25", False)),
        *(("exp(100.5)", False), ("sin(100)", True), ("sin(100.5)", False), ("sin(-100.5)", False)),
    ],
)
def test_a_short_constant_stays_as_it_is_written_and_another_becomes_a_number(text: str, kept: bool) -> None:
    """Of at most 24 operations and operands, of a size to compute with, and no number with a name of its own."""
    tree = parse_formula(text, (), FORMULA_FUNCTIONS)
    assert isinstance(tree, Number) is not kept
    assert tree.value == pytest.approx(float(eval(text, {**vars(math), "maximum": max})), rel=1e-14)
    if isinstance(tree, Number):
        assert float(tree.exact) == tree.value


@pytest.mark.parametrize(
    "text", ["gelu(z)*z", "mish(2*z) - 1/3", "softplus(softplus(z))**3", "0.1*gelu(gelu(z) + 0.3*z)", "huber(z)/z"]
)
def test_a_formula_is_measured_with_its_functions_written_out(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    written_out = sum(1 for _ in sympy.preorder_traversal(parsed(text)))
    monkeypatch.setattr(formulas_module, "MAX_SIZE", written_out)
    assert parsed(text)
    monkeypatch.setattr(formulas_module, "MAX_SIZE", written_out - 1)
    said = rf"character \d+: written out, this has more than {written_out - 1:,} operations and operands$"
    with pytest.raises(ExpressionError, match=said):
        parsed(text)


def test_what_doubles_at_each_level_is_refused_at_the_level_that_is_too_much() -> None:
    depth = next(depth for depth in range(1, 20) if read_or_refused("gelu(" * depth + "z" + ")" * depth) is None)
    assert sum(1 for _ in sympy.preorder_traversal(parsed("gelu(" * (depth - 1) + "z" + ")" * (depth - 1)))) <= 2_000
    for more in (0, 3):
        text = "gelu(" * (depth + more) + "z" + ")" * (depth + more)
        with pytest.raises(ExpressionError) as caught:
            parsed(text)
        match = re.search(r"character (\d+): written out, this has more than 2,000 ", str(caught.value))
        assert match
        assert int(match[1]) == 5 * more + 1


def parts(part: Part) -> Iterator[Part]:
    yield part
    for inner in children(part):
        yield from parts(inner)


@pytest.mark.parametrize(
    "text",
    [
        *("-z", "2*(-pi)", "-(-e)", "1 - -2", "z - (-sqrt(2))*pi", "-2**2*z", "+z", "-exp(-1)", "-log(3)*tanh(-z)"),
        *("0.5*z**2", "1/3 + z", "(1 + sqrt(5))/2*z", "maximum(-1.5, z)", "z**(-0.5)", "2*3*z", "sqrt(-(-2))"),
    ],
)
def test_each_part_has_its_place_in_the_text_and_its_value(text: str) -> None:
    names = {name: getattr(math, name) for name in ("pi", "e", "sqrt", "exp", "log", "tanh")}
    for part in parts(parse_formula(text, ("z",), FORMULA_FUNCTIONS)):
        assert 0 <= part.at < len(text)
        varies = [inner for inner in parts(part) if isinstance(inner, Name) and inner.name == "z"]
        assert (part.value is None) == bool(varies)
        starts = [eval_start(text, part.at, end, names) for end in range(part.at + 1, len(text) + 1)]
        if part.value is not None:
            assert any(found == pytest.approx(part.value, rel=1e-14) for found in starts if found is not None), part
        elif isinstance(part, Negative):
            assert text[part.at] == "-"
        elif isinstance(part, Name):
            assert text[part.at] == "z"


def eval_start(text: str, start: int, end: int, names: dict[str, Any]) -> float | None:
    """What Python makes of a piece of a text, if anything."""
    try:
        found = eval(text[start:end], {"__builtins__": {}}, names)
    except (SyntaxError, NameError, TypeError, ValueError):
        return None
    return found if isinstance(found, int | float) else None


@pytest.mark.parametrize("exponent", [64, -64, 63.5, -63.5, 65, -65, 64.5, -64.5])
def test_exponents_are_read_up_to_64(exponent: float) -> None:
    assert (read_or_refused(f"z**({exponent})") is not None) == (abs(exponent) <= 64)


def test_an_unknown_option_is_answered_with_those_that_there_are() -> None:
    assert refusal("elu(z, beta=2)").endswith("elu has no option 'beta'; known: alpha")
    assert refusal("tanh(z, beta=2)").endswith("tanh has no option 'beta'; known: none")
    two = next((name for name, function in FORMULA_FUNCTIONS.items() if len(function.options) > 1), None)
    if two:
        assert refusal(f"{two}(z, q=2)").endswith(f"known: {', '.join(FORMULA_FUNCTIONS[two].options)}")
