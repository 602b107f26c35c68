"""How people make mistakes: changes of a right equation, held to what is likely.

Most mistakes are made by what undoes another one: a factor too many is a missing one put back. Of all that such a
change can do, only what somebody would write is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from symnet.check.latex import tree as t
from symnet.check.mistakes import factors, shapes, sums, symbols
from symnet.check.mistakes.proposals import Proposal, instead
from symnet.check.mistakes.scope import NOWHERE, Scope
from symnet.check.mistakes.sites import Site
from symnet.check.truth import free_letters

Change = Callable[[Site, Scope], Iterator[Proposal]]
"""All that can be changed at a place in one way."""


def likely(change: Change, is_likely: Callable[[Site, Scope, Proposal], bool]) -> Change:
    """A change where it is likely."""

    def limited(site: Site, scope: Scope) -> Iterator[Proposal]:
        return (proposal for proposal in change(site, scope) if is_likely(site, scope, proposal))

    return limited


def never(site: Site, scope: Scope) -> Iterator[Proposal]:
    """Nothing, where another row makes the likely mistakes of the same cause."""
    return iter(())


def _differentiated_by(scope: Scope) -> t.Reference | None:
    """By what the loss is differentiated on the other side; None where that is no derivative."""
    if isinstance(scope.other, t.Derivative):
        return scope.other.below
    return scope.other if isinstance(scope.other, t.Reference) and scope.other.cotangent else None


def _is_by(stem: str, scope: Scope) -> bool:
    by = _differentiated_by(scope)
    return by is not None and by.stem == stem


def _has_target(node: t.Node) -> bool:
    return any(isinstance(inner, t.Reference) and inner.stem == "y" for inner in t.walk(node))


def _references(node: t.Node | None) -> set[t.Reference]:
    return {inner for inner in t.walk(node) if isinstance(inner, t.Reference)} if node is not None else set()


def _one_thing_differs(site: Site, scope: Scope, proposal: Proposal) -> bool:
    """The letter, the layer or the indices, and not two of them at once."""
    old, new = _references(proposal.old), _references(proposal.new)
    for one, other in zip(old - new, new - old, strict=False):
        pairs = ((one.stem, other.stem), (one.layer, other.layer), (one.indices, other.indices))
        if sum(left != right for left, right in pairs) != 1:
            return False
    return len(old) == len(new)


def output_of_layer(site: Site, scope: Scope) -> Iterator[Proposal]:
    """The activation of a layer where its input is meant, in the derivative by a weight."""
    node = site.node
    if _is_by("W", scope) and isinstance(node, t.Reference) and node.stem == "a" and not node.cotangent:
        after = symbols.moved(node, 1)
        if after is not None:
            yield instead(node, after)


def _of_weight(site: Site, scope: Scope, proposal: Proposal) -> bool:
    return isinstance(proposal.new, t.Reference) and proposal.new.stem == "W"


def _of_array(site: Site, scope: Scope, proposal: Proposal) -> bool:
    return isinstance(site.node, t.Reference | t.Derivative)


def _behind_first(site: Site, scope: Scope, proposal: Proposal) -> bool:
    """Not a minus before the first of several terms."""
    new = proposal.new
    return not (isinstance(new, t.Sum) and len(new.terms) > 1 and new.terms[0][0])


def _of_derivative_or_exponent(site: Site, scope: Scope, proposal: Proposal) -> bool:
    return bool(site.above) or _differentiated_by(scope) is not None


def _of_square_or_mean(site: Site, scope: Scope, proposal: Proposal) -> bool:
    """The 2 that the half before a square cancels, or the mean over a batch a second time."""
    if site.above or _differentiated_by(scope) is None:
        return False
    is_mean = scope.is_batch and proposal.new == factors.over(factors.ONE, factors.N)
    has_number = isinstance(site.node, t.Product) and any(factors.is_number(each) for _, each in site.node.factors)
    return is_mean or (proposal.new == factors.TWO and _has_target(site.node) and not has_number)


def _left_unbound(site: Site, scope: Scope, proposal: Proposal) -> bool:
    """Without another index for the letter of the sum."""
    return not set(free_letters(proposal.node)) <= set(free_letters(site.node))


def sum_too_many(site: Site, scope: Scope) -> Iterator[Proposal]:
    """A sum over one of the indices of a derivative."""
    if not site.above and _differentiated_by(scope) is not None:
        free = dict.fromkeys(free_letters(site.node))
        for letter in free if len(free) > 1 else ():
            yield instead(site.node, t.Total(NOWHERE, (t.Bound(NOWHERE, letter),), site.node))


def _of_next_layer(site: Site, scope: Scope, proposal: Proposal) -> bool:
    """One layer on or back, where there is one."""
    layers = [getattr(part, "layer", None) for part in (proposal.old, proposal.new)]
    old, new = (layer if isinstance(layer, t.Layer) else t.Layer("", 0) for layer in layers)
    return abs(old.offset - new.offset) <= 1 and (bool(new.letter) or new.offset <= scope.depth)


def _of_square(site: Site, scope: Scope, proposal: Proposal) -> bool:
    """A square left out, or one put at the residual or at what is taken from 1 in a slope."""
    old, new = proposal.old, proposal.new
    if isinstance(old, t.Power):
        return old.exponent == factors.TWO and new == old.base
    in_slope = isinstance(site.parent, t.Sum) and (False, factors.ONE) in site.parent.terms
    is_residual = isinstance(old, t.Sum) and len(old.terms) == 2 and _has_target(old)
    return in_slope or (is_residual and _differentiated_by(scope) is not None)


def factor_put_in(site: Site, scope: Scope) -> Iterator[Proposal]:
    """A slope in a derivative that has none or has it already; for a bias what belongs to a weight."""
    by = _differentiated_by(scope)
    if site.above or by is None:
        return
    for proposal in (shapes.array_added if scope.has_matrices else factors.factor_added)(site, scope):
        new, node = proposal.new, proposal.node
        is_apart = scope.has_matrices and not (isinstance(node, t.Product) and node.factors[-1][0] == "hadamard")
        if is_apart or by.layer is None:
            continue
        own = (by.indices or ())[:1] if by.stem == "W" else by.indices
        if isinstance(new, t.Activation) and isinstance(new.argument, t.Reference) and new.layer is None:
            fits = by.stem == "W" or new.argument.indices == own
            if fits and new.argument.layer == by.layer and new not in t.walk(site.node):
                yield proposal
        elif by.stem == "b" and new == symbols.moved(t.Reference(NOWHERE, "a", by.layer, own), -1):
            yield proposal


def _whole_number(site: Site, scope: Scope, proposal: Proposal) -> bool:
    """A whole numerical factor for another one; N does not come from nowhere, nor go."""
    has_n = [part is not None and factors.N in t.walk(part) for part in (proposal.old, proposal.new)]
    is_part = site.parent is not None and factors.is_number(site.parent)
    return not is_part and has_n[0] == has_n[1] and proposal.new != factors.ONE


def _above_the_line(site: Site, scope: Scope, proposal: Proposal) -> bool:
    """A factor that nothing is divided by."""
    old = proposal.old
    return not (isinstance(old, t.Product) and any(operator == "divide" for operator, _ in old.factors))


def _bias_again(site: Site, scope: Scope, proposal: Proposal) -> bool:
    """The bias of a unit added once more to its pre-activation, inside the function."""
    node, new = site.node, proposal.new
    if not isinstance(node, t.Reference) or not isinstance(new, t.Reference) or not site.above:
        return False
    return node.stem == "z" and new.layer == node.layer and (new.indices or ())[-1:] == (node.indices or ())[-1:]


def _bias(site: Site, scope: Scope, proposal: Proposal) -> bool:
    return isinstance(proposal.old, t.Reference) and proposal.old.stem == "b"


def _product(site: Site, scope: Scope, proposal: Proposal) -> bool:
    return isinstance(proposal.old, t.Product)


def _error_for_value(site: Site, scope: Scope, proposal: Proposal) -> bool:
    """δ for z or a, or the other way round, in a derivative."""
    old, new = proposal.old, proposal.new
    is_backward = _differentiated_by(scope) is not None and not isinstance(site.parent, t.Sum)
    if not (is_backward and isinstance(old, t.Reference) and isinstance(new, t.Reference)):
        return False
    return old.cotangent != new.cotangent and {old.stem, new.stem} <= {"z", "a"}


slope_elsewhere = likely(symbols.slope_elsewhere, _one_thing_differs)
weight_turned = likely(symbols.indices_turned, _of_weight)
transpose_put_in = likely(shapes.transpose_added, _of_array)
sign_turned = likely(factors.sign_turned, _behind_first)
side_negated = likely(factors.side_negated, _of_derivative_or_exponent)
number_put_in = likely(factors.number_added, _of_square_or_mean)
sum_left_out = likely(sums.sum_removed, _left_unbound)
layer_moved = likely(symbols.layer_moved, _of_next_layer)
number_changed = likely(factors.number_changed, _whole_number)
square_changed = likely(factors.power_changed, _of_square)
factor_left_out = likely(factors.factor_removed, _above_the_line)
bias_repeated = likely(sums.term_added, _bias_again)
bias_left_out = likely(sums.term_removed, _bias)
term_left_out = likely(sums.term_removed, _product)
error_for_value = likely(symbols.symbol_exchanged, _error_for_value)
