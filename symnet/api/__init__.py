"""The public functions: from a network or a function to its derivation, its code and its checks.

network → forward equations → sweep → simplify → derivation → code, pages, counts, checks
"""

from symnet.api.functions import (
    count_expression,
    differentiate,
)
from symnet.api.networks import (
    Derivation,
    compile,
    count,
    derivation_page,
    derive,
    exercise_sheet,
    generate,
    gradcheck,
    render_document,
    rendered_page,
)
from symnet.api.verification import (
    verify,
    verify_file,
    verify_given,
)

__all__ = [
    "Derivation",
    "compile",
    "count",
    "count_expression",
    "derivation_page",
    "derive",
    "differentiate",
    "exercise_sheet",
    "generate",
    "gradcheck",
    "render_document",
    "rendered_page",
    "verify",
    "verify_file",
    "verify_given",
]
