"""Print an array program as NumPy source: each node is one expression, with parentheses only where needed."""

from __future__ import annotations

from dataclasses import dataclass, field

from symnet.functions import FUNCTIONS, ROWS, Code
from symnet.lower import (
    Axes,
    Call,
    Delta,
    Einsum,
    Expand,
    Fill,
    Literal,
    Load,
    Matmul,
    Node,
    Place,
    Power,
    Product,
    Reduce,
    RowCall,
    Scatter,
    Terms,
    Transpose,
    Window,
)
from symnet.support import ATOM, POWER, PRODUCT, SIGN, SUM, LoweringError
from symnet.targets.python_text import number_text

ROW_CODE = {record.lowered: record.numpy for record in ROWS.values()}


@dataclass
class NumpyCode:
    """Prints nodes, and records which helpers, SciPy functions and run-time sizes the printed code uses."""

    helpers: set[str] = field(default_factory=set)
    scipy: set[str] = field(default_factory=set)
    sizes: set[str] = field(default_factory=set)
    windows: bool = False

    def text(self, node: Node) -> str:
        """Return the source of a node."""
        return self.printed(node, SUM)

    def printed(self, node: Node, strength: int) -> str:
        """Return the source of a node, in parentheses if its precedence is lower than `strength`."""
        source, found = self.source(node)
        return f"({source})" if found < strength else source

    def source(self, node: Node) -> tuple[str, int]:
        match node:
            case Load(name=name):
                return name, ATOM
            case Literal(value=value):
                self.sizes.update({value} if isinstance(value, str) else ())
                return str(value), ATOM
            case Terms():
                return self.terms(node), SUM
            case Product():
                return self.product(node)
            case Power():
                return self.power(node)
            case Call():
                return self.call(node)
            case RowCall(function=function, argument=argument):
                return self.written(ROW_CODE[function], [self.text(argument)])
        return self.shaped(node)

    def shaped(self, node: Node) -> tuple[str, int]:
        """Return the source of a node that moves, contracts, reduces or broadcasts axes, with its precedence."""
        match node:
            case Expand(axes=axes, operand=operand):
                return f"{self.printed(operand, ATOM)}[{self.subscript(axes, operand)}]", ATOM
            case Transpose(operand=operand):
                return self.transposed(node, operand), ATOM
            case Matmul(left=left, right=right):
                return f"{self.printed(left, SIGN)} @ {self.printed(right, SIGN)}", PRODUCT
            case Einsum(subscripts=subscripts, operands=operands):
                arguments = ", ".join(self.text(operand) for operand in operands)
                # With `optimize`, NumPy contracts two operands at a time, and groups of axes as one, by BLAS.
                order = ", optimize=True" if len(operands) > 2 or _is_matrix_product(operands, node.axes) else ""
                return f'np.einsum("{subscripts}", {arguments}{order})', ATOM
            case Window(name=name, places=places, shape=shape, outside=outside):
                return self.placed("_window", name, places, node.axes, shape, outside), ATOM
            case Scatter(operand=operand, places=places, shape=shape):
                return self.placed("_scatter", self.text(operand), places, operand.axes, shape), ATOM
            case Delta(axes=axes, place=(offset, moves), shape=shape):
                self.windows = True
                steps = ", ".join(str(dict(moves)[idx]) for idx in axes)
                return f"_delta(({self.lengths(shape)}), {offset}, {steps})", ATOM
            case Reduce(axes=axes, operand=operand):
                return self.reduction(axes, operand), ATOM
            case Fill(operand=operand, shape=shape):
                return f"np.full(({self.lengths(shape)}), {self.text(operand)}, DTYPE)", ATOM
        raise TypeError(f"no code for {type(node).__name__}")

    def lengths(self, shape: tuple[int | str, ...]) -> str:
        """What stands between the parentheses of a shape."""
        self.sizes.update(size for size in shape if isinstance(size, str))
        return ", ".join(map(str, shape)) + ("," if len(shape) == 1 else "")

    def placed(
        self,
        function: str,
        array: str,
        places: tuple[Place, ...],
        moving: Axes,
        shape: tuple[int | str, ...],
        outside: float = 0.0,
    ) -> str:
        """A call with a position for each axis: its offset, and its step with each of the axes that it moves with."""
        self.windows = True
        steps = ((offset, {moving.index(idx): step for idx, step in moves}) for offset, moves in places)
        ending = f", outside={number_text(outside)}" if outside else ""
        return f"{function}({array}, ({self.lengths(shape)}), {', '.join(map(str, steps))}{ending})"

    def power(self, node: Power) -> tuple[str, int]:
        if node.exponent == 0.5:
            return f"np.sqrt({self.text(node.base)})", ATOM
        operator = "**" if isinstance(node.base, Load | Literal) else " ** "
        return f"{self.printed(node.base, ATOM)}{operator}{node.exponent!r}", POWER

    def terms(self, node: Terms) -> str:
        (negative, first), *others = node.terms
        text = f"-{self.printed(first, POWER)}" if negative else self.text(first)
        for negative, term in others:
            text += f" - {self.printed(term, PRODUCT)}" if negative else f" + {self.text(term)}"
        return text

    def product(self, node: Product) -> tuple[str, int]:
        factors = list(node.above) or [Literal((), 1)]
        has_array = any(not _comparison(factor) and factor.axes for factor in factors)
        # NumPy accepts a boolean array as a factor, but cannot negate one.
        may_compare = [has_array and not (node.negative and place == 0) for place in range(len(factors))]
        printed = [self.factor(*pair) for pair in zip(factors, may_compare, strict=True)]
        text = ("-" if node.negative else "") + " * ".join(printed)
        if node.below:
            below = [self.printed(factor, SIGN) for factor in node.below]
            text += f" / {below[0]}" if len(below) == 1 else f" / ({' * '.join(below)})"
        elif len(printed) == 1:
            return text, SIGN
        return text, PRODUCT

    def factor(self, node: Node, may_compare: bool) -> str:
        """Return a factor; a step may be printed as a comparison if it is multiplied by an array of numbers."""
        comparison = _comparison(node)
        if comparison and may_compare and isinstance(node, Call):
            return f"({comparison.format(*(self.printed(argument, SUM) for argument in node.arguments))})"
        return self.printed(node, SIGN)

    def call(self, node: Call) -> tuple[str, int]:
        code = FUNCTIONS[node.function].numpy
        if code is None:
            raise LoweringError(f"the function {node.function} has no NumPy code")
        arguments = [self.printed(argument, ATOM if code.tight else SUM) for argument in node.arguments]
        if node.function == "select":
            arguments = [arguments[0], *self.choices(node.arguments[1:], arguments[1:])]
        return self.written(code, arguments)

    def written(self, code: Code, arguments: list[str]) -> tuple[str, int]:
        """Return the code of a function of printed arguments, and record what the code needs."""
        self.helpers.update({code.helper.name} if code.helper else ())
        self.scipy.update(code.scipy)
        return code.template.format(*arguments), PRODUCT if code.tight else ATOM

    def choices(self, nodes: tuple[Node, ...], printed: list[str]) -> list[str]:
        """Return the two values of a choice; two plain numbers get the dtype, else the result would be float64."""
        if any(node.axes for node in nodes):
            return printed
        return [f"DTYPE({text})" for text in printed]

    def subscript(self, axes: tuple[object, ...], operand: Node) -> str:
        first = axes.index(operand.axes[0]) if operand.axes else len(axes)
        return ", ".join(":" if idx in operand.axes else "None" for idx in axes[first:])

    def transposed(self, node: Node, operand: Node) -> str:
        source = self.printed(operand, ATOM)
        if node.axes == operand.axes[::-1]:
            return f"{source}.T"
        return f"{source}.transpose({', '.join(str(operand.axes.index(idx)) for idx in node.axes)})"

    def reduction(self, axes: tuple[object, ...], operand: Node) -> str:
        summed = [place for place, idx in enumerate(operand.axes) if idx not in axes]
        if len(summed) == len(operand.axes):
            return f"np.sum({self.text(operand)})"
        axis = str(summed[0]) if len(summed) == 1 else f"({', '.join(map(str, summed))})"
        return f"{self.printed(operand, ATOM)}.sum(axis={axis})"


def _comparison(node: Node) -> str:
    """Return the code of a step as a comparison; empty if the node is no step."""
    code = FUNCTIONS[node.function].numpy if isinstance(node, Call) else None
    return "" if code is None else code.comparison


def _is_matrix_product(operands: tuple[Node, ...], kept: Axes) -> bool:
    """Whether no axis of both operands is kept, so that groups of their axes can be multiplied as matrices."""
    left, right = ({*operand.axes} for operand in operands)
    return not left & right & {*kept} and max(len(left), len(right)) > 2
