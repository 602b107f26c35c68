"""The checks can fail: an error planted in each stage of the pipeline, and what turns red.

A stage is made wrong by another text in one of its functions. Then the network is derived, written
and compared as it is for a release; an error that nothing sees fails here.
"""

from __future__ import annotations

import inspect
import sys
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any

import pytest
from differential import Case, Unsuitable, compare

import symnet
from symnet.core import chain_rule
from symnet.simplify.tidy import _tidy_scalar
from symnet.support.errors import ReadingError, SymnetError, VerificationError

VERIFICATION = "verification"
ORACLE = "equations"
DIFFERENCES = "differences"
DIRECTIONS = "directions"
TEXTBOOK = "textbook"
SCALAR = "scalar-form"
READER = "reader"
REFERENCES = (TEXTBOOK, ORACLE, DIFFERENCES, DIRECTIONS, SCALAR)

CLASSIFIER = "2-4-3:tanh,softmax;loss=cross_entropy;l2=0.3"
RESIDUAL = "2-3-3[residual]-2:tanh,sigmoid,identity;l1=0.1"
REGRESSION = "2-3-1"

SWEEP = "symnet.core.chain_rule:_Sweep"
DELTAS = "symnet.core.chain_rule:_Deltas"
LOWERING = "symnet.lower.lowering:_Lowering"
TRANSLATION = "symnet.lower.translate:Translation"
BUILDER = "symnet.lower.builder:Builder"
PLAIN = "symnet.targets.numpy_plain.numpy_code:NumpyCode"
VIEWS = "symnet.targets.numpy.buffer_views:BufferViews"
GRAPH = "symnet.targets.straight_line.graph_code:GraphCode"
CODE = "symnet.targets.numpy.schedule_code:ScheduleCode"
WRITER = "symnet.targets.numpy.module:_Writer"
ARITHMETIC = "symnet.scalar_form.instantiate:GraphArithmetic"
PAIRS = "symnet.scalar_form.products:_Pairs"
REWRITING = "symnet.scalar_form.products:_Rewriting"
WITHOUT_LAST = "program.with_equations(program.equations[:-1])"


@dataclass(frozen=True)
class Plant:
    """An error in one function.

    Attributes:
        stage: of the pipeline.
        function: its module, a colon, and its name there.
        right, wrong: the text that is changed, which occurs once, and what it becomes.
        seen_by: what must turn red, at least.
        network: at which this is to be seen.
        form: of the derivation, where the error is in what is printed.
    """

    stage: str
    function: str
    right: str
    wrong: str
    seen_by: str
    network: str = CLASSIFIER
    form: str = "matrix"

    def __str__(self) -> str:
        return f"{self.stage}: {self.wrong.strip()}"


