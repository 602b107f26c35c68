"""Floor 6: programs as text, through the templates."""

from symnet.emit.numpy_module import DTYPES, Source, numpy_module
from symnet.emit.program_text import catalogue, program_json, program_text

__all__ = ["DTYPES", "Source", "catalogue", "numpy_module", "program_json", "program_text"]
