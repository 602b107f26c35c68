"""`Target`: the contract of each folder of `symnet/targets/`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TypeVar

from symnet.core import Program
from symnet.functions import Record
from symnet.network import Network, forward_equations, mixes_examples
from symnet.simplify import write_out
from symnet.support import DTYPES, LoweringError, OptionError, unknown
from symnet.targets.module_names import check_same_names
from symnet.targets.source import FunctionSource, Source
from symnet.templating import Templates, templates_of

Given = TypeVar("Given", Source, FunctionSource)
"""What a module is made from."""


@dataclass(frozen=True)
class Target:
    """A kind of code that networks, and possibly functions, are written as.

    A target is a folder with a table of the code of functions, a printer of expressions or statements, and templates
    of modules in `templates/NAME/`. Its `__init__` defines `TARGET`, by which the registry finds it. It takes
    simplified equations in index notation and returns the text of a module:

        equations → `write_out` by `code` → `prepare` → `write_out` → `write` → text

    A module has the same public names in all targets of its form: of arrays (`Parameters`, `init`, `forward`, `loss`,
    `gradient`, `value_and_grad`, `flatten`, `unflatten`, `value_and_grad_flat`), or straight-line (`PARAMETERS`,
    `forward`, `loss`, `value_and_grad`). Its gradients equal those of the oracle to rounding.

    Attributes:
        name: the name by which it is chosen.
        about: what it writes, in a few words.
        write: returns the source of a module; it renders templates by `Source.templates`.
        prepare: the pass from simplified equations to the program that is written: `simplify.optimize` for code of
            arrays, `simplify.open_logarithms` for straight-line code.
        code: returns the target's code of a function, such as the column `numpy` of its record, or None; a function
            without code is written by its stable form or its definition.
        dtypes: the dtypes of parameters, inputs and results; others are refused.
        without_gradients: whether gradients may be omitted; if not, `forward_only` is refused.
        by_rows: whether it computes one row at a time, so that layers that sum over the batch are refused.
        write_function: returns the source of a user's function with its derivatives; None if it writes networks alone.
        folder: the folder of its templates, whose names begin with `NAME/`; None for symnet's own.
    """

    name: str
    about: str
    write: Callable[[Source], str]
    prepare: Callable[[Program], Program]
    code: Callable[[Record], object]
    dtypes: tuple[str, ...] = DTYPES
    without_gradients: bool = True
    by_rows: bool = False
    write_function: Callable[[FunctionSource], str] | None = None
    folder: Traversable | None = None

    def templates(self, given: str | Path | None) -> Templates:
        """Return its templates, with those of a user's folder in place of the same names.

        Raises:
            TemplateError: as `templating.templates_of`.
        """
        return templates_of(given, self.folder, self.name)

    def check(self, dtype: str, forward_only: bool) -> None:
        """Check that the target supports some options.

        Raises:
            OptionError: it does not support the dtype, or cannot omit the gradients.
        """
        if dtype not in DTYPES:
            raise OptionError(unknown("dtype", dtype, DTYPES))
        if dtype not in self.dtypes:
            raise OptionError(f"target {self.name} is written in {' or '.join(self.dtypes)}, not in {dtype}")
        if forward_only and not self.without_gradients:
            raise OptionError(f"target {self.name} is written with its gradients; leave out forward_only")

    def program(self, equations: Program) -> Program:
        """Return the program to write, given simplified equations."""
        # `prepare` may introduce functions that the target has no code for, so it is followed by `write_out` again.
        return write_out(self.prepare(write_out(equations, self.code)), self.code)

    def module(self, source: Source) -> str:
        """Return the source of a network's module.

        Raises:
            LoweringError: an equation has no form in this target.
            TemplateError: a template of the user is wrong or unused, or the module lacks a public name.
        """
        if self.by_rows:
            self._check_rows(source.network)
        return self._checked(self.write, source)

    def function_module(self, source: FunctionSource) -> str:
        """Return the source of a module of a user's function.

        Raises:
            OptionError: the target writes networks alone.
            TemplateError: as in `module`.
        """
        write = self.write_function
        if write is None:
            raise OptionError(f"target {self.name} writes networks, not functions of one's own")
        return self._checked(write, source)

    def _checked(self, write: Callable[[Given], str], source: Given) -> str:
        """Return the source; if the user gave templates, check its names against the source by symnet's templates."""
        text = write(source)
        templates = source.templates
        if templates.folder is not None:
            templates.check_used(f"target {self.name}")
            check_same_names(text, write(replace(source, templates=templates.plain())), templates.folder)
        return text

    def _check_rows(self, network: Network) -> None:
        if mixes_examples(forward_equations(network).program):
            raise LoweringError(
                f"target {self.name} computes one row at a time, and a layer sums over the rows of a batch; "
                "targets of arrays, such as numpy, compute it"
            )