PLANTS = (
    # Layers, activations and losses: the gradient is that of another loss, which a textbook can tell.
    Plant("layers", "symnet.network.layers.dense:Dense.affine", '("b", *j)[j]', '("b", *j)[j] * 2', TEXTBOOK),
    Plant(
        "layers",
        "symnet.network.layers.dense:Dense.affine",
        "weight[*i, *j], *i)",
        "weight[*i, *j] ** 2, *i)",
        TEXTBOOK,
    ),
    Plant("layers", "symnet.network.layers.dense:Dense.affine", "weight[*i, *j]", "weight[*j, *i]", VERIFICATION),
    Plant(
        "layers", "symnet.network.layers.residual:Residual.equations", " + carried", " - carried", TEXTBOOK, RESIDUAL
    ),
    Plant("forward", "symnet.network.forward:_loss", "total /= BATCH", "pass", TEXTBOOK),
    Plant("forward", "symnet.network.forward:_loss", "for weight in weights)", "for weight in weights[1:])", TEXTBOOK),
    Plant("forward", "symnet.network.forward:_penalties", "l2 / 2", "l2", TEXTBOOK),
    # The chain rule.
    Plant(
        "chain rule",
        "symnet.core.chain_rule:_through",
        "Partial(node, Integer(1))",
        "Partial(node, Integer(-1))",
        DIRECTIONS,
    ),
    Plant(
        "chain rule",
        "symnet.core.chain_rule:_row_partials",
        "-factor * (weight",
        "factor * (weight",
        DIRECTIONS,
        "2-3:softmax",
    ),
    Plant("chain rule", "symnet.core.chain_rule:_derivative", "return derivative(", "return -derivative(", DIFFERENCES),
    Plant("chain rule", f"{SWEEP}._finish", "contributions[name])", "contributions[name][:1])", DIRECTIONS, RESIDUAL),
    Plant("chain rule", f"{DELTAS}.of", "plain[position] = target", "plain[position] = wanted[0]", VERIFICATION),
    Plant("chain rule", f"{SWEEP}._contribution", "summation(body, *summed_over)", "body", VERIFICATION),
    Plant("chain rule", f"{SWEEP}.run", "waiting[name] == 0", "waiting[name] >= 0", VERIFICATION, RESIDUAL),
    # The algebra.
    Plant("simplify", "symnet.simplify.reuse:_Forward.put_into", "= array.at(", "= 2 * array.at(", DIRECTIONS),
    Plant(
        "simplify",
        "symnet.simplify.reuse:_Forward.put_into",
        "definition, new)",
        "definition, array.at(places[::-1]))",
        VERIFICATION,
    ),
    Plant(
        "simplify",
        "symnet.simplify.inline:_written_out",
        "definition := definition_at",
        "definition := -definition_at",
        DIRECTIONS,
    ),
    Plant("simplify", "symnet.simplify.passes:_run", "run(program)", f"run({WITHOUT_LAST})", VERIFICATION),
    # What is done for code alone.
    Plant("optimize", "symnet.simplify.share:_placed", "place(pending.pop(name))", "pass", VERIFICATION, REGRESSION),
    Plant("optimize", "symnet.simplify.share:_share", "[body] = sub", "[body] = 2 * sub", DIRECTIONS, REGRESSION),
    Plant(
        "optimize",
        "symnet.simplify.reuse:_with_originals",
        "= original.base",
        "= -original.base",
        DIRECTIONS,
        REGRESSION,
    ),
    # The array program.
    Plant("lower", f"{LOWERING}.matmul", "(summed, *columns))", "(*columns, summed))", VERIFICATION),
    Plant(
        "lower", f"{LOWERING}.spread", "value if aligned else Expand(axes, value)", "value", VERIFICATION, "2-3:softmax"
    ),
    Plant("lower", f"{LOWERING}.subscripts", "in kept)", "in kept[::-1])", VERIFICATION, "2-3[radial_basis]-2"),
    Plant("lower", f"{LOWERING}.product", 'sign == "-"', 'sign == "+"', ORACLE, "2-3-1:gaussian,identity"),
    Plant("lower", f"{LOWERING}.contraction", "if len(values) == 1:", "if len(values) < 3:", ORACLE),
    # Three-address code.
    Plant(
        "translate", f"{TRANSLATION}.product", "self.scaled(arrays, scale))\n    return", "arrays)\n    return", ORACLE
    ),
    Plant("translate", f"{TRANSLATION}.total", "else b.subtract(result, term)", "else b.add(result, term)", ORACLE),
    Plant("translate", "symnet.lower.row_functions:shifted_exponentials", '"exp"', '"expm1"', ORACLE),
    Plant("translate", f"{BUILDER}.operand", "in ref.letters", "in ref.letters[::-1]", VERIFICATION),
    Plant(
        "translate",
        f"{BUILDER}.where_positive",
        "condition, 0, mask",
        "condition, 1, mask",
        ORACLE,
        "2-4-2:relu,identity",
    ),
    Plant("translate", "symnet.lower.contractions:affine", "b.length(summed) + 1", "b.length(summed)", VERIFICATION),
    # The schedule.
    Plant("schedule", "symnet.lower.schedule:_needed", "kept[::-1]", "kept[:0:-1]", VERIFICATION),
    Plant("schedule", "symnet.lower.schedule:_needed", "return kept[::-1]", "return kept", VERIFICATION),
    Plant("schedule", "symnet.lower.schedule:_stages", "after.append(each)", "before.append(each)", VERIFICATION),
    Plant("schedule", "symnet.lower.schedule:_biases_joined", "below=bias.target", "below=delta.value", VERIFICATION),
    Plant(
        "schedule", "symnet.lower.schedule:_reductions_first", "missing[reader.target] <= done", "True", VERIFICATION
    ),
    # Buffers.
    Plant("buffers", "symnet.lower.buffers:assign_buffers", "{value: place for", "{value: place - 3 for", VERIFICATION),
    Plant("buffers", "symnet.lower.buffers:_packed", "[-1].end < chain", "[-1].start < chain", VERIFICATION),
    Plant("buffers", "symnet.lower.buffers:_packed", "start += buffer.size", "start += 1", VERIFICATION),
    Plant("buffers", "symnet.lower.buffers:_overwritten", "if dies and", "if chain is not None and", VERIFICATION),
    # Emission, of both kinds of module.
    Plant("emission", f"{PLAIN}.terms", 'text += f" - {', 'text += f" + {', ORACLE),
    Plant(
        "emission",
        f"{PLAIN}.reduction",
        "idx not in axes",
        "idx in axes",
        ORACLE,
    ),
    Plant("emission", f"{CODE}.lost", "in each.along", "not in each.along", ORACLE, "3-3:softmax"),
    Plant("emission", f"{CODE}._ufunc", "in each.arguments", "in each.arguments[::-1]", ORACLE),
    Plant("emission", f"{VIEWS}._sums", "end += 0 if", "end += 0 if True or", ORACLE),
    Plant("emission", f"{WRITER}.parameter_offsets", "offsets[name] = end", "offsets[name] = 0", ORACLE),
    # The scalar form.
    Plant("scalar graph", f"{ARITHMETIC}.add", "add(terms)", "add(terms[1:] or terms)", SCALAR),
    Plant("scalar graph", f"{ARITHMETIC}.over_batch", 'node("batch_sum", tuple(terms))', "add(terms)", SCALAR),
    Plant("scalar graph", "symnet.scalar_form.graph:Graph.node", "if found is None:", "if True:", VERIFICATION),
    Plant("scalar graph", "symnet.scalar_form.graph:Graph.multiply", "== 1 and coefficient == 1:", "== 1:", SCALAR),
    Plant("shared products", f"{PAIRS}._extract", "factors.append(fresh)", "pass", VERIFICATION, "2-3-3-1"),
    Plant(
        "shared products",
        f"{REWRITING}._copied",
        "coefficient * self.new.detail[operand]",
        "coefficient",
        SCALAR,
        "2-2-1;loss=mean_squared_error;l2=0.1",
    ),
    Plant(
        "scalar emission",
        f"{GRAPH}._product",
        '"-" if coeff',
        '"" if coeff',
        SCALAR,
    ),
)


