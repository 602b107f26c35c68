"""How many rows are worked through at a time."""

from __future__ import annotations

CACHE_BYTES = 3 * 2**19
"""What the buffers of a block should fit into: about the second-level cache of a core, of which they take turns."""

FEWEST_ROWS = 512
"""Below it the matrix products lose more than the passes gain."""

SMALL_PRODUCT = 9 * 10**5
"""Up to about so many multiplications OpenBLAS works a product without copying its operands into another order."""

LINE_BYTES = 64


def block_rows(parameters: int, numbers_per_row: int, largest_weights: int, dtype: str) -> int:
    """The rows of a block, so that its buffers stay in cache between passes.

    Each block after the first costs a pass over all gradients, so a network with many parameters for
    each of its units is given larger blocks.

    Args:
        parameters: how many there are in all.
        numbers_per_row: how many numbers the buffers hold for each row.
        largest_weights: how many numbers the largest parameter has.
        dtype: "float64" or "float32".
    """
    item = int(dtype.removeprefix("float")) // 8
    rows = CACHE_BYTES // (max(1, numbers_per_row) * item)
    small = SMALL_PRODUCT // (largest_weights + 1)
    if small >= FEWEST_ROWS:
        rows = min(rows, small)
    rows = max(FEWEST_ROWS, rows, 4 * parameters // max(1, numbers_per_row))
    # An odd number of cache lines: where arrays have their rows last, rows 4096 bytes apart displace each other.
    lines = rows * item // LINE_BYTES
    return (lines | 1) * LINE_BYTES // item
