"""`python -m symnet`."""

from symnet.cli import run

run()
