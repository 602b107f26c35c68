"""The former name of `symnet.formats`, kept for compatibility."""

from symnet.formats import FORMATS, Document, Format, format_of, render

__all__ = ["FORMATS", "Document", "Format", "format_of", "render"]
