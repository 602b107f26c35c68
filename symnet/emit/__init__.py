"""Programs and counts as text, through the templates."""

from symnet.emit.counts_plot import check_plot, growth, plot_counts
from symnet.emit.counts_text import counts_json, expression_counts_text, network_counts_text
from symnet.emit.program_text import program_json, program_text

__all__ = [
    "check_plot",
    "counts_json",
    "expression_counts_text",
    "growth",
    "network_counts_text",
    "plot_counts",
    "program_json",
    "program_text",
]
