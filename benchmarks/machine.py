"""What a benchmark runs on, and how to run it there without settings that mislead."""

from __future__ import annotations

import os
import platform
import re
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_info

MISLEADING = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
"""Variables that make NumPy run kernels made for an older processor."""


def run_without_misleading_variables() -> None:
    """Start this script anew if the environment chooses kernels: they are read when NumPy is loaded."""
    if any(name in os.environ for name in MISLEADING):
        kept = {name: value for name, value in os.environ.items() if name not in MISLEADING}
        os.execve(sys.executable, [sys.executable, *sys.argv], kept)  # noqa: S606 - this script itself


def processor() -> str:
    """The model of the processor, where the system tells it."""
    information = Path("/proc/cpuinfo")
    if information.exists():
        found = re.search(r"^model name\s*:\s*(.+)$", information.read_text(encoding="utf-8"), re.MULTILINE)
        if found:
            return found[1]
    return platform.processor() or platform.machine()


def machine() -> dict[str, Any]:
    """What ran: processor, kernel of the matrix products, versions."""
    pools = [pool for pool in threadpool_info() if pool["user_api"] == "blas"]
    kernels = sorted({f"{pool['internal_api']} {pool['version']} {pool.get('architecture', '')}" for pool in pools})
    return {
        "processor": processor(),
        "python": platform.python_version(),
        "python_compiler": platform.python_compiler(),
        "versions": {name: version(name) for name in ("symnet", "numpy", "sympy", "casadi")},
        "blas": kernels,
        "blas_threads": max((pool["num_threads"] for pool in pools), default=None),
    }


def machine_text(facts: dict[str, Any]) -> list[str]:
    """What ran, in two lines."""
    libraries = ", ".join(f"{name} {number}" for name, number in facts["versions"].items())
    kernels = ", ".join(facts["blas"]) or "no BLAS found"
    return [
        f"{facts['processor']}; Python {facts['python']} ({facts['python_compiler']}); {libraries}.",
        f"BLAS: {kernels}, {facts['blas_threads']} thread.",
        "",
    ]
