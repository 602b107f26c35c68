"""What a target is: the contract that each folder of `symnet/targets/` fulfils."""

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
    """What code a network, or a function of one's own, is written as.

    A target is a folder: a table of the code of functions, a printer that writes expressions or statements in it, and
    templates, in `templates/NAME/`, that put these into a module. Its `__init__` has it as `TARGET`, and the registry
    finds it there. It takes simplified equations in index notation and returns the text of a module:

        equations → `write_out` by `code` → `prepare` → `write_out` → `write` → text

    Whatever it writes shows the Python face of the other targets of its form: of arrays (`Parameters`, `init`,
    `forward`, `loss`, `gradient`, `value_and_grad`, `flatten`, `unflatten`, `value_and_grad_flat`), or straight-line
    (`PARAMETERS`, `forward`, `loss`, `value_and_grad`). Its gradients are those of the oracle to rounding.

    Attributes:
        name: how it is asked for.
        about: what it writes, in a few words.
        write: writes the source of a module; it renders templates by `Source.templates`.
        prepare: makes the program that is written of the equations: `simplify.optimize` for code of arrays,
            `simplify.open_logarithms` for straight-line code.
        code: the code that it has for a function, such as the column `numpy` of its record, or None: without code a
            function is written by its stable form or its definition.
        dtypes: of parameters, inputs and results; others are refused.
        without_gradients: whether it may leave the gradients out; if not, `forward_only` is refused.
        by_rows: whether it computes one row at a time, so that it refuses layers that sum over the rows of a batch.
        write_function: writes a function of one's own with its derivatives; None if it writes networks alone.
        folder: of its templates, whose names begin with `NAME/`; None where they are symnet's, in `templates/NAME/`.
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
        """The templates that it is laid out by, where a user has given a folder of others.

        Raises as `templating.templates_of` does.
        """
        return templates_of(given, self.folder, self.name)

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

    def program(self, equations: Program) -> Program:
        """The program that is written, of simplified equations."""
        # What is prepared has stable forms again, of which the target may have no code either.
        return write_out(self.prepare(write_out(equations, self.code)), self.code)

    def module(self, source: Source) -> str:
        """The source of a module of a network.

        Raises:
            LoweringError: an equation has no form in this target.
            TemplateError: a template of the user's is wrong, or takes no part, or what it makes is no such module.
        """
        if self.by_rows:
            self._check_rows(source.network)
        return self._checked(self.write, source)

    def function_module(self, source: FunctionSource) -> str:
        """The source of a module of a function of one's own.

        Raises:
            OptionError: the target writes networks alone.
            TemplateError: as `module` does.
        """
        write = self.write_function
        if write is None:
            raise OptionError(f"target {self.name} writes networks, not functions of one's own")
        return self._checked(write, source)

    def _checked(self, write: Callable[[Given], str], source: Given) -> str:
        """The text that is written; a user's templates are held to what symnet's make."""
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
