"""Documents independent of a format (`blocks`), and the formats that write them (`formats`)."""

from symnet.document.blocks import Document
from symnet.document.formats import FORMATS, Format, format_of, render
from symnet.document.sections import only

__all__ = ["FORMATS", "Document", "Format", "format_of", "only", "render"]
