"""Documents before any format (`blocks`), and the formats they are written in (`formats`)."""

from symnet.formats.blocks import (
    Block,
    Display,
    Document,
    Inline,
    Line,
    Math,
    Paragraph,
    Picture,
    Ref,
    Section,
    Step,
    SymbolInfo,
    Table,
)
from symnet.formats.escaping import (
    html_text,
    tex_text,
)
from symnet.formats.formats import (
    FORMATS,
    Format,
    format_of,
    render,
)
from symnet.formats.sections import (
    only,
)

__all__ = [
    "FORMATS",
    "Block",
    "Display",
    "Document",
    "Format",
    "Inline",
    "Line",
    "Math",
    "Paragraph",
    "Picture",
    "Ref",
    "Section",
    "Step",
    "SymbolInfo",
    "Table",
    "format_of",
    "html_text",
    "only",
    "render",
    "tex_text",
]
