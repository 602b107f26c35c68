"""The functions of equations under the name by which they were imported once: see `symnet.functions`."""

from symnet.functions import *  # noqa: F403
