"""Read LaTeX in the symbols of a notation: characters → layout (`syntax`) → tree (`resolve`).

Nothing is shared with the code that prints pages, so that a wrong index on a page is read as a wrong index.
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
