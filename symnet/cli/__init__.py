"""The command line: a file for each command, and their common options."""

from symnet.cli.main import (
    run,
)

__all__ = [
    "run",
]