def planted(plant: Plant, patch: pytest.MonkeyPatch) -> None:
    """Put the wrong function in the place of the right one, under every name that a module has for it."""
    path, _, name = plant.function.partition(":")
    module = import_module(path)
    *owners, last = name.split(".")
    owner: Any = module
    for part in owners:
        owner = getattr(owner, part)
    found = getattr(owner, last)
    source = textwrap.dedent(inspect.getsource(inspect.unwrap(found)))
    assert source.count(plant.right) == 1, f"{plant.function} has not just one {plant.right!r}"
    scope: dict[str, Any] = {}
    exec(compile(source.replace(plant.right, plant.wrong), plant.function, "exec"), module.__dict__, scope)
    patch.setattr(owner, last, scope[last])
    for other in [each for name, each in sys.modules.items() if name.split(".")[0] == "symnet"] if not owners else []:
        if other.__dict__.get(last) is found:
            patch.setattr(other, last, scope[last])


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    """Derivatives and tidied expressions are kept from one network to the next; wrong ones must not be."""
    kept = (chain_rule._derivative, _tidy_scalar)
    for cached in kept:
        cached.cache_clear()
    yield
    for cached in kept:
        cached.cache_clear()


def red(network: str, references: Sequence[str] = REFERENCES) -> set[str]:
    """The checks that fail at a network; both ways of writing it are verified as they are compared."""
    case = Case(symnet.parse(network), "float64", 3, 4)
    found = set()
    for reference in references:
        try:
            compare(replace(case), reference)
        except VerificationError:
            found.add(VERIFICATION)
        except Unsuitable:
            pass
        except (AssertionError, SymnetError):
            found.add(reference)
    return found


@pytest.mark.parametrize("plant", PLANTS, ids=str)
def test_a_planted_error_is_seen(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    planted(plant, monkeypatch)
    references = (ORACLE, SCALAR) if plant.seen_by == VERIFICATION else (plant.seen_by,)
    assert plant.seen_by in red(plant.network, references)


@pytest.mark.parametrize("network", sorted({plant.network for plant in PLANTS}))
def test_nothing_is_seen_where_nothing_is_planted(network: str) -> None:
    assert red(network) == set()


SETTER = "symnet.pages.matrix_form:MatrixSetter"
SYMBOLS = "symnet.notation.symbols:Symbols"
MARKED = "f.Scripts(base, above=transpose_mark(self.scene.page.notation))"

PRINTED = (
    Plant("matrix form", f"{SETTER}.transpose", MARKED, "base", READER),
    Plant("matrix form", f"{SETTER}._sum", '"-" if negative else "+"', '"+"', READER),
    Plant("symbols", f"{SYMBOLS}.listed", "return list(indices)", "return list(indices)[::-1]", READER, form="index"),
    Plant("reader of LaTeX", "symnet.check.truth.matrices:transposed", "value.T if", "value if", READER),
    Plant("reader of LaTeX", "symnet.check.truth.matrices:Rules.add", "u + v", "u - v", READER),
    Plant("reader of LaTeX", "symnet.check.truth.matrices:Rules.hadamard", "u * v", "u + v", READER),
)


@pytest.mark.parametrize("plant", PRINTED, ids=str)
def test_an_error_in_what_is_printed_or_read_is_seen(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    """No page is handed out: it is read back and held to the network before."""
    symnet.derive(symnet.parse("2-3-2")).document(form=plant.form)
    planted(plant, monkeypatch)
    with pytest.raises((VerificationError, ReadingError)):
        symnet.derive(symnet.parse("2-3-2")).document(form=plant.form)


def test_every_stage_has_an_error_planted() -> None:
    stages = {plant.stage for plant in PLANTS}
    assert stages == {
        *("layers", "forward", "chain rule", "simplify", "optimize", "lower", "translate", "schedule", "buffers"),
        *("emission", "scalar graph", "shared products", "scalar emission"),
    }
