"""What a benchmark runs on, and how to run it there without settings that mislead."""

from __future__ import annotations

import os
import platform
import re
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_info

import symnet

MISLEADING = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
"""Variables that make NumPy run kernels made for an older processor."""

ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
    "JAX_PLATFORMS": "cpu",
    "TORCHINDUCTOR_COMPILE_THREADS": "1",
}
"""Variables that hold every library to one thread on the processor; they are read when it is loaded."""

LIBRARIES = ("numpy", "sympy", "casadi")


def run_without_misleading_variables(wanted: Mapping[str, str] | None = None) -> None:
    """Start this script anew if the environment chooses kernels: they are read when NumPy is loaded.

    Args:
        wanted: variables that the script needs; it is started anew with them, too.
    """
    wanted = wanted or {}
    if any(name in os.environ for name in MISLEADING) or any(os.environ.get(name) != wanted[name] for name in wanted):
        kept = {name: value for name, value in os.environ.items() if name not in MISLEADING}
        os.execve(sys.executable, [sys.executable, *sys.argv], {**kept, **wanted})  # noqa: S606 - this script itself


def processor() -> str:
    """The model of the processor, where the system tells it."""
    information = Path("/proc/cpuinfo")
    if information.exists():
        found = re.search(r"^model name\s*:\s*(.+)$", information.read_text(encoding="utf-8"), re.MULTILINE)
        if found:
            return found[1]
    return platform.processor() or platform.machine()


def instructions() -> list[str]:
    """The vector instructions beyond its baseline that this NumPy has found: X86_V3 is AVX2, X86_V4 is AVX-512."""
    return list(np.show_config(mode="dicts")["SIMD Extensions"].get("found", []))


def blas() -> dict[str, Any]:
    """The kernels of the matrix products that this process has loaded, and their threads."""
    pools = [pool for pool in threadpool_info() if pool["user_api"] == "blas"]
    kernels = sorted({f"{pool['internal_api']} {pool['version']} {pool.get('architecture', '')}" for pool in pools})
    return {"blas": kernels, "blas_threads": max((pool["num_threads"] for pool in pools), default=None)}


def machine(libraries: Sequence[str] = LIBRARIES) -> dict[str, Any]:
    """What ran: processor, kernel of the matrix products, versions."""
    return {
        "processor": processor(),
        "instructions": instructions(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "python_compiler": platform.python_compiler(),
        "versions": {"symnet": symnet.__version__, **{name: version(name) for name in libraries}},
        **blas(),
    }


def machine_text(facts: dict[str, Any]) -> list[str]:
    """What ran, in two lines."""
    libraries = ", ".join(f"{name} {number}" for name, number in facts["versions"].items())
    kernels = ", ".join(facts["blas"]) or "no BLAS found"
    found = ", ".join(facts["instructions"]) or "no vector instructions beyond NumPy's baseline"
    return [
        f"{facts['processor']} with {found}; Python {facts['python']} ({facts['python_compiler']}); {libraries}.",
        f"BLAS: {kernels}, {facts['blas_threads']} thread.",
        "",
    ]
