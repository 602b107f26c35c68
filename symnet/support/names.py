"""Identifiers: allowed and reserved ones, and suggestions for a mistyped name."""

import builtins
import difflib
import keyword
import re
from collections.abc import Container, Iterable, Mapping
from types import MappingProxyType

from symnet.support.errors import ArchitectureError

IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_]*", re.ASCII)
MAX_IDENTIFIER = 40
MAX_SHOWN = 60
NO_SYNONYMS: Mapping[str, str] = MappingProxyType({})

MODULE_NAMES = frozenset(
    (
        *("np", "params", "Parameters", "x", "y", "theta", "rng", "init", "forward", "loss", "gradient"),
        *("value_and_grad", "flatten", "unflatten", "value_and_grad_flat", "N", "C", "Array", "ArrayLike", "NDArray"),
        *("NamedTuple", "DTYPE", "SHAPES", "ARCHITECTURE", "INPUTS", "OUTPUTS", "TARGETS", "erf", "erfc"),
    )
)
"""Names that a generated module defines or has as arguments."""

PYTHON_NAMES = frozenset(keyword.kwlist) | frozenset(keyword.softkwlist) | frozenset(dir(builtins))


def shown(text: object) -> str:
    """`text` quoted for a one-line message: escaped to ASCII, and shortened in the middle if it is long."""
    try:
        quoted = ascii(str(text))
    except ValueError:
        return f"a huge {type(text).__name__}"  # Python refuses to write out an int of thousands of digits
    half = MAX_SHOWN // 2 - 2
    return quoted if len(quoted) <= MAX_SHOWN else f"{quoted[:half]}...{quoted[-half:]}"


def path_shown(path: object) -> str:
    """A path in quotes for a one-line message: only characters that a terminal does not show are escaped."""
    return f"'{visible(str(path))}'"


_OBEYED = re.compile(
    r"(?:coding|\b(?:vim?|ex)(?:[<>=]?[0-9]+)?|\barara)\s*:|coding\s*=|-\*-|!\s*tex\b", re.IGNORECASE | re.ASCII
)
"""Directives that editors and tools obey in a comment: `coding:`, `-*-`, `vim:`, `!TEX` and `arara:`."""


def unobeyed(text: str) -> str:
    """`text` for a comment or a docstring, with directives to tools made harmless by an escaped character."""
    return _OBEYED.sub(lambda found: f"{found[0][:-1]}\\x{ord(found[0][-1]):02x}", text)


_UNSEEN = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")
"""Invisible characters that Unicode counts as letters and marks."""


def visible(text: str) -> str:
    """`text` with control and invisible characters escaped, so that it cannot control a terminal or be hidden."""
    return "".join(
        character if character.isprintable() and not _UNSEEN.match(character) else ascii(character)[1:-1]
        for character in text
    )


def _by_spelling(**spellings: str) -> dict[str, str]:
    return {spelling: name for name, others in spellings.items() for spelling in others.split()}


FUNCTION_SYNONYMS = _by_spelling(
    maximum="max amax",
    minimum="min amin",
    abs="absolute fabs magnitude",
    log="ln",
    atan="arctan",
    asinh="arcsinh arsinh",
    sign="sgn signum",
    sqrt="root",
    clip="clamp",
    identity="linear",
    sigmoid="logistic expit logsig",
    silu="swish",
    relu="rectifier rectified_linear",
    leaky_relu="leakyrelu lrelu",
    softplus="soft_plus",
    softsign="soft_sign",
    gelu_tanh="gelu_new gelu_approx gelu_fast",
    gaussian="gauss",
    step="heaviside unit_step threshold",
    bipolar_step="bipolar",
)
"""The spellings of SymPy, NumPy, PyTorch, Keras and textbooks, by symnet's name."""

ACTIVATION_SYNONYMS = FUNCTION_SYNONYMS | _by_spelling(
    identity="none", tanh="tansig hyperbolic_tangent", sine="sin", exp="exponential", softmax="soft_max"
)
LOSS_SYNONYMS = _by_spelling(
    half_squared_error="quadratic half_mse",
    squared_error="sse sum_of_squares sum_squared_error",
    mean_squared_error="mse mseloss mse_loss",
    mean_absolute_error="mae l1loss l1_loss",
    absolute_error="sae sum_absolute_error",
    cross_entropy="ce crossentropy crossentropyloss categorical_crossentropy categorical_cross_entropy"
    " sparse_categorical_crossentropy softmax_cross_entropy nllloss nll_loss log_loss logloss",
    binary_cross_entropy="bce bceloss binary_crossentropy logistic_loss bcewithlogitsloss bce_with_logits"
    " binary_cross_entropy_with_logits",
    huber="smooth_l1 smooth_l1_loss smoothl1loss huber_loss huberloss",
    gaussian_nll="gaussiannll gaussiannllloss",
    hinge="hinge_loss",
    perceptron="perceptron_loss",
)


def spelled(name: str, known: Container[str], synonyms: Mapping[str, str]) -> str | None:
    """The known name that `name` is a spelling of, in upper or lower case, or None."""
    if name in known:
        return name
    lower = name.lower()
    found = lower if lower in known else synonyms.get(lower)
    return found if found is not None and found in known else None


def nearest(name: str, known: Iterable[str], synonyms: Mapping[str, str] = NO_SYNONYMS) -> str:
    """`; did you mean 'relu'?` if a known name is a synonym or similar to `name`, else an empty string."""
    names = list(known)
    meant = {**{spelling: own for spelling, own in synonyms.items() if own in names}, **{own: own for own in names}}
    lower = name.lower()
    matches = [lower] if lower in meant else difflib.get_close_matches(lower, names, n=1, cutoff=0.5)
    matches = matches or difflib.get_close_matches(lower, list(meant), n=1, cutoff=0.6)
    return f"; did you mean {meant[matches[0]]!r}?" if matches else ""


def unknown(what: str, name: object, known: Iterable[str], synonyms: Mapping[str, str] = NO_SYNONYMS) -> str:
    """The message for an unknown name, with a suggestion and the list of known names."""
    names = sorted(known)
    return (
        f"unknown {what} {shown(name)}{nearest(str(name), names, synonyms) or ';'} known: {', '.join(names) or 'none'}"
    )


def check_identifier(name: str, what: str, reserved: Iterable[str] = (), allowed: Iterable[str] = ()) -> str:
    """Return `name` if it is allowed for `what`.

    An identifier is an ASCII letter followed by at most 39 letters, digits or underscores. Python's
    keywords and builtins, the names of a generated module and those in `reserved` are not allowed,
    except those in `allowed`.

    Raises:
        ArchitectureError: the name is malformed or reserved.
    """
    if not IDENTIFIER.fullmatch(name) or len(name) > MAX_IDENTIFIER:
        raise ArchitectureError(
            f"{what} {shown(name)} is not a name: an ASCII letter, then at most "
            f"{MAX_IDENTIFIER - 1} letters, digits or underscores"
        )
    if name in (PYTHON_NAMES | MODULE_NAMES | set(reserved)) - set(allowed):
        raise ArchitectureError(f"{what} {name!r} is a reserved name")
    return name
