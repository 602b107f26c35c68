"""The public API for networks: from an architecture to its derivation, its code and its checks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from inspect import signature
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from symnet.core import Program, reverse_sweep
from symnet.counts import NetworkCounts, check_weights, compare_methods, count_program
from symnet.network import WANTED, Given, Initial, Network, check_differentiable, forward_equations, network_of
from symnet.scalar_form import Naming, ScalarForm, scalar_form
from symnet.simplify import (
    choose_derivatives,
    fuse_outputs,
    restore_functions,
    simplify,
    use_stable_forms,
    write_out_before,
)
from symnet.simplify import optimize as optimize_program
from symnet.support import (
    ACCURACIES,
    PAGE_DETAILS,
    NotationError,
    OptionError,
    Watched,
    module_from_source,
    names_of,
    renamed,
    unknown,
    unseen,
    visible,
)
from symnet.targets import Source, Target, old_spellings, target_of
from symnet.templating import SHIPPED, Templates, templates_of

if TYPE_CHECKING:
    from symnet.check import Gradcheck
    from symnet.exercises import Sheet
    from symnet.formats import Document
    from symnet.notation import Notation
    from symnet.pages import Values


OF_PAGES = renamed({"detail": "level", "values": "at"}, {"detail": PAGE_DETAILS})
"""The deprecated names of the options of pages."""


@dataclass(frozen=True, repr=False)
class Derivation:
    """A network with its equations.

    Attributes:
        network: the architecture.
        forward: the forward program, up to the loss C.
        equations: the forward program with the gradients, in simple forms: δ = (p - y)/N, σ' = a(1 - a).
        initial: the initial value of each parameter.
        accuracy: "fast", or "tails" for equations that are accurate in every entry.

    >>> derivation = symnet.derive("2-2-1")
    >>> derivation
    <Derivation of 2-2-1: 12 equations, 4 gradients>
    >>> derivation.operations
    {'multiplications': 22, 'additions': 11, 'divisions': 4, 'functions': 2}
    """

    network: Network
    forward: Program
    equations: Program
    initial: dict[str, Initial]
    accuracy: str = "fast"

    def __repr__(self) -> str:
        counted = f"{len(self.equations.equations)} equations, {len(self.forward.parameters)} gradients"
        return f"<Derivation of {visible(self.network.title)}: {counted}>"

    @cached_property
    def program(self) -> Program:
        """The equations as code computes them, with shared subexpressions."""
        return optimize_program(self.equations)

    @property
    def gradients(self) -> dict[str, str]:
        """The array that holds the gradient of each parameter, in the shape of the parameter.

        >>> symnet.derive("2-1").gradients
        {'W1': 'W1_bar', 'b1': 'b1_bar'}
        """
        return {array.name: self.program.outputs[array.name] for array in self.forward.parameters}

    def scalar_form(self, naming: Naming | None = None) -> ScalarForm:
        r"""Return every unit and weight as a SymPy symbol, and every ∂C/∂w as a separate formula, for one row.

        >>> symnet.derive("2-1").scalar_form().gradient("W1", 0, 0)
        \delta_{1}^{(1)}*x_{1}
        """
        return scalar_form(self.equations, naming)

    def count(
        self,
        weights: Mapping[str, float] | None = None,
        *,
        progress: Watched = unseen,
        announce: Callable[[str], object] = str,
    ) -> NetworkCounts:
        """Count the operations of the loss and all its derivatives by each method, for one row, as in `symnet.count`.

        >>> symnet.derive("2-2-1").count().sweep
        37
        """
        check_weights(weights)
        forward = use_stable_forms(self.forward)
        return compare_methods(forward, self.equations, weights, progress=progress, announce=announce)

    @OF_PAGES
    def document(
        self,
        notation: str | Path | Notation = "symnet",
        *,
        form: str = "index",
        level: str = "lecture",
        at: str | Path | Values | None = None,
        digits: int = 3,
        counts: bool = False,
        section: str | Sequence[str] = (),
    ) -> Document:
        """Return the derivation as a document, which can be written in any format.

        Every equation is read back from its LaTeX and checked against the network at random numbers, or at the
        given values.

        Args:
            notation: a built-in notation, the path of a TOML file, or a `Notation`; see `docs/notations.md`.
            form: "index" for a general layer, "matrix" for whole arrays, "scalar" unit by unit.
            level: "short" gives results, "lecture" also names and evaluates each factor of the chain rule, "full" also
                counts the operations.
            at: numbers to put into the equations: the path of a TOML file, or the result of `pages.read_values`.
            digits: how many significant digits of them are shown, from 1 to 15.
            counts: whether the operations are counted.
            section: the names of the parts of the page, such as "forward" and "backward"; all if empty.

        Raises:
            NotationError: an unknown notation, option or section, wrong values, or a scalar form of more than 40
                parameters.
            FileError: the file of numbers cannot be read.
            VerificationError: an equation does not hold, which is a bug in symnet.

        >>> symnet.derive("1-1").document(form="matrix", level="short").title
        'Backpropagation for 1-1'
        """
        return derivation_page(
            self.network, notation, form=form, level=level, at=at, digits=digits, counts=counts, section=section
        )

    @OF_PAGES
    def render(
        self,
        format: str = "text",  # noqa: A002
        notation: str | Path | Notation = "symnet",
        *,
        templates: str | Path | None = None,
        **options: Any,
    ) -> str:
        """Return the derivation in a format: tex, fragment, beamer, markdown, myst, quarto, ipynb, html or text.

        `templates` is a folder, as in `generate`. Options and errors are those of `document`.

        >>> print(symnet.derive("1-1").render(level="short").splitlines()[0])
        Backpropagation for 1-1
        """
        return rendered_page(self.document(notation, **options), format, self.network, templates)

    @OF_PAGES
    def to_latex(self, notation: str | Path | Notation = "symnet", *, standalone: bool = False, **options: Any) -> str:
        r"""Return the derivation as LaTeX: a fragment to `\input`, or a complete document if `standalone`.

        Options and errors are those of `document`.

        >>> r"\begin{document}" in symnet.derive("1-1").to_latex(standalone=True, level="short")
        True
        """
        return self.render("tex" if standalone else "fragment", notation, **options)

    def _repr_latex_(self) -> str:
        from symnet.pages import listing_latex

        return f"$\\displaystyle {listing_latex(self.network)}$"

    def _repr_html_(self) -> str:
        from symnet.pages import listing_html

        return listing_html(self.network)

    @cached_property
    def operations(self) -> dict[str, int]:
        """The operations of loss and gradients for one row, by kind."""
        return dict(count_program(self.program))


def derive(network: Given, *, accuracy: str = "fast") -> Derivation:
    """Derive the gradient of the loss by every parameter, as equations in index notation.

    Args:
        network: a string such as `2-2-1`, the path of a TOML file (`str` or `Path`) or a `Network`.
        accuracy: "fast" for simple equations, "tails" for equations that are accurate in every entry.

    Raises:
        NotDifferentiableError: the derivative of an activation is 0 wherever it exists.
        ArchitectureError: the layers do not fit together.
        OptionError: the accuracy is unknown.

    >>> derivation = symnet.derive("2-2-1")
    >>> derivation.equations.by_name["z2_bar"].rhs
    (a2[n, k] - y[n, k])/N
    """
    network = network_of(network)
    _check_accuracy(accuracy)
    check_differentiable(network)
    built = forward_equations(network)
    return Derivation(network, built.program, _with_gradients(built.program, accuracy), built.initial, accuracy)


def derivation_page(
    network: Given,
    notation: str | Path | Notation = "symnet",
    *,
    form: str = "index",
    level: str = "lecture",
    at: str | Path | Values | None = None,
    digits: int = 3,
    counts: bool = False,
    section: str | Sequence[str] = (),
) -> Document:
    """Return the derivation of a network as a document, without deriving the equations for code.

    Arguments and errors are those of `Derivation.document`, and of `derive` for the network.
    """
    # Imported late: generating code does not need pages and their checks.
    from symnet.check import assure
    from symnet.formats import only
    from symnet.notation import load_notation
    from symnet.pages import Options, derivation_document, values_of

    network = network_of(network)
    check_differentiable(network)
    profile = load_notation(notation)
    options = Options(form, level, values_of(at, network), digits, counts)
    derived = derivation_document(network, profile, options)
    assure(derived, options)
    return only(derived.document, names_of(section, "a section", NotationError)) if section else derived.document


def exercise_sheet(
    network: Given,
    notation: str | Path | Notation = "symnet",
    *,
    seed: int = 0,
    count: int | None = None,
    kinds: Sequence[str] = (),
) -> Sheet:
    """Draw exercises on a network; the `problems` and `solutions` of the sheet are documents for any format.

    Every equation is read back from its LaTeX and checked against the network.

    Args:
        network: a string such as `2-2-1`, the path of a TOML file (`str` or `Path`) or a `Network`.
        notation: as in `Derivation.document`.
        seed: the same seed gives the same exercises.
        count: how many, from 1 to 50; one of each kind if it is None.
        kinds: the kinds to draw from, by name; see `symnet list exercises`.

    Raises:
        ExerciseError: the count is out of range, a kind is unknown, or the network is unfit for it.
        NotDifferentiableError: the derivative of an activation is 0 wherever it exists.
        NotationError: an unknown notation, or one that needs a letter of the network for something else.

    >>> symnet.exercise_sheet("1-1", seed=1, count=1, kinds=["gradient"])
    <Sheet 1 on 1-1: gradient>
    """
    from symnet.exercises import assure, draw_sheet
    from symnet.notation import load_notation

    network = network_of(network)
    check_differentiable(network)
    profile = load_notation(notation)
    sheet = draw_sheet(network, profile, seed=seed, count=count, kinds=kinds)
    assure(sheet)
    return sheet


def rendered_page(
    document: Document,
    format: str,  # noqa: A002
    network: Network,
    templates: str | Path | None = None,
) -> str:
    """Write a document of a network in a format, with the templates of a folder if given.

    Raises:
        TemplateError: a template of the folder is wrong or not used.
    """
    laid_out = templates_of(templates)
    text = render_document(document, format, network, laid_out)
    laid_out.check_used(f"format {format}")
    return text


def render_document(
    document: Document,
    format: str,  # noqa: A002
    network: Network,
    templates: Templates = SHIPPED,
) -> str:
    """Write a document of a network in a format; formats that run code include the generated module."""
    from symnet.formats import FORMATS, render

    if format in FORMATS and FORMATS[format].runs_code:
        document = replace(document, module=generate(network, target="numpy-plain"))
    return render(document, format, templates)


@old_spellings
def generate(
    network: Given,
    *,
    dtype: str = "float64",
    forward_only: bool = False,
    target: str | Target = "numpy",
    accuracy: str = "fast",
    templates: str | Path | None = None,
) -> str:
    """Return the source of a module with the network's functions and their gradients.

    Args:
        network: a string such as `2-2-1`, the path of a TOML file (`str` or `Path`) or a `Network`.
        dtype: "float64" or "float32"; straight-line code is float64.
        forward_only: leave the gradients out; networks with `step` or `sign` need it.
        target: "numpy" for calls that write into buffers, "numpy-plain" for one line for each equation; "numpy-scalar"
            for straight-line code with a name for each weight, over the rows of a batch, "python" for the same on
            floats, one row at a time; or a `Target`.
        accuracy: "fast" for derivatives through forward values, such as a(1 - a) and p - y; "tails" for forms that
            are accurate in every entry, see `docs/accuracy.md`.
        templates: a folder of templates that replace symnet's, see `docs/templates.md`.

    Raises:
        NotDifferentiableError: the derivative of an activation is 0 wherever it exists, and `forward_only` is false.
        ArchitectureError: the layers do not fit together.
        OptionError: an option is unknown, or the target does not support it.
        LoweringError: an equation has no form in the target.
        FileError: the folder of templates or a file in it cannot be read.
        TemplateError: a template is wrong, is unused or replaces none, or the module lacks a public name.

    >>> source = symnet.generate("2-2-1", target="numpy-plain")
    >>> "a1 = _sigmoid(z1)" in source
    True
    """
    network = network_of(network)
    chosen = target_of(target)
    chosen.check(dtype, forward_only)
    _check_accuracy(accuracy)
    layout = chosen.templates(templates)
    if not forward_only:
        check_differentiable(network)
    built = forward_equations(network)
    forward = write_out_before(built.program)
    equations = (
        restore_functions(_code_forms(forward, accuracy)) if forward_only else _with_gradients(forward, accuracy)
    )
    return chosen.module(
        Source(network, chosen.program(equations), built.initial, dtype, accuracy, forward_only, layout)
    )


@old_spellings
def compile(  # noqa: A001
    network: Given,
    *,
    dtype: str = "float64",
    forward_only: bool = False,
    target: str | Target = "numpy",
    accuracy: str = "fast",
    templates: str | Path | None = None,
) -> ModuleType:
    """Generate a module and import it. Arguments and errors are those of `generate`.

    Its functions take x of shape (N, inputs) and y of shape (N, outputs).

    >>> module = symnet.compile("2-3-1")
    >>> params = module.init(0)
    >>> loss, gradient = module.value_and_grad(params, [[0.0, 1.0], [1.0, 1.0]], [[1.0], [0.0]])
    >>> gradient.W1.shape
    (2, 3)
    """
    source = generate(
        network, dtype=dtype, forward_only=forward_only, target=target, accuracy=accuracy, templates=templates
    )
    return module_from_source(source, "symnet_generated")


def gradcheck(subject: Given | ModuleType, **options: Any) -> Gradcheck:
    """Compare every gradient of a network or of a generated module with central differences.

    The report is true if all gradients agree.

    Args:
        subject: a module that symnet generated, which is executed, or a network as in `derive`.
        options: those of `gradient_check.check_gradients`: points, rows, seed, tolerance, entries.

    Raises:
        GradcheckError: as in `gradient_check.check_gradients`.

    >>> symnet.gradcheck("2-2-1", points=1)
    <Gradcheck of '2-2-1:sigmoid,identity': 4 gradients all agree>
    """
    # Imported late: generating code does not need the checks.
    from symnet.check import check_gradients

    _, *known = signature(check_gradients).parameters
    unexpected = [name for name in options if name not in known]
    if unexpected:
        raise TypeError(f"gradcheck() got an unexpected keyword argument {unexpected[0]!r}; known: {', '.join(known)}")
    if not isinstance(subject, ModuleType):
        subject = compile(network_of(subject, f"{WANTED}, or a module that symnet generated,"))
    return check_gradients(subject, **options)


def count(
    network: Given,
    weights: Mapping[str, float] | None = None,
    *,
    progress: Watched = unseen,
    announce: Callable[[str], object] = str,
) -> NetworkCounts:
    """Count the operations of the loss and all its derivatives by each method, for one row.

    Args:
        network: a string such as `2-2-1`, the path of a TOML file (`str` or `Path`) or a `Network`.
        weights: the weights of operations by name (`add`, `multiply`, `divide`, `sqrt`, `exp`, ...); 1 by default.
        progress: called with the number of steps; returns a progress bar that is told of each.
        announce: called before the work starts with an estimate of its time, if that is long.

    Raises:
        NotDifferentiableError: as in `derive`.
        ArchitectureError: the layers do not fit together, or there are too many parameters to count.
        OptionError: a weight has an unknown operation, or is no finite number from 0.

    >>> counts = symnet.count("2-2-1")
    >>> counts.brute_force, counts.forward_mode, counts.sweep
    (314, 85, 37)
    """
    return derive(network).count(weights, progress=progress, announce=announce)


def _with_gradients(forward: Program, accuracy: str) -> Program:
    """Return the forward equations and the cotangents of all parameters, simplified."""
    forms = _code_forms(forward, accuracy)
    swept = reverse_sweep(forms, [array.name for array in forms.parameters])
    return simplify(swept, accurate=accuracy == "tails")


def _code_forms(forward: Program, accuracy: str) -> Program:
    """Return the forward equations in stable forms for code, with the derivatives that the accuracy needs."""
    stable = use_stable_forms(fuse_outputs(forward))
    return choose_derivatives(stable) if accuracy == "tails" else stable


def _check_accuracy(accuracy: str) -> None:
    if accuracy not in ACCURACIES:
        raise OptionError(unknown("accuracy", accuracy, ACCURACIES))
