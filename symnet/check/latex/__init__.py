"""LaTeX read as it is printed: characters → layout (`syntax`) → tree (`resolve`), in the symbols of a notation.

Nothing here comes from what prints: a wrong index on the page is one here too.
"""

from symnet.check.latex.deadline import (
    Deadline,
    OutOfTime,
)
from symnet.check.latex.failure import (
    NotUnderstood,
    TooLarge,
    not_understood,
)
from symnet.check.latex.layout import (
    Span,
)
from symnet.check.latex.letters import (
    Known,
    extra_roles,
    is_turned,
)
from symnet.check.latex.resolve import (
    parse_latex,
)
from symnet.check.latex.syntax import (
    ROW_FUNCTIONS,
)

__all__ = [
    "ROW_FUNCTIONS",
    "Deadline",
    "Known",
    "NotUnderstood",
    "OutOfTime",
    "Span",
    "TooLarge",
    "extra_roles",
    "is_turned",
    "not_understood",
    "parse_latex",
]
