"""Notations of courses as profiles, and the symbols that an array, an index or a function has in one."""

from symnet.notation.clashes import (
    check_free,
)
from symnet.notation.coefficients import (
    coefficients_out,
    shared_number,
)
from symnet.notation.conventions import (
    Notation,
    letter,
)
from symnet.notation.extra import (
    EXAMPLES,
    OUTPUTS,
    Axis,
    ExtraArray,
    axes_of_array,
    axis_of,
    extra_arrays,
    is_turned,
    letters_needed,
    spare_letters,
)
from symnet.notation.layout import (
    MAX_AXES,
    Axes,
    NoLayout,
    axes_of,
    laid_out,
    transpose_mark,
)
from symnet.notation.profile import (
    load_notation,
    notation_names,
    notation_rows,
    read_notation,
)
from symnet.notation.symbols import (
    GeneralArray,
    Named,
    Place,
    Symbols,
)
from symnet.notation.textbook import (
    function_name,
    textbook,
    with_tanh,
)
from symnet.notation.typeset import (
    Typesetter,
    layer_function,
)

__all__ = [
    "EXAMPLES",
    "MAX_AXES",
    "OUTPUTS",
    "Axes",
    "Axis",
    "ExtraArray",
    "GeneralArray",
    "Named",
    "NoLayout",
    "Notation",
    "Place",
    "Symbols",
    "Typesetter",
    "axes_of",
    "axes_of_array",
    "axis_of",
    "check_free",
    "coefficients_out",
    "extra_arrays",
    "function_name",
    "is_turned",
    "laid_out",
    "layer_function",
    "letter",
    "letters_needed",
    "load_notation",
    "notation_names",
    "notation_rows",
    "read_notation",
    "shared_number",
    "spare_letters",
    "textbook",
    "transpose_mark",
    "with_tanh",
]
