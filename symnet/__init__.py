"""symnet: a neural network in, its backpropagation out, as equations, NumPy code, counts and checks."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from symnet.version import VERSION as __version__

if TYPE_CHECKING:
    from symnet.api import (
        Derivation,
        compile,
        count,
        count_expression,
        derive,
        differentiate,
        exercise_sheet,
        generate,
        gradcheck,
        verify,
        verify_file,
    )
    from symnet.network import (
        Activated,
        ActivatedLayer,
        Attention,
        BaseLayer,
        Conv,
        Dense,
        Layer,
        LayerNorm,
        Network,
        Pool,
        RadialBasis,
        Residual,
        Scope,
        from_toml,
        load,
        parse,
        to_string,
        to_toml,
    )
    from symnet.scalar_form import Naming, ScalarForm
    from symnet.support import SymnetError

_HOMES = {
    "symnet.api": (
        *("Derivation", "compile", "count", "count_expression", "derive", "differentiate"),
        *("exercise_sheet", "generate", "gradcheck", "verify", "verify_file"),
    ),
    "symnet.network": (
        *("Activated", "ActivatedLayer", "Attention", "BaseLayer", "Conv", "Dense", "Layer", "LayerNorm", "Network"),
        *("Pool", "RadialBasis", "Residual", "Scope"),
        *("from_toml", "load", "parse", "to_string", "to_toml"),
    ),
    "symnet.scalar_form": ("Naming", "ScalarForm"),
    "symnet.support": ("SymnetError",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "Activated",
    "ActivatedLayer",
    "Attention",
    "BaseLayer",
    "Conv",
    "Dense",
    "Derivation",
    "Layer",
    "LayerNorm",
    "Naming",
    "Network",
    "Pool",
    "RadialBasis",
    "Residual",
    "ScalarForm",
    "Scope",
    "SymnetError",
    "__version__",
    "compile",
    "count",
    "count_expression",
    "derive",
    "differentiate",
    "exercise_sheet",
    "from_toml",
    "generate",
    "gradcheck",
    "load",
    "parse",
    "to_string",
    "to_toml",
    "verify",
    "verify_file",
]


def __getattr__(name: str) -> Any:
    """Load a public name when it is first asked for, so that `symnet --help` does not wait for SymPy."""
    if name not in _HOME_OF:
        raise AttributeError(f"module 'symnet' has no attribute {name!r}")
    return getattr(import_module(_HOME_OF[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
