"""The derivation of a network as a document, in the symbols of a notation."""

from symnet.pages.chain import (
    ENDS,
    by_loss,
    put_in,
    with_factors,
)
from symnet.pages.contents import (
    MAX_SCALAR,
    Derived,
    Options,
    derivation_document,
)
from symnet.pages.entries import (
    Position,
)
from symnet.pages.forward_steps import (
    TARGETS,
    ForwardSteps,
    listed,
)
from symnet.pages.layers import (
    groups,
)
from symnet.pages.listing import (
    listing_html,
    listing_latex,
    listing_program,
)
from symnet.pages.matrix_form import (
    MatrixSetter,
)
from symnet.pages.numbers import (
    MOST_DIGITS,
    InNumbers,
    Worked,
)
from symnet.pages.page_program import (
    PageProgram,
    forward_as_written,
    page_program,
)
from symnet.pages.pictures import (
    network_picture,
)
from symnet.pages.program_text import (
    program_json,
    program_text,
)
from symnet.pages.scene import (
    Scene,
    Scenes,
    in_printed_order,
    twin,
)
from symnet.pages.steps import (
    BackwardSteps,
    descent_line,
)
from symnet.pages.symbol_table import (
    symbol_infos,
    symbol_table,
)
from symnet.pages.values import (
    Values,
    read_values,
    values_of,
    worked_out,
)

__all__ = [
    "ENDS",
    "MAX_SCALAR",
    "MOST_DIGITS",
    "TARGETS",
    "BackwardSteps",
    "Derived",
    "ForwardSteps",
    "InNumbers",
    "MatrixSetter",
    "Options",
    "PageProgram",
    "Position",
    "Scene",
    "Scenes",
    "Values",
    "Worked",
    "by_loss",
    "derivation_document",
    "descent_line",
    "forward_as_written",
    "groups",
    "in_printed_order",
    "listed",
    "listing_html",
    "listing_latex",
    "listing_program",
    "network_picture",
    "page_program",
    "program_json",
    "program_text",
    "put_in",
    "read_values",
    "symbol_infos",
    "symbol_table",
    "twin",
    "values_of",
    "with_factors",
    "worked_out",
]
