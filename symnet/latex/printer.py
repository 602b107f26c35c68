"""Equations in index notation as LaTeX: SymPy's printer, with layers as superscripts and δ for ∂C/∂z."""

from __future__ import annotations

import re

from sympy import Expr, Idx, Indexed, Integer, Mul, Pow, Sum, Symbol
from sympy.printing.latex import LatexPrinter

from symnet.equations import Equation
from symnet.equations.text import TermsInOrder, split_product

_NAME = re.compile(r"(?P<letter>[A-Za-z]+?)(?P<layer>\d*)(?P<bar>_bar)?")

_FUNCTIONS = {
    "sigmoid": r"\sigma",
    "norm_cdf": r"\Phi",
    "norm_pdf": r"\varphi",
    "maximum": r"\max",
    "minimum": r"\min",
}


class IndexLatexPrinter(TermsInOrder, LatexPrinter):
    """`z1[n,j]` as z^{(1)}_{nj}, `z1_bar[n,j]` as δ^{(1)}_{nj}, other cotangents as ∂C/∂v."""

    printmethod = "_index_latex"

    def _print_Idx(self, node: Idx) -> str:
        return str(node.label)

    def _print_Indexed(self, node: Indexed) -> str:
        return array_latex(node.base.name, ",".join(self._print(index) for index in node.indices))

    def _print_Symbol(self, node: Symbol, style: str = "plain") -> str:
        return array_latex(node.name, "") if _NAME.fullmatch(node.name) else str(super()._print_Symbol(node))

    def _print_Sum(self, node: Sum) -> str:
        indices = ",".join(str(limit[0]) for limit in node.limits)
        return rf"\sum_{{{indices}}} {self.parenthesize(node.function, 45)}"

    def _print_Mul(self, node: Mul) -> str:
        sign, above, below = split_product(node)
        factors = [factor for factor in above if not isinstance(factor, Sum)]
        sums = [factor for factor in above if isinstance(factor, Sum)]
        fraction = rf"\frac{{{self._line(factors)}}}{{{self._line(below)}}}"
        text = fraction if below else self._factors(factors)
        return sign + r" \, ".join(filter(None, [text, *(self._print(total) for total in sums)]))

    def _line(self, factors: list[Expr]) -> str:
        """Above or below a fraction line, where a lone factor needs no parentheses."""
        if len(factors) == 1:
            return str(self._print(factors[0]))
        return self._factors(factors) or "1"

    def _factors(self, factors: list[Expr]) -> str:
        return r" \, ".join(self.parenthesize(factor, 50, strict=True) for factor in factors)

    def _print_Pow(self, node: Pow) -> str:
        if isinstance(node.base, Indexed) and node.exp.is_Integer and node.exp > 0:
            return rf"\left({self._print(node.base)}\right)^{{{node.exp}}}"
        return str(super()._print_Pow(node))

    def _print_Function(self, node: Expr, exp: str | None = None) -> str:
        name = node.func.__name__
        arguments = [self._print(argument) for argument in node.args]
        power = f"^{{{exp}}}" if exp else ""
        if name == "step":
            return rf"\left[{arguments[0]} > 0\right]"
        if name == "select":
            return (
                rf"\begin{{cases}} {arguments[1]} & {arguments[0]} > 0 \\ {arguments[2]} & \text{{else}} \end{{cases}}"
            )
        if name in ("softmax", "log_softmax"):
            return rf"{_function_name(name)}_{{{arguments[1]}}}\left({arguments[0]}\right){power}"
        if name in _FUNCTIONS or type(node).__module__.startswith("symnet"):
            return rf"{_function_name(name)}{power}\left({', '.join(arguments)}\right)"
        return str(super()._print_Function(node, exp))


def _function_name(name: str) -> str:
    escaped = name.replace("_", r"\_")
    return _FUNCTIONS.get(name, rf"\mathrm{{{escaped}}}")


def array_latex(name: str, indices: str) -> str:
    """The LaTeX of an array's name at its indices, as printed; a cotangent is δ for z, else ∂C/∂v."""
    match = _NAME.fullmatch(name)
    if match is None:
        return rf"\mathrm{{{name.replace('_', chr(92) + '_')}}}_{{{indices}}}"
    letter = rf"\{match['letter']}" if match["letter"] in ("beta", "delta") else match["letter"]
    layer = f"^{{({match['layer']})}}" if match["layer"] else ""
    below = f"_{{{indices}}}" if indices else ""
    if not match["bar"]:
        return f"{letter}{layer}{below}"
    if letter == "z":
        return rf"\delta{layer}{below}"
    return rf"\frac{{\partial C}}{{\partial {letter}{layer}{below}}}"


_PRINTER = IndexLatexPrinter({"fold_func_brackets": False})


def expression_latex(expression: Expr) -> str:
    """An expression in index notation as LaTeX."""
    return str(_PRINTER.doprint(expression))


def equation_latex(equation: Equation, relation: str = "=") -> str:
    """An equation in index notation as LaTeX, with `relation` between its sides."""
    right = expression_latex(equation.rhs) if equation.rhs != 0 else str(Integer(0))
    return f"{expression_latex(equation.lhs)} {relation} {right}"
