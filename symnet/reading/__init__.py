"""Reader of printed equations, which are checked against the network at random numbers.

    characters → layout (`syntax`) → tree (`resolve`, in the symbols of a notation) → values (`evaluate`)

Nothing here comes from what prints: a wrong index on the page is one here too.
"""

from symnet.reading.deadline import OutOfTime
from symnet.reading.failure import NotUnderstood, TooLarge
from symnet.reading.reader import Finding, Reader
from symnet.reading.resolve import parse_latex

__all__ = ["Finding", "NotUnderstood", "OutOfTime", "Reader", "TooLarge", "parse_latex"]
