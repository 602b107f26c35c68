"""What memory calls take: with a workspace none for arrays, and never more for longer batches."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from test_workspace import CLASSES, REAL, TALL, WIDE, case, module

BUFFERED = 8192
"""NumPy's ufuncs take a buffer of so many numbers for an operand that they spread over more axes."""

FRAMES = 6000
"""Bytes that the frames, the slices and the small objects of a call take at one time, whatever its arrays."""


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(
    "text",
    [
        "{0}-{0}-{0}-3:tanh,elu,softmax;loss=cross_entropy",
        "{0}-{0}-3:gelu_tanh,identity;l1=0.1;l2=0.1",
        "{0}-{0}-1:relu,sigmoid;loss=binary_cross_entropy",
        "{0}-{0}-{0}[residual]-2:leaky_relu,silu,identity;loss=gaussian_nll",
        "4-{0}[radial_basis]-2",
    ],
)
def test_a_steady_state_allocates_nothing(text: str, dtype: str) -> None:
    """No array, that is, whatever the width and the rows; NumPy's own buffers of broadcast operands are limited."""
    for width in (60, 260):
        for rows in (10, 500):
            architecture = text.format(width)
            fast = module(architecture, dtype)
            params, x, y = case(architecture, rows, dtype=dtype)
            for work in (fast.Workspace(rows), fast.Workspace(rows, block_rows=rows // 3)):
                for call in (fast.loss, fast.gradient, fast.value_and_grad):
                    with small_buffers():
                        assert peak(call, params, x, y, workspace=work) < FRAMES, (width, rows, call)
                assert peak(fast.value_and_grad, params, x, y, workspace=work) < FRAMES + 4 * 8 * BUFFERED
    case.cache_clear()


def test_labels_take_no_memory_either() -> None:
    fast = module(CLASSES)
    params, x, _ = case(CLASSES, 5000)
    labels = np.arange(5000) % fast.OUTPUTS
    work = fast.Workspace(1000)
    with small_buffers():
        assert peak(fast.value_and_grad, params, x, labels, workspace=work) < FRAMES


@pytest.mark.parametrize("architecture", [CLASSES, REAL, WIDE, TALL])
def test_memory_does_not_grow_with_the_batch(architecture: str) -> None:
    """With a workspace or without, a batch is worked through in blocks."""
    fast = module(architecture)
    found = {}
    for blocks in (3, 12):
        rows = blocks * fast.BLOCK_ROWS
        params, x, y = case(architecture, rows)
        work = fast.Workspace(512)
        with small_buffers():
            found[blocks] = [
                peak(fast.value_and_grad, params, x, y, workspace=work),
                peak(fast.value_and_grad, params, x, y),
                peak(fast.forward, params, x, workspace=work) - 8 * rows * fast.OUTPUTS,
            ]
    case.cache_clear()
    for few, many in zip(found[3], found[12], strict=True):
        assert many < few + FRAMES, found


def test_an_allocation_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    fast = module(CLASSES)
    params, x, y = case(CLASSES, 500)
    work, block = fast.Workspace(500), fast.__dict__["_loss_block"]

    def careless(arrays: Any, *others: Any) -> None:
        block((arrays[0] + 0, *arrays[1:]), *others)

    monkeypatch.setattr(fast, "_loss_block", careless)
    with small_buffers():
        assert peak(fast.loss, params, x, y, workspace=work) > 8 * x.size > FRAMES


@contextmanager
def small_buffers() -> Iterator[None]:
    """NumPy's ufuncs with as small a buffer as they take."""
    before = np.setbufsize(16)
    try:
        yield
    finally:
        np.setbufsize(before)


def peak(call: Callable[..., Any], *arguments: Any, **options: Any) -> int:
    """How much memory a call takes at most beyond what there was, in bytes, once it has been made twice.

    The least of three calls: what other threads of the process allocate in the meantime, such as the one over
    which a worker of pytest-xdist is told what to run, is counted too.
    """
    call(*arguments, **options)
    call(*arguments, **options)
    gc.disable()
    tracemalloc.start()
    try:
        found = []
        for _ in range(3):
            tracemalloc.reset_peak()
            before = tracemalloc.get_traced_memory()[0]
            call(*arguments, **options)
            found.append(tracemalloc.get_traced_memory()[1] - before)
        return min(found)
    finally:
        tracemalloc.stop()
        gc.enable()
