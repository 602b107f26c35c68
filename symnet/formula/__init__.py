"""The tree of a formula as it stands on a page, its size as it is typeset, and its writers: LaTeX, MathML, text."""

from symnet.formula.latex import (
    LATEX_OPERATORS,
    formula_latex,
    guarded,
    is_plain,
)
from symnet.formula.mathml import (
    formula_mathml,
    inline_mathml,
    relation_mathml,
)
from symnet.formula.metrics import (
    LINE,
)
from symnet.formula.numbers import (
    decimal,
    is_exact,
    number,
)
from symnet.formula.plain import (
    formula_text,
    letter_character,
)
from symnet.formula.shape import (
    is_number,
    is_operand,
    is_tall,
)
from symnet.formula.tree import (
    GREEK,
    OPERATORS,
    Fenced,
    Formula,
    Fraction,
    Function,
    Grid,
    Letter,
    Number,
    Operator,
    Reveal,
    Row,
    Scripts,
    Space,
    Style,
    Symbol,
    Total,
    Words,
    product,
    row,
)
from symnet.formula.typesetting import (
    Bow,
    Rule,
    Run,
    Setting,
    formula_height,
    formula_width,
    set_label,
)

__all__ = [
    "GREEK",
    "LATEX_OPERATORS",
    "LINE",
    "OPERATORS",
    "Bow",
    "Fenced",
    "Formula",
    "Fraction",
    "Function",
    "Grid",
    "Letter",
    "Number",
    "Operator",
    "Reveal",
    "Row",
    "Rule",
    "Run",
    "Scripts",
    "Setting",
    "Space",
    "Style",
    "Symbol",
    "Total",
    "Words",
    "decimal",
    "formula_height",
    "formula_latex",
    "formula_mathml",
    "formula_text",
    "formula_width",
    "guarded",
    "inline_mathml",
    "is_exact",
    "is_number",
    "is_operand",
    "is_plain",
    "is_tall",
    "letter_character",
    "number",
    "product",
    "relation_mathml",
    "row",
    "set_label",
]
