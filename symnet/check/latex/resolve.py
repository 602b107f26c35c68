"""Turn the layout of a formula into a tree of what it means in a notation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from symnet.check.latex import layout as l
from symnet.check.latex import tree as t
from symnet.check.latex.factors import FactorReader
from symnet.check.latex.failure import NotUnderstood, not_understood, too_large
from symnet.check.latex.heads import (
    bare_letter,
    condition_letter,
    differentiated,
    is_equation_number,
    own_symbol,
    shape_of,
    with_their_conditions,
)
from symnet.check.latex.letters import Alphabet, Known, Role, letters_told
from symnet.check.latex.scripts import ScriptReader, is_transpose, listed, pieces, plain_letter
from symnet.check.latex.syntax import read_layout
from symnet.check.latex.tokens import MAX_NESTING
from symnet.notation import Notation

EQUALITIES = ("=", "approx", "update")


def parse_latex(text: str, notation: Notation, known: Known | None = None) -> list[t.Chain]:
    r"""Parse the equations of a displayed formula in the symbols of a notation.

    Args:
        text: LaTeX, such as `z_{j}^{(l)} = \sum_{i} w_{ij}^{(l)} a_{i}^{(l-1)}`, of at most 20,000 characters.
        notation: the notation that it is written in.
        known: what is known of the network and of the text around it.

    Raises:
        NotUnderstood: the formula cannot be read; the error says at which character, and what was expected.
        TooLarge: the text is too long.
    """
    resolver = Resolver(notation, known or Known())
    chains = [chain for line in with_their_conditions(read_layout(text), notation) for chain in resolver.line(line)]
    for place in reversed(range(len(chains) - 1)):
        if not chains[place].conditions:
            chains[place] = replace(chains[place], conditions=chains[place + 1].conditions)
    return chains


class Resolver:
    """Reads parts of a layout in a notation.

    While a definition such as f(u) = ... is read, `variables` are the letters of its arguments.
    """

    def __init__(self, notation: Notation, known: Known) -> None:
        self.notation = notation
        self.alphabet = Alphabet(notation, known.extra)
        self.scripts = ScriptReader(notation, known.sizes)
        self.may_define = known.defined is not None
        self.defined = known.defined or frozenset()
        self.variables: frozenset[str] = frozenset()
        self.depth = 0
        self.is_bare = False

    @contextmanager
    def one_deeper(self, part: l.Part) -> Iterator[None]:
        """Count one more level of nesting while the context is open.

        Raises:
            NotUnderstood: the formula is nested too deeply.
        """
        if self.depth == MAX_NESTING:
            raise too_large(part.span.start, f"at most {MAX_NESTING} sums and functions inside one another")
        self.depth += 1
        yield
        self.depth -= 1

    def line(self, line: l.Line) -> list[t.Chain]:
        """Return the chains of a line, each with the conditions that follow it."""
        found: list[tuple[l.Chain, list[t.Condition]]] = []
        items = list(line.items)
        while items:
            item = items.pop(0)
            if found and not items and is_equation_number(item):
                break
            if not isinstance(item, l.Chain):
                raise not_understood(item.span.start, "an equation")
            letter = condition_letter(item, self.notation) if found else None
            if letter is None:
                found.append((item, []))
                continue
            values = [item.sides[1]]
            while items and not isinstance(items[0], l.Chain):
                values.append(items.pop(0))
            found[-1][1].append(self._condition(item, letter, values))
        return [self._chain(chain, conditions) for chain, conditions in found]

    def _condition(self, chain: l.Chain, letter: str, values: list[l.Part]) -> t.Condition:
        dots = [place for place, value in enumerate(values) if isinstance(value, l.Dots)]
        if len(dots) > 1 or (dots and dots[0] != len(values) - 2):
            raise not_understood(values[dots[0]].span.start, "a range such as 1, \\dots, L")
        read = self.scripts.fixed_layer if letter == self.notation.layer else self.node
        given: tuple[t.Layer | t.Node, ...] = tuple(read(value) for value in values if not isinstance(value, l.Dots))
        return t.Condition(chain.span, letter, (given[0], given[-1]) if dots else given, bool(dots))

    def _chain(self, chain: l.Chain, conditions: list[t.Condition]) -> t.Chain:
        wrong = [relation for relation in chain.relations if relation not in EQUALITIES]
        if wrong:
            raise not_understood(chain.sides[0].span.end, "an equation", f"the relation {wrong[0]}")
        self.variables = self._defined_variables(chain.sides[0])
        self._define(chain.sides[0])
        function = bare_letter(chain.sides[0])
        self.is_bare = function is not None and self.is_function(function)
        sides = tuple(self.side(side) for side in chain.sides)
        if self.is_bare and any(isinstance(node, t.Reference) for side in sides for node in t.walk(side)):
            raise not_understood(chain.sides[0].span.end, "the argument of the function, in parentheses")
        return t.Chain(chain.span, sides, chain.relations, tuple(conditions))

    def _defined_variables(self, side: l.Part) -> frozenset[str]:
        """Return the variables that f(u) = ... or df/du = ... defines a function of; empty for other left sides."""
        if isinstance(side, l.Fraction):
            function, letter = differentiated(side.top), differentiated(side.bottom)
            name = plain_letter(letter) if letter is not None else None
            is_free = name is not None and letter is not None and not any(role.is_array for role in self.roles(letter))
            return frozenset((name,)) if function and is_free and name and self.is_function(function) else frozenset()
        if not isinstance(side, l.Product) or len(side.factors) != 2:
            return frozenset()
        (_, _, function), (_, _, group) = side.factors
        base = function.base if isinstance(function, l.Scripted) else function
        is_function = isinstance(base, l.FunctionName) or self.is_function(base)
        if not is_function or not isinstance(group, l.Group) or group.fence != "(":
            return frozenset()
        names = [plain_letter(item) for item in group.items]
        return frozenset(name for name in names if name) if all(names) else frozenset()

    def _define(self, side: l.Part) -> None:
        """Record the symbol that an equation defines: a letter unknown so far, alone on its left side."""
        base = side.base if isinstance(side, l.Scripted) else side
        if not self.may_define or not isinstance(base, l.Letter) or self.alphabet.roles(base):
            return
        notation = self.notation
        indices = (notation.layer, notation.last_layer, notation.own, notation.before, notation.after, notation.example)
        if plain_letter(base) not in (*indices, "d", "pi") and base.name not in self.variables:
            self.defined |= {own_symbol(base)}

    def side(self, part: l.Part) -> t.Node:
        return t.rewrite(self.node(part), self._whole_derivative)

    def _whole_derivative(self, node: t.Node) -> t.Node:
        """Replace dv by ∂C/∂v in the notations that write it so; in others a differential needs a fraction."""
        if not isinstance(node, t.Differential):
            return node
        body = node.body
        symbol = body.body if isinstance(body, t.Transposed) else body
        if not (node.is_letter and self.notation.derivative == "d" and isinstance(symbol, t.Reference)):
            raise not_understood(node.span.start, r"a whole derivative such as \frac{\partial C}{\partial w}")
        cotangent = replace(symbol, span=node.span, cotangent=True)
        return replace(body, body=cotangent) if isinstance(body, t.Transposed) else cotangent

    def node(self, part: l.Part) -> t.Node:
        """Return the tree of a part."""
        base = part.base if isinstance(part, l.Scripted) else part
        if isinstance(base, l.SumSign | l.FunctionName | l.Partial | l.Nabla):
            return FactorReader(self, l.Product(part.span, (("", False, part),))).product()
        reader: Callable[[Any, Any], t.Node] | None = _READERS.get(type(part))
        if reader is None:
            raise not_understood(part.span.start, "a symbol or a number")
        return reader(self, part)

    def _number(self, part: l.Number) -> t.Node:
        return t.Literal(part.span, part.text)

    def _ones(self, part: l.Ones) -> t.Node:
        return t.Ones(part.span)

    def _sum(self, part: l.Sum) -> t.Node:
        return t.Sum(part.span, tuple((minus, self.node(term)) for minus, term in part.terms))

    def _fraction(self, part: l.Fraction) -> t.Node:
        slope = self._slope_of_function(part)
        if slope is not None:
            return slope
        top, bottom = self.node(part.top), self.node(part.bottom)
        return self.quotient(part.span, top, bottom) or t.Product(part.span, (("", top), ("divide", bottom)))

    def _slope_of_function(self, part: l.Fraction) -> t.Node | None:
        """Read dσ/du if u is a variable of the definition that is being read, else return None."""
        names = [differentiated(side) for side in (part.top, part.bottom)]
        if any(name is None for name in names) or not self.is_function(names[0] or part):
            return None
        variable = plain_letter(names[1] or part)
        if variable not in self.variables:
            return None
        return t.Activation(part.span, None, 1, t.Variable(part.bottom.span, variable or ""))

    def quotient(self, span: l.Span, top: t.Node, bottom: t.Node) -> t.Derivative | None:
        """Return the quotient of two differentials as a derivative; None if it is another quotient."""
        if not (isinstance(top, t.Differential) and isinstance(bottom, t.Differential)):
            return None
        return t.Derivative(span, self._behind(top), self._behind(bottom))

    def _behind(self, side: t.Differential) -> t.Reference:
        """Return the symbol of a differential; σ(z) stands for the activation a."""
        body = side.body
        if isinstance(body, t.Activation) and not body.order and isinstance(body.argument, t.Reference):
            body = replace(body.argument, span=body.span, stem="a") if body.argument.kind == "z" else body
        if not isinstance(body, t.Reference) or body.cotangent:
            raise not_understood(body.span.start, "a symbol of the network behind \\partial")
        number = self.scripts.unit_alone(body)
        return replace(body, indices=(t.Index("", 0),)) if number else body

    def _root(self, part: l.Root) -> t.Node:
        return t.Power(part.span, self.node(part.body), _half(part.span))

    def _cases(self, part: l.Cases) -> t.Node:
        rows = tuple((self.node(value), self._holds(condition)) for value, condition in part.rows)
        return t.Choice(part.span, rows)

    def _holds(self, condition: l.Part | None) -> t.Node | None:
        if condition is None:
            return None
        if not isinstance(condition, l.Chain) or len(condition.relations) != 1:
            raise not_understood(condition.span.start, "a condition such as z > 0")
        return self._comparison(condition)

    def _comparison(self, chain: l.Chain) -> t.Node:
        left, right = chain.sides
        (relation,) = chain.relations
        if relation in ("=", "!=") and all(self._is_index(side) for side in chain.sides):
            return t.Same(chain.span, self.scripts.index(left), self.scripts.index(right), relation == "!=")
        return t.Comparison(chain.span, relation, self.node(left), self.node(right))

    def _is_index(self, part: l.Part) -> bool:
        letter = plain_letter(part)
        if letter is None:
            return isinstance(part, l.Number) and part.text.isdigit()
        known = self.alphabet.exact(part) if isinstance(part, l.Letter) else []
        return letter not in self.variables and not any(role.is_array for role in known)

    def _table(self, part: l.Table) -> t.Node:
        return t.Table(part.span, tuple(tuple(self.node(entry) for entry in row) for row in part.rows))

    def _under(self, part: l.Under) -> t.Node:
        return self._annotated(part.span, part.body, part.below)

    def _annotated(self, span: l.Span, body: l.Part, below: l.Part) -> t.Node:
        """Read a factor with an annotation under it: its shape m × n, or its value."""
        inner = self.node(body)
        sizes = shape_of(below)
        if sizes is not None:
            return t.Shaped(span, inner, (self.node(sizes[0]), self.node(sizes[1])))
        return t.Valued(span, inner, self.node(below))

    def _group(self, part: l.Group) -> t.Node:
        if len(part.items) != 1 or part.operator:
            raise not_understood(part.span.start, "one expression in these fences")
        (item,) = part.items
        if isinstance(item, l.Chain):
            if part.fence != "[" or len(item.relations) != 1:
                raise not_understood(item.span.start, "no relation in these fences")
            return self._comparison(item)
        if part.fence == "|":
            return t.Absolute(part.span, self.node(item))
        return t.Norm(part.span, self.node(item), 2) if part.fence == "‖" else self.node(item)

    def _letter(self, part: l.Letter) -> t.Node:
        return self._symbol(part, part, (), ())

    def _scripted(self, part: l.Scripted) -> t.Node:
        base = part.base
        if isinstance(base, l.Letter):
            return self._symbol(part, base, part.below, part.above)
        if isinstance(base, l.Under) and part.below:
            below = listed(part.below)
            if base.below != l.Group(base.span, (), "") or len(below) != 1:
                raise not_understood(part.below[0].span.start, "one thing under a brace")
            return self._annotated(part.span, base.body, below[0])
        if isinstance(base, l.Ones):
            length = self.node(listed(part.below)[0]) if part.below else None
            return self.raised(t.Ones(base.span, length), part.above)
        node = self.node(base)
        if part.below:
            order = listed(part.below)
            if not isinstance(node, t.Norm):
                raise not_understood(part.below[0].span.start, "no subscript behind this")
            node = t.Norm(node.span, node.body, 1 if order[0] == l.Number(order[0].span, "1") else 2)
        return self.raised(node, part.above)

    def raised(self, node: t.Node, above: Sequence[l.Part]) -> t.Node:
        """Return a node with the transposes and powers of its superscripts applied."""
        for part in above:
            if isinstance(part, l.Group) and part.operator == "hadamard" and len(part.items) == 1:
                node = t.Power(_over(node, part), node, self.node(part.items[0]))
                continue
            inner = pieces([part])
            if inner and is_transpose(inner[0]):
                node, inner = t.Transposed(_over(node, part), node), inner[1:]
            if len(inner) == 1:
                node = t.Power(_over(node, part), node, self.node(inner[0]))
            elif inner:
                node = t.Power(_over(node, part), node, self.node(part))
        return node

    def roles(self, part: l.Part) -> list[Role]:
        return self.alphabet.roles(part) if isinstance(part, l.Letter) else []

    def is_function(self, part: l.Part) -> bool:
        """Whether a letter is that of the activation function."""
        return any(role.kind == "function" for role in self.roles(part))

    def _symbol(self, whole: l.Part, base: l.Letter, below: Sequence[l.Part], above: Sequence[l.Part]) -> t.Node:
        """Read a letter with its scripts: a variable, a symbol of the text or of the network, or a constant."""
        if base.name in self.variables and plain_letter(base) and not below:
            return self.raised(t.Variable(base.span, base.name), above)
        if own_symbol(base) in self.defined:
            layer, indices, behind = self.scripts.of_definition(below, above)
            return self.raised(t.Defined(whole.span, own_symbol(base), layer, indices), behind)
        if self.is_bare and self.is_function(base) and not below:
            primes = [mark for mark in pieces(above) if is_transpose(mark)]
            function = t.Activation(base.span, None, len(primes), t.Variable(base.span, self.notation.variable))
            return self.raised(function, [mark for mark in pieces(above) if mark not in primes])
        roles = [role for role in self.roles(base) if role.kind != "function"]
        failure: NotUnderstood | None = None
        for role in roles:
            try:
                return self._of_role(role, whole, base, below, above)
            except NotUnderstood as error:
                failure = failure or error
        if failure and not (base.name == "e" and not below):
            raise failure
        if plain_letter(base) in ("e", "pi") and not below:
            return self.raised(t.Constant(base.span, base.name), above)
        if self.is_function(base):
            raise not_understood(whole.span.end, "the argument of the function, in parentheses")
        expected = f"a symbol of this notation, {letters_told(self.notation)}"
        raise not_understood(base.span.start, expected, f"the letter {base.name}")

    def _of_role(
        self, role: Role, whole: l.Part, base: l.Letter, below: Sequence[l.Part], above: Sequence[l.Part]
    ) -> t.Node:
        if role.kind in ("rate", "examples"):
            if below:
                raise not_understood(below[0].span.start, "no subscript at this letter")
            return self.raised(t.Constant(base.span, role.stem), above)
        if role.kind == "size":
            return self._size(base, below, above)
        if role.kind == "C" and [piece.text for piece in pieces(below) if isinstance(piece, l.Number)] == ["0"]:
            return self.raised(t.Reference(base.span, "E", None, ()), above)
        marks = self.scripts.marks(role, base, below, above)
        stem, layer = ("b" if marks.is_bias else role.stem), marks.layer
        if role.kind == "output":
            stem, layer = "a", t.Layer(self.notation.last_layer)
        if role.kind == "x":
            stem, layer = "a", t.Layer("", 0)
        indices = self.scripts.in_program_order(role, marks.indices)
        node: t.Node = t.Reference(whole.span, stem, layer, indices, role.cotangent, role.is_extra)
        if marks.transposed:
            node = t.Transposed(whole.span, node)
        return self.raised(node, (marks.power,) if marks.power else ())

    def _size(self, base: l.Letter, below: Sequence[l.Part], above: Sequence[l.Part]) -> t.Node:
        """Read the number of units of a layer, which is a subscript or, as the notation marks layers, a superscript."""
        label = listed(below) or pieces(above)
        if len(label) != 1 or (below and above):
            raise not_understood(base.span.end, "the layer whose units are counted")
        return t.Size(base.span, self.scripts.layer(label[0]))

    def _product(self, part: l.Product) -> t.Node:
        return FactorReader(self, part).product()


def _over(node: t.Node, part: l.Part) -> l.Span:
    return l.Span(node.span.start, part.span.end)


def _half(span: l.Span) -> t.Node:
    return t.Product(span, (("", t.Literal(span, "1")), ("divide", t.Literal(span, "2"))))


_READERS: dict[type, Callable[[Any, Any], t.Node]] = {
    l.Number: Resolver._number,
    l.Ones: Resolver._ones,
    l.Sum: Resolver._sum,
    l.Product: Resolver._product,
    l.Fraction: Resolver._fraction,
    l.Root: Resolver._root,
    l.Cases: Resolver._cases,
    l.Table: Resolver._table,
    l.Under: Resolver._under,
    l.Group: Resolver._group,
    l.Letter: Resolver._letter,
    l.Scripted: Resolver._scripted,
}
