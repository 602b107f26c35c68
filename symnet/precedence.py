"""How tightly a piece of text holds together, on a page and in code alike; the least tightly first.

A piece is put into parentheses where its place asks for more than it has. A product by ⊙ is opened by a plain one, a
fraction beside a letter needs nothing around it, and in Python a sign holds tighter than a product, `@` as tightly as
one, and a conditional expression (`LOOSE`) needs parentheses wherever it is an operand.
"""

LOOSE, SUM, HADAMARD, PRODUCT, FACTOR, SIGN, POWER, ATOM = range(8)
