"""Code generation: programs as source text, through the templates."""

from symnet.emit.counts_plot import check_plot, growth, plot_counts
from symnet.emit.counts_text import counts_json, expression_counts_text, network_counts_text
from symnet.emit.module_header import Source
from symnet.emit.program_text import program_json, program_text
from symnet.emit.straight_line import function_module
from symnet.emit.targets import TARGETS, Target, target_of

__all__ = [
    "TARGETS",
    "Source",
    "Target",
    "check_plot",
    "counts_json",
    "expression_counts_text",
    "function_module",
    "growth",
    "network_counts_text",
    "plot_counts",
    "program_json",
    "program_text",
    "target_of",
]
