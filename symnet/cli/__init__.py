"""The command line: a file a command, and what their options share."""

from symnet.cli.main import (
    run,
)

__all__ = [
    "run",
]
