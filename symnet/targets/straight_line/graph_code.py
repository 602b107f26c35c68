"""Print a shared graph as straight-line code: one assignment for each node that is used more than once."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from fractions import Fraction

from symnet.core import MAX_DENOMINATOR
from symnet.functions import FUNCTIONS
from symnet.scalar_form import Graph, Number, least_power, least_values, magnitude
from symnet.support import ATOM, POWER, PRODUCT, SIGN, SUM
from symnet.targets.python_text import wrapped
from symnet.targets.straight_line.language import Language, Printed, held

LONG = 50
"""The most characters of an inlined result; a longer one gets an assignment."""

TINY = 1e-100
"""The least bound of a divisor at which it counts as nonzero, with a margin for rounding."""


class GraphCode:
    """Prints the nodes that some roots depend on.

    Args:
        graph: the shared graph.
        roots: the nodes of the results.
        language: the language of the code.
    """

    def __init__(self, graph: Graph, roots: Sequence[int], language: Language) -> None:
        self.graph = graph
        self.language = language
        self.nodes = graph.reachable(roots)
        self.least = least_values(graph, self.nodes)
        self.is_float = self._floats()
        self.variables: dict[int, str] = {}
        self.lines: list[str] = []
        self.printed: dict[int, Printed] = {}
        self.divisors: dict[int, Printed] = {}
        self._assign(roots)

    def _floats(self) -> dict[int, bool]:
        """Whether each node is a Python float, whose operators raise where those of arrays give inf or nan."""
        found: dict[int, bool] = {}
        for node in self.nodes:
            operation, operands = self.graph.operation[node], self.graph.operands[node]
            if operation == "symbol":
                found[node] = self.language.floats is None or self.graph.detail[node] in self.language.floats
            elif operation == "number":
                found[node] = True
            else:
                found[node] = self.language.gives_float(operation) and all(found[operand] for operand in operands)
        return found

    def _assign(self, roots: Sequence[int]) -> None:
        """Print all nodes in order; a node that is used twice, or repeated by a function's code, gets a name."""
        wanted = set(roots)
        uses = Counter(roots)
        repeated = {name for name in set(self.graph.operation) if self.language.must_be_name(name)}
        for node in self.nodes:
            times = 2 if self.graph.operation[node] in repeated or self._is_square(node) else 1
            for operand in self.graph.operands[node]:
                uses[operand] += times
        taken = {name for node, name in self.graph.names.items() if node in uses}
        taken |= {str(self.graph.detail[node]) for node in self.nodes if self.graph.operation[node] == "symbol"}
        fresh = (f"t{number}" for number in range(1, 10**9) if f"t{number}" not in taken)
        repeated_squares = self._scaled_squares() - wanted
        for node in self.nodes:
            operation = self.graph.operation[node]
            source = self._source(node)
            named = (uses[node] > 1 and node not in repeated_squares) or (node in wanted and len(source[0]) > LONG)
            if operation not in ("symbol", "number") and named:
                name = self.graph.names.get(node) or next(fresh)
                self.lines += wrapped(f"{name} = {source[0]}")
                source = name, ATOM
                self.divisors.pop(node, None)
            self.printed[node] = source

    def _scaled_squares(self) -> set[int]:
        """Return the squares that occur only in products; they are written out: c·v·v may be finite where v² is not."""
        squares = {
            node for node in self.nodes if self.graph.operation[node] == "power" and self.graph.detail[node] == 2
        }
        for node in self.nodes:
            operands = self.graph.operands[node]
            scaled = self.graph.operation[node] == "multiply" and (len(operands) > 1 or self.graph.detail[node] != 1)
            if not scaled or len(squares.intersection(operands)) > 1:
                squares.difference_update(operands)
        return squares

    def text(self, node: int) -> str:
        """Return the name or the code of a root."""
        return self.printed[node][0]

    def _is_square(self, node: int) -> bool:
        return self.graph.operation[node] == "power" and self.graph.detail[node] in (2, 3)

    def _source(self, node: int) -> Printed:
        operation, operands, detail = self.graph.operation[node], self.graph.operands[node], self.graph.detail[node]
        if operation == "symbol":
            return str(detail), ATOM
        if operation == "number":
            return number_text(detail)
        if operation == "add":
            return self._sum(operands), SUM
        if operation == "multiply":
            return self._product(operands, detail)
        if operation == "power":
            return self._power(node, operands[0], detail)
        least = [self.least[operand] for operand in operands]
        return self.language.call(operation, [self.printed[operand] for operand in operands], least)

    def _sum(self, terms: Sequence[int]) -> str:
        """Return a sum, with negative terms last so that their signs become subtractions."""
        printed = sorted((self.printed[term] for term in terms), key=lambda source: source[0].startswith("-"))
        text = held(printed[0], SUM)
        for source in printed[1:]:
            text += (
                f" - {source[0][1:]}" if source[0].startswith("-") and source[1] > SUM else f" + {held(source, SUM)}"
            )
        return text

    def _product(self, factors: Sequence[int], coefficient: Number) -> Printed:
        """Return a product; c·v² is written c·v·v, since v² may overflow where that does not.

        The factor that was computed last comes second: in a derivative it is usually the cotangent, which may be 0
        where the product of the others overflows.
        """
        factors = [*factors[:1], *factors[:1:-1], *factors[1:2]]
        squares = [factor for factor in factors if self._is_written_square(factor)]
        last = ""
        if len(squares) == 1 and (len(factors) > 1 or coefficient != 1):
            (square,) = squares
            (base,) = self.graph.operands[square]
            last = f" * {held(self.printed[base], SIGN)}"
            factors = [base if factor == square else factor for factor in factors]
        if coefficient == 1 and not self.divisors.keys() & set(factors):
            return " * ".join([held(self.printed[factor], SIGN) for factor in factors]) + last, PRODUCT
        above: list[str] = []
        below: list[Printed] = []
        for factor in factors:
            printed = self.printed[factor]
            if factor in self.divisors:
                below.append(self.divisors[factor])
            else:
                above.append(held(printed, SIGN))
        raises = self._may_raise(factors)
        scale, divisor = split_number(magnitude(coefficient))
        if divisor and below and float(divisor).hex().startswith("0x1.0000000000000p"):
            # (1/v)/2 may be finite where 2v overflows.
            scale, divisor = repr(float(magnitude(coefficient))), ""
        if scale:
            # A number above 1 comes last: 2v may overflow where v·w·2 does not.
            above = [*above, scale] if magnitude(coefficient) > 1 else [scale, *above]
        below += [(divisor, ATOM)] if divisor else []
        text = self._quotient(" * ".join(above) or "1.0", below, raises=raises)
        strength = ATOM if raises and not last else PRODUCT if len(above) + len(below) > 1 or last else SIGN
        return ("-" if coefficient < 0 else "") + text + last, min(strength, SIGN) if coefficient < 0 else strength

    def _may_raise(self, factors: Sequence[int]) -> bool:
        """Whether a product of these factors divides Python floats by a number that may be 0."""
        smallest = math.prod(self._least_divisor(factor) for factor in factors if factor in self.divisors)
        return all(self.is_float[factor] for factor in factors) and not smallest >= TINY

    def _least_divisor(self, inverse: int) -> float:
        """Return a lower bound of the absolute value of an inverse's divisor, as it is printed."""
        (base,) = self.graph.operands[inverse]
        return max(0.0, least_power(self._least_size(base), -self.graph.detail[inverse]))

    def _least_size(self, node: int) -> float:
        """Return a lower bound of a value, or of its absolute value if that is bounded away from 0."""
        known = FUNCTIONS.get(self.graph.operation[node])
        if known is None or known.least_size is None:
            return self.least[node]
        return known.least_size(*(self.least[operand] for operand in self.graph.operands[node]))

    def _quotient(self, above: str, below: Sequence[Printed], *, raises: bool) -> str:
        if not below:
            return above
        product = below[0][0] if len(below) == 1 else " * ".join(held(factor, SIGN) for factor in below)
        if raises:
            return self.language.operator("divide", above, product)
        return f"{above} / {held(below[0], SIGN)}" if len(below) == 1 else f"{above} / ({product})"

    def _is_written_square(self, node: int) -> bool:
        """Whether a node is a square without a name."""
        return self.graph.operation[node] == "power" and self.graph.detail[node] == 2 and self.printed[node][1] != ATOM

    def _power(self, node: int, base: int, exponent: Number) -> Printed:
        """Return a power, and record the divisor of an inverse for products, which can divide by it."""
        printed, least = self.printed[base], self.least[base]
        if exponent in (-1, -0.5):
            divisor = printed if exponent == -1 else (self.language.root(printed[0], least), ATOM)
            self.divisors[node] = divisor
            raises = self._may_raise([node])
            return self._quotient("1.0", [divisor], raises=raises), ATOM if raises else PRODUCT
        if exponent in (2, 3):
            return " * ".join([printed[0]] * int(exponent)), PRODUCT
        if exponent == 0.5:
            return self.language.root(printed[0], least), ATOM
        size = self._least_size(base) if isinstance(exponent, int) else least
        if self.is_float[base] and not _is_safe_power(size, float(exponent)):
            return self.language.operator("power", printed[0], repr(float(exponent))), ATOM
        power = str(exponent) if isinstance(exponent, int) else repr(float(exponent))
        return f"{held(printed, ATOM)} ** {power}", POWER


def _is_safe_power(least: float, exponent: float) -> bool:
    """Whether Python's power of any float that is at least `least` is real and never raises."""
    return (least >= 0 and 0 < exponent <= 1) or (least >= 1 and exponent < 0)


def number_text(value: Number) -> Printed:
    """Return a number as a float literal."""
    text = repr(float(value))
    return text, SIGN if text.startswith("-") else ATOM


def split_number(value: Number) -> tuple[str, str]:
    """Return a positive coefficient as a factor and a divisor, each empty if it is 1."""
    if isinstance(value, int | Fraction) and value.denominator <= MAX_DENOMINATOR:
        above = "" if value.numerator == 1 else repr(float(value.numerator))
        return above, "" if value.denominator == 1 else repr(float(value.denominator))
    return repr(float(value)), ""
