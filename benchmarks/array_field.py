"""The processes of all contestants, of which one runs at a time, and what is measured with them."""

from __future__ import annotations

import os
import signal
import statistics
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from multiprocessing import get_context
from types import TracebackType
from typing import Any

import numpy as np
from array_cases import TOLERANCES, Case, problem
from array_numpy import Result, read_numpy, textbook
from array_worker import CONTESTANTS, Seconds, serve

Summary = dict[str, float]


class Competitor:
    """The process of one contestant; it is stopped whenever it is not asked something."""

    def __init__(self, name: str, cores: list[int]) -> None:
        self.name = name
        context = get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=serve, args=(theirs, name, cores), daemon=True)
        self.process.start()
        theirs.close()

    def ask(self, method: str, *arguments: Any) -> Any:
        """The answer of a method of `Worker`.

        Raises:
            SystemExit: the process has ended; what it died of it has written itself.
        """
        assert self.process.pid is not None
        os.kill(self.process.pid, signal.SIGCONT)
        try:
            self.connection.send((method, *arguments))
            answer = self.connection.recv()
        except (EOFError, BrokenPipeError, ConnectionResetError):
            sys.exit(f"{CONTESTANTS[self.name].label} has ended; --without {self.name} leaves it out")
        os.kill(self.process.pid, signal.SIGSTOP)
        return answer

    def __enter__(self) -> Competitor:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.kill()
        self.process.join()
        self.connection.close()


class Field:
    """All contestants of a run.

    Args:
        names: who takes part.
        core: where they run; the last that is allowed, if None.
    """

    def __init__(self, names: Sequence[str], core: int | None) -> None:
        self.names, self.core = names, core
        self.stack = ExitStack()
        self.competitors: dict[str, Competitor] = {}

    def __enter__(self) -> Field:
        allowed = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else [0]
        chosen = allowed[-1] if self.core is None else self.core
        for name in self.names:
            self.competitors[name] = self.stack.enter_context(Competitor(name, [chosen]))
        return self

    def __exit__(self, *details: Any) -> None:
        self.stack.close()

    def kernels(self) -> dict[str, Any]:
        """The BLAS of NumPy where it is measured."""
        found: dict[str, Any] = self.competitors[self.names[0]].ask("blas")
        return found

    def measure(self, case: Case, dtype: str, rounds: int) -> dict[str, list[Seconds]]:
        """Seconds a call of every contestant that knows a case, one figure a round.

        A round asks each once; the first of one round is the second of the next.

        Raises:
            SystemExit: a result is not that of the others.
        """
        taking = [name for name in self.names if CONTESTANTS[name].knows(case)]
        expected = reference(case, dtype)
        for name in taking:
            result = self.competitors[name].ask("prepare", case, dtype)
            if result is not None:
                check(f"{case.label} in {dtype}, {CONTESTANTS[name].label}", result, expected, dtype)
        seconds: dict[str, list[Seconds]] = {name: [] for name in taking}
        for turn in range(rounds):
            first = turn % len(taking)
            for name in (*taking[first:], *taking[:first]):
                seconds[name].append(self.competitors[name].ask("round"))
        return seconds


def reference(case: Case, dtype: str) -> Result:
    """The loss and the gradients in float64, at the numbers as `dtype` holds them."""
    return read_numpy(textbook(problem(case, dtype).cast("float64")))


def check(what: str, result: Result, expected: Result, dtype: str) -> None:
    """Hold a result to the reference: each array by its largest entry.

    Raises:
        SystemExit: the two differ, or the gradients are not of the right shapes and dtype.
    """
    loss, gradients = result
    kinds = [(array.shape, str(array.dtype)) for array in gradients]
    if kinds != [(array.shape, dtype) for array in expected[1]]:
        sys.exit(f"{what}: gradients are {kinds}")
    found, wanted, tolerance = [np.asarray(loss), *gradients], [expected[0], *expected[1]], TOLERANCES[dtype]
    deviation = max(float(np.max(np.abs(a - b)) / np.max(np.abs(b))) for a, b in zip(found, wanted, strict=True))
    if not deviation <= tolerance:
        sys.exit(f"{what}: differs from the reference by {deviation:.1e}, {tolerance:g} is allowed")


def summary(figures: Sequence[float]) -> Summary:
    """The median with its quartiles."""
    low, median, high = statistics.quantiles(figures, n=4, method="inclusive") if len(figures) > 1 else figures * 3
    return {"median": median, "q1": low, "q3": high}


def paired(seconds: Sequence[float], base: Sequence[float]) -> float:
    """The median over the rounds of one time over another of the same round."""
    return statistics.median(one / other for one, other in zip(seconds, base, strict=True))
