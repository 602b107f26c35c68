"""Documents made by hand for the tests of formats: one with every node and block, one with hostile text."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from symnet.formats.blocks import (
    Display,
    Document,
    Line,
    Math,
    Paragraph,
    Picture,
    Ref,
    Section,
    Step,
    SymbolInfo,
    Table,
)
from symnet.formula.tree import (
    GREEK,
    OPERATORS,
    Cases,
    Fenced,
    Formula,
    Fraction,
    Function,
    Grid,
    Letter,
    Number,
    Operator,
    Reveal,
    Root,
    Scripts,
    Space,
    Symbol,
    Total,
    Under,
    Words,
    product,
    row,
)

GENERATED = Path(__file__).parents[2] / "generated" / "two_two_one_plain.py"

HOSTILE = (
    "a\nb \\write18{touch x} $x$ $$ % & # _ ^ ~ {c} <script>alert(1)</script> \"q\" 'r' `s` | t "
    "\u202eevil \x1b[31m \u2028 é – 日本 [link](javascript:alert(1)) "
    "![x](y) {{ z }} {% w %} --- ``` :::{raw} @eq \\end{document}"
)
"""Text that would steer TeX, a browser, a terminal or a Markdown renderer, if it were not escaped."""


def op(name: str) -> Formula:
    return Operator(name)


def number(value: object) -> Formula:
    return Number(str(value))


def marked(layer: object) -> Formula:
    return row(Words("("), number(layer), Words(")"))


def weight(to: int, source: int, layer: int) -> Formula:
    return Symbol(Scripts(Letter("w"), row(number(to), number(source)), marked(layer)), f"W{layer}")


def unit(letter: str, index: int, layer: int, key: str) -> Formula:
    return Symbol(Scripts(Letter(letter), number(index), marked(layer)), key)


def slope(above: Formula, below: Formula) -> Formula:
    return Fraction(row(op("partial"), above), row(op("partial"), below))


SMALL = row(number("1.5"), op("times"), Scripts(number(10), None, row(op("-"), number(7))))
LOSS = Symbol(Letter("C"), "C")
A1 = unit("a", 1, 1, "a1")
Z1 = unit("z", 1, 1, "z1")
DELTA = unit("delta", 1, 2, "z2_bar")
TARGET = Symbol(Letter("y"), "y")
OUTPUT = Symbol(Letter("y", accent="hat"), "a2")


def long_sum(terms: int) -> Formula:
    """Terms such as w_{11}^{(2)} a_1^{(1)} with plus and minus between them."""
    parts: list[Formula] = []
    for place in range(1, terms + 1):
        parts += [op("+" if place % 2 else "-")] if parts else []
        parts += [weight(1, place, 2), Space(), Scripts(Letter("a"), number(place), marked(1))]
    return row(*parts)


def every_node() -> tuple[Formula, ...]:
    """Formulas that have every node, letter and operator between them."""
    letters = [Letter(name) for name in GREEK]
    styled = [
        Letter(text, style, accent)
        for text, style, accent in (
            ("W", "bold", ""),
            ("delta", "bold", ""),
            ("L", "calligraphic", ""),
            ("L", "blackboard", ""),
            ("d", "upright", ""),
            ("y", "italic", "hat"),
            ("y", "bold", "tilde"),
            ("x", "italic", "bar"),
            ("1", "bold", ""),
        )
    ]
    fences = [Fenced(Fraction(Letter("a"), Letter("b")), *pair) for pair in ("()", "[]", "{}", "||", "‖‖", ("", "|"))]
    x = Letter("x")
    return (
        product(*letters),
        product(*styled),
        row(*(part for name in OPERATORS for part in (x, op(name), x))),
        product(*fences),
        product(*(row(Function(name), Fenced(x)) for name in ("tanh", "max", "softmax", "leaky_relu"))),
        row(Total(Letter("i"), number(3)), Space(), x, op("+"), Total(row(Letter("i"), op("="), number(1))), x),
        row(op("-"), Root(row(x, op("+"), number(1))), op("="), op("-"), SMALL, op("times"), number("0.25")),
        Cases(((x, row(Words("for "), x, op("greater"), number(0))), (number(0), Words("else")))),
        row(Grid(((x, number(1)), (number(-0), x))), op("odot"), Grid(((x,), (Words("[a]"),)))),
        product(Under(Letter("W", "bold"), row(number(2), op("times"), number(3))), Under(x, number("0.15"))),
        row(
            Scripts(Letter("sigma"), None, op("prime")), Fenced(x), Scripts(x, Letter("j"), row(op("prime"), marked(1)))
        ),
        product(
            Scripts(Fraction(x, number(2)), None, number(2)),
            Scripts(row(Letter("d"), Letter("W")), None, op("top")),
            Scripts(Scripts(x, None, marked(1)), None, number(2)),
            Scripts(Fenced(x), Letter("j"), number(2)),
        ),
        Scripts(Fenced(Scripts(x, None, row(Letter("l"), op("-"), number(1)))), None, Words("T")),
        Words("a_b {c} $d$ 50% <script> \\write18 ^~ & # | `"),
        row(Reveal(Fraction(x, number(2)), 1), Space("wide"), Reveal(x, 2)),
    )


PICTURE = Picture(
    tikz=(
        "\\begin{tikzpicture}[every node/.style={circle,draw,minimum size=8mm}]\n"
        "  \\node (a) at (0,0) {$x_{1}$};\n  \\node (b) at (3,0) {$a_{1}^{(1)}$};\n"
        "  \\draw[->] (a) -- node[draw=none,above] {$w_{11}^{(1)}$} (b);\n\\end{tikzpicture}"
    ),
    svg=(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 240 80" width="240" height="80" role="img">'
        '<g fill="none" stroke="currentColor"><circle cx="40" cy="40" r="24"/><circle cx="200" cy="40" r="24"/>'
        '<path d="M64 40H176"/></g><g fill="currentColor" text-anchor="middle" font-size="16">'
        '<text x="40" y="45" data-symbol="x">x</text><text x="120" y="32" data-symbol="W1">w</text>'
        '<text x="200" y="45" data-symbol="a1">a</text></g></svg>'
    ),
    text="(x) --w--> (a)",
    caption=("A unit and its weight ", Math(weight(1, 1, 1)), "."),
)


def derivation() -> Document:
    """A document as a derivation is: picture, table, steps with factors, a long equation, a matrix."""
    chain = product(Reveal(slope(LOSS, OUTPUT), 1), Reveal(slope(OUTPUT, Z1), 2), Reveal(slope(Z1, weight(1, 1, 1)), 3))
    symbols = Table(
        head=(("Symbol",), ("Meaning",), ("Shape",), ("Value",)),
        rows=(
            (
                (Math(weight(1, 1, 1)),),
                ("weight from unit 1 of the input to unit 1 of layer 1 | first",),
                ("2 × 2",),
                ("0.15",),
            ),
            ((Math(A1),), ("activation of unit 1; see ", Ref("forward")), ("2",), ("-12.5",)),
            (
                (Math(OUTPUT),),
                ("output, the network's answer to x|y_1",),
                ("a number",),
                ("7",),
            ),
        ),
        numeric=(3,),
    )
    step = Step(
        ("The weight ", Math(weight(1, 1, 1))),
        (
            Paragraph(("By the chain rule, with ", Ref("forward"), ":")),
            Display((Line(slope(LOSS, weight(1, 1, 1)), "=", chain), Line(None, "=", product(DELTA, A1))), "weight"),
            Paragraph(("Each factor has a name.",)),
            Display((Line(slope(OUTPUT, Z1), "=", row(Function("tanh"), Fenced(Z1))),)),
        ),
    )
    matrices = product(
        Under(Letter("delta", "bold"), row(number(5), op("times"), number(2))),
        Scripts(Under(Letter("W", "bold"), row(number(3), op("times"), number(2))), None, op("top")),
    )
    condition = row(Letter("l"), op("="), number(1), op("comma"), op("dots"), op("comma"), Letter("L"))
    long_fence = row(number(2), Space(), Fenced(long_sum(14)), Space(), row(Function("sigma"), Fenced(Z1)))
    return Document(
        "Backpropagation through 2-2-1",
        "every weight of its own, in the notation of symnet",
        (
            Section("The network", (PICTURE, Paragraph(("Its symbols:",)), symbols)),
            Section(
                "Forward pass",
                (
                    Display((Line(A1, "=", row(Letter("sigma"), Fenced(Z1))),), "forward", condition),
                    Paragraph(("the loss is ", Math(row(LOSS, op("="), Fraction(number(1), number(2)))))),
                    Paragraph(("see ", Ref("long"))),
                    Display((Line(OUTPUT, "=", long_sum(16)), Line(None, "=", long_fence)), "long"),
                    Display((Line(LOSS, "approx", product(*([slope(LOSS, A1)] * 16))),), "factors"),
                ),
            ),
            Section("Chain rule", (step, Display((Line(Letter("D"), "equiv", matrices),), "matrix"))),
            Section("All nodes", tuple(Display((Line(Letter("f"), "=", node),)) for node in every_node())),
        ),
        {
            "W1": SymbolInfo("weights of layer 1", "2 × 2", (), ("z1",)),
            "x": SymbolInfo("input", "2", (), ("z1",)),
            "z1": SymbolInfo("pre-activations of layer 1", "2", ("W1", "x"), ("a1",)),
            "a1": SymbolInfo("activations of layer 1", "2", ("z1",), ("a2",)),
            "a2": SymbolInfo("output", "a number", ("a1", "W2"), ("C",)),
            "W2": SymbolInfo("weights of layer 2", "2 × 1", (), ("a2",)),
            "y": SymbolInfo("target", "a number", (), ("C",)),
            "C": SymbolInfo("loss", "a number", ("a2", "y")),
            "z2_bar": SymbolInfo("derivative of the loss by z2", "a number", ("a2", "y"), ()),
        },
        GENERATED.read_text(encoding="utf-8"),
    )


def hostile() -> Document:
    """A document in which every text that may come from a user is hostile."""
    symbol = Symbol(Letter("q"), HOSTILE)
    table = Table(((HOSTILE,), ("n",)), (((HOSTILE,), ("1",)), ((HOSTILE,), (Math(symbol),))), (1,))
    step = Step((HOSTILE,), (Paragraph((HOSTILE,)), Paragraph(("[a]",))))
    displays = (
        Display((Line(symbol, "=", Words(HOSTILE)),), "a label_1 %"),
        Display((Line(Words("[b]"), "=", Function("f_1")), Line(Words("[c]"), "=", Number("x_2"))), "a-label-1"),
    )
    text = Paragraph((Ref("a label_1 %"), " and ", Ref("a-label-1")))
    starts = tuple(Paragraph((start,)) for start in ("# a", "- b", "1. c", "> d", "+ e", "    f", "=== g", "1) h"))
    return Document(
        HOSTILE,
        HOSTILE,
        (Section(HOSTILE, (table, step, *displays, text, *starts, replace(PICTURE, caption=(HOSTILE,)))),),
        {HOSTILE: SymbolInfo(HOSTILE, HOSTILE, (HOSTILE,), (HOSTILE,))},
        "",
    )
