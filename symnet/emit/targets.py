"""The targets: what code a network is written as. A new one is a row of the table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import attrgetter

from symnet.architecture import forward_equations, mixes_examples
from symnet.choices import DTYPES
from symnet.emit.module_header import Source
from symnet.emit.numpy_module import numpy_module
from symnet.emit.optimized_module import optimized_module
from symnet.emit.straight_line import scalar_module
from symnet.equations import Program
from symnet.errors import LoweringError, OptionError
from symnet.functions import Record
from symnet.names import unknown
from symnet.simplify import open_logarithms, optimize, write_out


@dataclass(frozen=True)
class Target:
    """What a network is written as.

    Attributes:
        name: how it is asked for.
        about: what it writes, in a few words.
        write: writes the source of a module.
        prepare: makes the program that is written of the simplified equations.
        code: the column of functions that it writes them by; without an entry they are written by their definitions.
        dtypes: of parameters, inputs and results.
        without_gradients: whether it may leave the gradients out.
        old: how it was asked for once: the language, its form, and where there were two its optimization.
    """

    name: str
    about: str
    write: Callable[[Source], str]
    prepare: Callable[[Program], Program]
    code: Callable[[Record], object]
    old: tuple[str, str, str | None]
    dtypes: tuple[str, ...] = DTYPES
    without_gradients: bool = True

    def program(self, equations: Program) -> Program:
        """The program that is written, of simplified equations."""
        return self.prepare(write_out(equations, self.code))

    def check(self, dtype: str, forward_only: bool) -> None:
        """Raise where the target cannot do what it is asked.

        Raises:
            OptionError: there is no such dtype, or it has gradients only.
        """
        if dtype not in DTYPES:
            raise OptionError(unknown("dtype", dtype, DTYPES))
        if dtype not in self.dtypes:
            raise OptionError(f"target {self.name} is written in {' or '.join(self.dtypes)}, not in {dtype}")
        if forward_only and not self.without_gradients:
            raise OptionError(f"target {self.name} is written with its gradients; leave out forward_only")


def _columns(source: Source) -> str:
    return scalar_module(source.network, source.program, "numpy", source.accuracy)


def _row(source: Source) -> str:
    """The code of one row.

    Raises:
        LoweringError: a layer sums or runs over the rows of a batch, so that one row does not say its loss.
    """
    if mixes_examples(forward_equations(source.network).program):
        raise LoweringError(
            "target python computes one row at a time, and a layer sums over the rows of a batch; "
            "the targets numpy and numpy-plain compute it"
        )
    return scalar_module(source.network, source.program, "python", source.accuracy)


TARGETS: Mapping[str, Target] = {
    target.name: target
    for target in (
        Target(
            "numpy",
            "calls of NumPy that write into buffers, worked through in blocks of rows",
            optimized_module,
            optimize,
            attrgetter("array"),
            ("numpy", "array", "full"),
        ),
        Target(
            "numpy-plain",
            "one line of NumPy for each equation",
            numpy_module,
            optimize,
            attrgetter("numpy"),
            ("numpy", "array", "none"),
        ),
        Target(
            "numpy-scalar",
            "straight-line NumPy over the rows of a batch, each weight a name of its own",
            _columns,
            open_logarithms,
            attrgetter("numpy"),
            ("numpy", "scalar", None),
            dtypes=("float64",),
            without_gradients=False,
        ),
        Target(
            "python",
            "straight-line Python on floats, one row at a time, each weight a name of its own",
            _row,
            open_logarithms,
            attrgetter("python"),
            ("python", "scalar", None),
            dtypes=("float64",),
            without_gradients=False,
        ),
    )
}


def target_of(name: str, form: str | None = None, optimization: str | None = None) -> Target:
    """The target with this name, or the one that old spellings mean: `numpy` with form `scalar` is `numpy-scalar`.

    Raises:
        OptionError: there is none, or the spellings contradict each other.
    """
    known = {"target": TARGETS, "form": _old_spellings(1), "optimization": _old_spellings(2)}
    for what, given in (("target", name), ("form", form), ("optimization", optimization)):
        if given is not None and given not in known[what]:
            raise OptionError(unknown(what, given, known[what]))
    for target in TARGETS.values():
        language, *spelling = target.old
        if name in (target.name, language) and all(
            given in (None, own) for given, own in zip((form, optimization), spelling, strict=True)
        ):
            return target
    asked = " and ".join(f"{what} {given}" for what, given in (("form", form), ("optimize", optimization)) if given)
    raise OptionError(f"target {name} does not go with {asked}; the targets are {', '.join(TARGETS)}")


def _old_spellings(place: int) -> list[str]:
    return list(dict.fromkeys(word for target in TARGETS.values() if (word := target.old[place]) is not None))
