"""The less common signs of a page, explained in its table of symbols."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from symnet.formats import Display, Inline, Math, Section, Step
from symnet.formula import Formula
from symnet.formula import tree as f
from symnet.support import walk

HADAMARD = ("odot", "circ", "ast")

Sign = tuple[Callable[[Formula], bool], Formula, str]
"""A test whether a formula is the sign, the sign as it is shown, and its meaning."""


def _itself(sign: Formula, meaning: str) -> Sign:
    """Return the row of a sign that is recognised by equality."""
    return (lambda node: node == sign), sign, meaning


SIGNS: tuple[Sign, ...] = (
    *(_itself(f.Operator(name), "multiplies entry by entry") for name in HADAMARD),
    _itself(f.Operator("oslash"), "divides entry by entry"),
    _itself(f.Letter("1", "bold"), "a column of ones"),
    (
        lambda node: isinstance(node, f.Scripts) and _is_norm(node.base) and node.above is not None,
        f.Scripts(f.Fenced(f.Letter("v"), "‖", "‖"), above=f.Number("2")),
        "the sum of the squares of all entries",
    ),
    (
        lambda node: isinstance(node, f.Scripts) and _is_norm(node.base) and node.below is not None,
        f.Scripts(f.Fenced(f.Letter("v"), "‖", "‖"), below=f.Number("1")),
        "the sum of the absolute values of all entries",
    ),
    (
        lambda node: isinstance(node, f.Fenced) and node.left == "[",
        f.Fenced(f.Operator("dots"), "[", "]"),
        "1 where the condition holds, else 0",
    ),
    _itself(f.Letter("Phi"), "the standard normal distribution function"),
    _itself(f.Letter("varphi"), "the standard normal density"),
    _itself(f.Function("sign"), "1 for positive, -1 for negative numbers, 0 for 0"),
    _itself(f.Function("erf"), "the error function"),
    _itself(f.Function("arsinh"), "the inverse of sinh"),
    _itself(f.Function("sigmoid"), "the logistic function, 1/(1 + exp(-v)) of v"),
    _itself(f.Function("softplus"), "log(1 + exp(v)) of v"),
    _itself(f.Function("softsign"), "v/(1 + |v|) of v"),
    _itself(f.Function("elu"), "v where v is positive, else exp(v) - 1"),
    _itself(f.Function("selu"), "1.0507009873554805 v where v is positive, else 1.7580993408473768 (exp(v) - 1)"),
)
"""The signs that a page explains if it uses them."""


def _is_norm(node: Formula) -> bool:
    return isinstance(node, f.Fenced) and node.left == "‖"


def signs_of(sections: Sequence[Section]) -> Iterator[tuple[Inline, ...]]:
    """Yield a row of the table of symbols for every sign that the displayed equations use."""
    used = set(_nodes(sections))
    for is_used, shown, meaning in SIGNS:
        if any(map(is_used, used)):
            yield (Math(shown),), (meaning,), ("",)


def _nodes(sections: Sequence[Section]) -> Iterator[Formula]:
    for section in sections:
        for block in section.blocks:
            for part in block.body if isinstance(block, Step) else (block,):
                for line in part.lines if isinstance(part, Display) else ():
                    yield from walk(line.right)
