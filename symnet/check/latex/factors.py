"""Read products: adjacent parts may be factors, function and argument, sum sign and body, or ∂ and symbol."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from symnet.check.latex import layout as l
from symnet.check.latex import tree as t
from symnet.check.latex.failure import not_understood
from symnet.check.latex.letters import Alphabet, Role
from symnet.check.latex.scripts import ScriptReader, is_transpose, listed, pieces, plain_letter
from symnet.check.latex.syntax import ROW_FUNCTIONS
from symnet.functions import FUNCTIONS

LETTER_FUNCTIONS = {record.page_letter: name for name, record in FUNCTIONS.items() if record.page_letter}
"""The functions by the letter that they have in every notation that does not use the letter otherwise."""

ARITY = {name: function.arity for name, function in FUNCTIONS.items()}


class Surroundings(Protocol):
    """What `FactorReader` needs of the reader of the whole formula (`resolve.Resolver`)."""

    scripts: ScriptReader
    alphabet: Alphabet
    is_bare: bool

    def node(self, part: l.Part) -> t.Node: ...

    def quotient(self, span: l.Span, top: t.Node, bottom: t.Node) -> t.Derivative | None: ...

    def raised(self, node: t.Node, above: Sequence[l.Part]) -> t.Node: ...

    def roles(self, part: l.Part) -> list[Role]: ...

    def is_function(self, part: l.Part) -> bool: ...

    def one_deeper(self, part: l.Part) -> AbstractContextManager[None]: ...


class FactorReader:
    """Reads the factors of one product from left to right."""

    def __init__(self, resolver: Surroundings, product: l.Product) -> None:
        self.resolver = resolver
        self.factors = product.factors
        self.span = product.span
        self.place = 0

    def product(self) -> t.Node:
        """Return the tree of the whole product."""
        return self._rest()

    def _rest(self) -> t.Node:
        """Return the product of the factors that have not been read yet."""
        found: list[tuple[str, t.Node]] = []
        start = self.factors[self.place][2].span.start
        while self.place < len(self.factors):
            operator, minus, part = self.factors[self.place]
            node = self._factor(part)
            if operator == "divide" and found:
                derivative = self.resolver.quotient(l.Span(start, node.span.end), found[-1][1], node)
                if derivative is not None:
                    found[-1] = (found[-1][0], derivative)
                    continue
            found.append((operator, t.Sum(node.span, ((True, node),)) if minus else node))
        if len(found) == 1:
            return found[0][1]
        return t.Product(l.Span(start, self.span.end), tuple(found))

    def _factor(self, part: l.Part) -> t.Node:
        """Return the current factor, with the following parts that belong to it."""
        self.place += 1
        with self.resolver.one_deeper(part):
            return self._read(part)

    def _read(self, part: l.Part) -> t.Node:
        base = part.base if isinstance(part, l.Scripted) else part
        if isinstance(base, l.SumSign):
            return self._total(part)
        if isinstance(base, l.Fraction) and isinstance(part, l.Fraction) and self._is_operator(base):
            return self._operated(base)
        if isinstance(base, l.Nabla) or (isinstance(base, l.Partial) and isinstance(part, l.Scripted)):
            return self._gradient(part)
        if isinstance(base, l.FunctionName):
            return self._called(part, base)
        if isinstance(part, l.Partial) or (plain_letter(part) == "d" and not self._is_symbol(part)):
            return self._differential(part)
        if self.resolver.is_function(base) and self._group() is not None and not self.resolver.is_bare:
            return self._activation(part)
        if plain_letter(base) in LETTER_FUNCTIONS and not self.resolver.roles(base) and self._group() is not None:
            name = LETTER_FUNCTIONS[plain_letter(base) or ""]
            return self._called(part, l.FunctionName(base.span, name))
        if self.resolver.is_function(base) and isinstance(part, l.Scripted) and not self.resolver.is_bare:
            return self._at_own_layer(part)
        if self._is_loss(part) and self._lists_symbols():
            self.place += 1
        if self._is_size(part):
            label = self._group()
            assert label is not None
            self.place += 1
            return t.Size(l.Span(part.span.start, label.span.end), self.resolver.scripts.layer(label))
        return self.resolver.node(part)

    def _is_loss(self, part: l.Part) -> bool:
        roles = self.resolver.alphabet.exact(part) if isinstance(part, l.Letter) else []
        return bool(roles) and roles[0].kind == "C"

    def _is_size(self, part: l.Part) -> bool:
        """Whether the part is the letter for the number of units, followed by its layer in parentheses."""
        roles = self.resolver.alphabet.exact(part) if isinstance(part, l.Letter) else []
        group = self._group()
        return bool(roles) and roles[0].kind == "size" and group is not None and group.fence == "("

    def _lists_symbols(self) -> bool:
        """Whether the next part is a list of symbols in parentheses, as in C(w, b): the arguments of the loss."""
        group = self._group()
        return group is not None and group.fence == "(" and all(_is_only_symbols(item) for item in group.items)

    def _is_operator(self, part: l.Fraction) -> bool:
        """Whether a fraction is an operator ∂/∂w."""
        return isinstance(part.top, l.Partial) or (plain_letter(part.top) == "d" and not self._is_symbol(part.top))

    def _operated(self, part: l.Fraction) -> t.Node:
        """Read an operator ∂/∂w and the symbol that it differentiates."""
        below = self.resolver.node(part.bottom)
        if self.place == len(self.factors) or self.factors[self.place][0] or self.factors[self.place][1]:
            raise not_understood(part.span.end, "the symbol that is differentiated")
        body = self._factor(self.factors[self.place][2])
        span = l.Span(part.span.start, body.span.end)
        found = self.resolver.quotient(span, t.Differential(span, body, isinstance(part.top, l.Letter)), below)
        if found is None:
            raise not_understood(part.bottom.span.start, r"\partial and a symbol")
        return found

    def _at_own_layer(self, part: l.Scripted) -> t.Node:
        """Read an activation function without an argument, which is then the pre-activation of its layer."""
        layer, order, power = self._function_marks(part)
        if layer is None or power:
            return self.resolver.node(part)
        return t.Activation(part.span, layer, order, t.Reference(part.span, "z", layer, None))

    def _is_symbol(self, part: l.Part) -> bool:
        """Whether the letter is a symbol of the notation (d may be one instead of a differential)."""
        return any(role.kind != "size" for role in self.resolver.roles(part))

    def _group(self) -> l.Group | None:
        """Return the parentheses or brackets that are the next part, None if there are none."""
        if self.place == len(self.factors):
            return None
        operator, minus, part = self.factors[self.place]
        base = part.base if isinstance(part, l.Scripted) else part
        is_group = isinstance(base, l.Group) and base.fence in ("(", "[", "{") and not operator and not minus
        return base if is_group and isinstance(base, l.Group) else None

    def _arguments(self, name: l.Part) -> tuple[tuple[t.Node, ...], Sequence[l.Part], l.Span]:
        """Read the arguments of a function; return them, the scripts after their parentheses, and the span."""
        group = self._group()
        if group is not None:
            part = self.factors[self.place][2]
            self.place += 1
            scripts = part.above if isinstance(part, l.Scripted) else ()
            if isinstance(part, l.Scripted) and part.below:
                raise not_understood(part.below[0].span.start, "no subscript behind a function")
            span = l.Span(name.span.start, group.span.end)
            return tuple(self.resolver.node(item) for item in group.items), scripts, span
        if self.place == len(self.factors) or self.factors[self.place][0] or self.factors[self.place][1]:
            raise not_understood(name.span.end, "the argument of the function")
        argument = self._factor(self.factors[self.place][2])
        return (argument,), (), l.Span(name.span.start, argument.span.end)

    def _called(self, part: l.Part, name: l.FunctionName) -> t.Node:
        """Read a call of a function by name."""
        below = listed(part.below) if isinstance(part, l.Scripted) else []
        above = part.above if isinstance(part, l.Scripted) else ()
        index = None
        if below:
            if name.name not in ROW_FUNCTIONS or len(below) != 1:
                raise not_understood(below[0].span.start, "no subscript at this function")
            index = self.resolver.scripts.index(below[0])
        arguments, behind, span = self._arguments(part)
        if len(arguments) != ARITY.get(name.name, 1):
            raise not_understood(part.span.end, f"{ARITY.get(name.name, 1)} arguments of {name.name}")
        call = t.Call(span, name.name, arguments, index)
        return self.resolver.raised(self.resolver.raised(call, above), behind)

    def _activation(self, part: l.Part) -> t.Node:
        """Read a call of the notation's activation function, with its layer and its primes."""
        layer, order, power = self._function_marks(part)
        arguments, behind, span = self._arguments(part)
        if len(arguments) != 1:
            raise not_understood(part.span.end, "one argument of the activation function")
        node = t.Activation(span, layer, order, arguments[0])
        return self.resolver.raised(self.resolver.raised(node, power), behind)

    def _function_marks(self, part: l.Part) -> tuple[t.Layer | None, int, list[l.Part]]:
        """Split the scripts of a function's letter into its layer, the number of primes, and the rest."""
        scripts = self.resolver.scripts
        below = pieces(part.below) if isinstance(part, l.Scripted) else []
        above = pieces(part.above) if isinstance(part, l.Scripted) else []
        layer: t.Layer | None = None
        order = 0
        power: list[l.Part] = []
        for mark in (*below, *above):
            is_bare = scripts.notation.layer_mark in ("superscript", "subscript") or mark in below
            is_layer = isinstance(mark, l.Group) or is_bare
            if is_transpose(mark) and isinstance(mark, l.Mark) and mark.name == "prime":
                order += 1
            elif is_layer and layer is None:
                layer = scripts.layer(mark)
            else:
                power.append(mark)
        if order > 2:
            raise not_understood(part.span.start, "a first or a second derivative")
        return layer, order, power

    def _differential(self, part: l.Part) -> t.Node:
        """Read ∂v or dv."""
        if self.place == len(self.factors) or self.factors[self.place][0]:
            raise not_understood(part.span.end, "the symbol that is differentiated")
        body = self._factor(self.factors[self.place][2])
        return t.Differential(l.Span(part.span.start, body.span.end), body, isinstance(part, l.Letter))

    def _gradient(self, part: l.Part) -> t.Node:
        """Read ∇C (the derivatives by all parameters), or ∇_v C (those by v)."""
        if self.place == len(self.factors) or self.factors[self.place][0]:
            raise not_understood(part.span.end, "the loss")
        loss = self._factor(self.factors[self.place][2])
        if not isinstance(loss, t.Reference) or loss.kind != "C" or loss.indices:
            raise not_understood(loss.span.start, "the loss")
        span = l.Span(part.span.start, loss.span.end)
        if not isinstance(part, l.Scripted):
            return t.Gradient(span)
        below = [self.resolver.node(item) for item in listed(part.below)]
        if part.above or len(below) != 1 or not isinstance(below[0], t.Reference):
            raise not_understood(part.span.start, "one symbol under this")
        return t.Derivative(span, loss, below[0])

    def _total(self, sign: l.Part) -> t.Node:
        """Read a sum sign; its body is everything that follows in the product."""
        below = listed(sign.below) if isinstance(sign, l.Scripted) else []
        above = sign.above if isinstance(sign, l.Scripted) else ()
        if not below or (above and len(below) != 1):
            raise not_understood(sign.span.end, "the index of the sum under it")
        bounds = tuple(self._bound(item, above) for item in below)
        if self.place == len(self.factors):
            raise not_understood(sign.span.end, "what is summed")
        if self.factors[self.place][0] or self.factors[self.place][1]:
            raise not_understood(self.factors[self.place][2].span.start, "no operator directly behind a sum sign")
        body = self._rest()
        return t.Total(l.Span(sign.span.start, body.span.end), bounds, body)

    def _bound(self, item: l.Part, above: Sequence[l.Part]) -> t.Bound:
        scripts = self.resolver.scripts
        letter = plain_letter(item.sides[0] if isinstance(item, l.Chain) else item)
        if letter is None:
            raise not_understood(item.span.start, "the letter of an index")
        read = scripts.fixed_layer if letter == scripts.notation.layer else self.resolver.node
        upper = read(_only(above)) if above else None
        if not isinstance(item, l.Chain):
            return t.Bound(item.span, letter, None, upper)
        if item.relations == ("!=",):
            return t.Bound(item.span, letter, excluded=scripts.index(item.sides[1]))
        if item.relations != ("=",) or not above:
            raise not_understood(item.span.start, "a range such as i = 1 with its end above the sum")
        return t.Bound(item.span, letter, read(item.sides[1]), upper)


def _is_only_symbols(part: l.Part) -> bool:
    """Whether a part is a letter, with or without scripts or fences."""
    if isinstance(part, l.Group) and len(part.items) == 1:
        return _is_only_symbols(part.items[0])
    return isinstance(part, l.Letter) or (isinstance(part, l.Scripted) and isinstance(part.base, l.Letter))


def _only(parts: Sequence[l.Part]) -> l.Part:
    found = [inner for part in parts for inner in listed([part])]
    if len(found) != 1:
        raise not_understood(parts[0].span.start, "one end of the sum")
    return found[0]
