"""The process of one contestant: it makes a network ready, and times calls of it when it is told to."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import repeat
from multiprocessing.connection import Connection
from time import perf_counter, process_time
from typing import Any, NamedTuple

from array_cases import Case, Problem, problem
from array_numpy import (
    Ready,
    Result,
    feature_products,
    floor,
    plain,
    row_products,
    symnet_module,
    with_workspace,
)
from array_peers import (
    SKLEARN_ACTIVATIONS,
    autograd_numpy,
    jax_jit,
    sklearn_backprop,
    torch_compiled,
    torch_eager,
    torch_floor,
)
from machine import blas

WARM_SECONDS = 0.005
"""How long a contestant is called before it is timed, each time that it wakes."""
ROUND_SECONDS = 0.03
"""How long the timed calls of one round should take."""


@dataclass(frozen=True)
class Contestant:
    """What takes part.

    Attributes:
        label: for people.
        build: makes a network ready.
        activations: what it knows; None if it knows all.
        library: the package whose version matters.
    """

    label: str
    build: Callable[[Problem], Ready]
    activations: tuple[str, ...] | None = None
    library: str = "numpy"

    def knows(self, case: Case) -> bool:
        return self.activations is None or case.activation in self.activations


FLOORS = {
    "floor_rows": Contestant("floor, row-major", partial(floor, products=row_products)),
    "floor_features": Contestant("floor, feature-major", partial(floor, products=feature_products)),
}
REASONS = {"floor_torch": Contestant("floor with torch's BLAS", torch_floor, library="torch")}
"""What is measured to tell why a peer is faster."""
OWN = {
    "symnet": Contestant("symnet", with_workspace),
    "symnet_pure": Contestant("symnet, no workspace", partial(symnet_module, target="numpy")),
    "symnet_none": Contestant("symnet, optimize none", partial(symnet_module, target="numpy-plain")),
}
PEERS = {
    "plain": Contestant("plain NumPy", plain),
    "autograd": Contestant("autograd", autograd_numpy, library="autograd"),
    "torch": Contestant("torch eager", torch_eager, library="torch"),
    "torch_compile": Contestant("torch.compile", torch_compiled, library="torch"),
    "jax": Contestant("jax jit", jax_jit, library="jax"),
    "sklearn": Contestant("scikit-learn", sklearn_backprop, tuple(SKLEARN_ACTIVATIONS), library="scikit-learn"),
}
CONTESTANTS = {**FLOORS, **REASONS, **OWN, **PEERS}


class Seconds(NamedTuple):
    """What a call takes: by the clock on the wall, and of the processor, on which others may run, too."""

    wall: float
    cpu: float


def seconds_of(call: Callable[[], Any], number: int) -> Seconds:
    """Seconds a call, of a number of calls without garbage collection, as `timeit` takes them."""
    gc.disable()
    start, start_cpu = perf_counter(), process_time()
    for _ in repeat(None, number):
        call()
    seconds = Seconds((perf_counter() - start) / number, (process_time() - start_cpu) / number)
    gc.enable()
    return seconds


def warm_up(call: Callable[[], Any]) -> None:
    end = perf_counter() + WARM_SECONDS
    call()
    while perf_counter() < end:
        call()


class Worker:
    """One contestant, with the network that it has made ready last."""

    def __init__(self, contestant: Contestant) -> None:
        self.contestant = contestant
        self.call: Callable[[], Any] = lambda: None
        self.number = 1

    def prepare(self, case: Case, dtype: str) -> Result | None:
        """Make a network ready, find how many calls a round takes, and give the result of the last call.

        A first call would not show a workspace that is used again too early.
        """
        self.call = lambda: None
        gc.collect()
        ready = self.contestant.build(problem(case, dtype))
        self.call, number = ready.call, 1
        warm_up(self.call)
        while (seconds := seconds_of(self.call, number).cpu) * number < ROUND_SECONDS / 4:
            number *= 4
        self.number = max(1, round(ROUND_SECONDS / seconds))
        return ready.read(self.call()) if ready.read else None

    def round(self) -> Seconds:
        """Seconds a call, over some hundredths of a second."""
        warm_up(self.call)
        return seconds_of(self.call, self.number)

    def blas(self) -> dict[str, Any]:
        """What the matrix products of NumPy run on here."""
        return blas()


def serve(connection: Connection, name: str, cores: list[int]) -> None:
    """Answer what is asked over a connection, `(method, *arguments)` each time, until it is None.

    The process keeps to some cores, before it loads the contestant's library.
    """
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, cores)
    worker = Worker(CONTESTANTS[name])
    while request := connection.recv():
        method, *arguments = request
        connection.send(getattr(worker, method)(*arguments))
