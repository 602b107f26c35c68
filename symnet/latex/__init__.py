"""Floor 6: equations as LaTeX."""

from symnet.architecture import Network
from symnet.equations import Program
from symnet.latex.printer import equation_latex, expression_latex
from symnet.templating import render


def program_latex(network: Network, program: Program) -> str:
    """All equations of a program as one `aligned` block, for a page that has amsmath, MathJax or KaTeX."""
    lines = [equation_latex(equation, "&=") for equation in program.equations]
    return render("program.tex.jinja", lines=lines).rstrip()


__all__ = ["equation_latex", "expression_latex", "program_latex"]
