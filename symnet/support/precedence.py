"""Operator precedence, for pages and code alike, lowest first.

An operand is put into parentheses if its precedence is lower than its place requires. A product by ⊙ needs parentheses
in a plain product, a fraction beside a letter does not. In Python a sign binds tighter than a product, `@` as tightly
as one, and a conditional expression (`LOOSE`) needs parentheses as any operand.
"""

LOOSE, SUM, HADAMARD, PRODUCT, FACTOR, SIGN, POWER, ATOM = range(8)
