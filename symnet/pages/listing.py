"""All equations of a network as a list, without text between them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from html import escape

from symnet.core import Array, Program, reverse_sweep
from symnet.formats import Line
from symnet.formula import Operator, formula_latex, formula_mathml, row
from symnet.network import Network, check_differentiable, forward_equations
from symnet.notation import load_notation, with_tanh
from symnet.pages.layers import Group, layer_of
from symnet.pages.page_program import PageProgram, page_program
from symnet.pages.scene import Scene
from symnet.simplify import simplify
from symnet.support import visible
from symnet.templating import SHIPPED, Templates, render

OWN = "symnet"
"""The notation of the listings."""


def equation_lines(page: PageProgram, *, backward: bool = True) -> Iterator[Line]:
    """Yield the equations of every layer in index form: forward, then backward if asked."""
    for equation in page.forward.equations:
        scene = _scene(page, equation.array)
        setter = scene.typesetter(equation.array, equation.rhs)
        yield Line(setter.expression(equation.lhs), "=", setter.expression(equation.rhs))
    for name, cotangent in page.cotangents.items() if backward else ():
        if cotangent.stands and name != page.forward.outputs["loss"]:
            scene = _scene(page, cotangent.array)
            setter = scene.typesetter(cotangent.array, cotangent.result)
            left = setter.expression(cotangent.array.cotangent().reference)
            yield Line(left, "=", setter.expression(cotangent.result))


def _scene(page: PageProgram, array: Array) -> Scene:
    layer = max(layer_of(array, page.depth), 1)
    return Scene(page, Group(layer, layer))


def listing_program(network: Network, *, backward: bool = True) -> Program:
    """Return the program of a listing, with functions and decimals as the formulas were written.

    Args:
        network: the architecture.
        backward: whether the gradients of all parameters are derived too.

    Raises:
        ArchitectureError: the layers do not fit together.
        NotDifferentiableError: `backward`, and the derivative of an activation is 0 wherever it exists.
    """
    forward = forward_equations(network, as_written=True).program
    if not backward:
        return forward
    check_differentiable(network)
    swept = simplify(reverse_sweep(forward, [array.name for array in forward.parameters]))
    return swept.with_equations([replace(equation, rhs=with_tanh(equation.rhs)) for equation in swept.equations])


def listing_latex(network: Network, *, backward: bool = True, templates: Templates = SHIPPED) -> str:
    """Return the equations as one LaTeX `aligned` environment, for amsmath, MathJax or KaTeX.

    Raises:
        ArchitectureError: the layers do not fit together.
    """
    page = page_program(network, load_notation(OWN))
    lines = [
        rf"{formula_latex(line.left)} &= {formula_latex(line.right)}"
        for line in equation_lines(page, backward=backward)
        if line.left is not None
    ]
    return templates.render("program.tex.jinja", lines=lines).rstrip()


def listing_html(network: Network) -> str:
    """Return the equations as MathML under the title of the network, for a notebook.

    Raises:
        ArchitectureError: the layers do not fit together.
    """
    page = page_program(network, load_notation(OWN))
    equations = [formula_mathml(row(line.left, Operator(line.relation), line.right)) for line in equation_lines(page)]
    return render("program.html.jinja", title=escape(visible(network.title)), equations=equations).rstrip()
