"""How many rows are worked through at a time."""

from __future__ import annotations

CACHE_BYTES = 2**20
"""What the buffers of a block should fit into: about the second-level cache of a core."""

FEWEST_ROWS = 512
"""Below it the matrix products lose more than the passes gain."""


def block_rows(parameters: int, numbers_per_row: int, dtype: str) -> int:
    """The rows of a block, so that its buffers stay in cache between passes.

    Each block after the first costs a pass over all gradients, so a network with many parameters for
    each of its units is given larger blocks.

    Args:
        parameters: how many there are in all.
        numbers_per_row: how many numbers the buffers hold for each row.
        dtype: "float64" or "float32".
    """
    bytes_per_row = max(1, numbers_per_row) * int(dtype.removeprefix("float")) // 8
    for_sums = 4 * parameters // max(1, numbers_per_row)
    return max(FEWEST_ROWS, CACHE_BYTES // bytes_per_row, for_sums) // 64 * 64
