"""`symnet.formats` by the name that it had."""

from symnet.formats import FORMATS, Document, Format, format_of, render

__all__ = ["FORMATS", "Document", "Format", "format_of", "render"]
