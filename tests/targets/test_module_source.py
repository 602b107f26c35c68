"""The text of a generated module: clean under the linters, readable, safe to read in, and the same every time."""

from __future__ import annotations

import ast
import inspect
import io
import itertools
import json
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import get_type_hints

import pytest

import symnet
from symnet import Dense, Network, Residual
from symnet.counts.operations import count_program
from symnet.network.activations import ACTIVATIONS
from symnet.network.forward import forward_equations
from symnet.network.losses import LOSSES
from symnet.simplify.passes import optimize as optimize_program
from symnet.simplify.stable import use_stable_forms
from symnet.support.modules import module_from_source
from symnet.targets.python_text import listed, literal_lines, shortened, wrapped
from symnet.version import VERSION

WIDTH = 120
FUNCTIONS = ("forward", "loss", "gradient", "value_and_grad")

LONG_FORMULA = "+".join(f"{number}*sin({number}.125*z)*exp(-abs(z)/{number})" for number in range(2, 14))
LONG_LOSS = "+".join(f"log(1+(a-y)**2/{number}.5)*abs(a-{number}*y)" for number in range(2, 12))

ARCHITECTURES = (
    *(f"3-4-2:{name},identity" for name in ACTIVATIONS if name not in ("step", "bipolar_step", "sign")),
    *(f"3-4-2;loss={name}" for name in LOSSES),
    "1-1",
    "3-2[bias=false]",
    "3-4[bias=false]-1;loss=binary_cross_entropy;reduction=sum",
    "3-3[residual]-3[residual,skip=2]-2;loss=cross_entropy",
    "3-4[radial_basis]-2",
    "3-2[radial_basis]",
    "3-4-2;loss=huber(delta=0.5);l1=0.01;l2=0.02",
    "3-4-2;loss=gaussian_nll(beta=2.0)",
    "3-4-3:softmax,softmax",
    "3-4-2:mine=z*tanh(log(1+exp(z))),identity;loss=log(cosh(a-y))",
    "3-4-2:elu(alpha=0.5),identity",
    "3-4-2:z**3,abs(z)",
    "3-2:identity;loss=a*y",
    "3-2:identity;loss=a**2",
    "3-2:identity;loss=pi*a**2*y",
    f"3-4-2:{LONG_FORMULA},identity",
    f"3-4-2:identity,identity;loss={LONG_LOSS}",
    f'3-4-2;name="{"a long title " * 15}"',
    "-".join(["3"] * 21),
    "1000000-1-1",
)

FORWARD_ONLY = ("3-4-2:step,identity", "3-4-2:sign,identity", "3-4-2;loss=cross_entropy")

NAMES = {
    "newline": "first\nsecond = 1\nimport os\n",
    "carriage return": "first\rimport os\r\n",
    "form feed and separators": "a\x0bb\x0cc\x1cd\x85e\u2028import os\u2029f",
    "triple quotes": 'a """ + print("out") + """ b',
    "single triple quotes": "a ''' b",
    "quote at the end": 'ends in "',
    "backslash at the end": "ends in \\",
    "backslashes and quotes": '\\" \\\\" \\\\\\""" \\N{DASH} \\x41 \\u0041 \\777',
    "coding comment": "# -*- coding: x -*-",
    "coding comment on a line of its own": "\n# -*- coding: utf-7 -*-",
    "bidi controls": "a \u202e\u2066 txet \u2069 b",
    "nul": "a\x00b",
    "lone surrogate": "a\ud800b",
    "other scripts": "Нейросеть 神経 🧠",
    "template": "{{ 7 * 7 }} {% for x in y %} {# #} {title} %s",
    "hash": "# comment",
    "quotes only": '""""""',
}


@cache
def source(architecture: str, dtype: str = "float64", *, forward_only: bool = False, target: str = "numpy") -> str:
    return symnet.generate(symnet.parse(architecture), dtype=dtype, forward_only=forward_only, target=target)


PLAIN = {f"{architecture} plain": (architecture, "float64", False, "numpy-plain") for architecture in ARCHITECTURES}
FULL = (
    {architecture: (architecture, "float64", False, "numpy") for architecture in ARCHITECTURES}
    | {f"{architecture} float32": (architecture, "float32", False, "numpy") for architecture in ARCHITECTURES[::3]}
    | {f"{name} forward": (name, "float64", True, "numpy") for name in FORWARD_ONLY}
)
GENERATED = FULL | PLAIN
"""Everything that is generated here, by a text that says what it is; it is generated when a test asks for it."""


def generated(name: str) -> str:
    architecture, dtype, forward_only, target = GENERATED[name]
    return source(architecture, dtype, forward_only=forward_only, target=target)


def names_used(nodes: Iterable[ast.AST]) -> set[str]:
    return {node.id for top in nodes for node in ast.walk(top) if isinstance(node, ast.Name)}


IN_THE_TAILS = (
    "3-4-4-4-4-4-3:silu,gelu_tanh,mish,gaussian,selu,softmax",
    "2-3-3-2:tanh,elu,sigmoid;loss=binary_cross_entropy",
    "2-3-3-2:gelu,softmax,softmax;loss=cross_entropy",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds every generated module, and no settings of this project."""
    path = tmp_path_factory.mktemp("generated")
    for number, text in enumerate(map(generated, GENERATED)):
        (path / f"module_{number}.py").write_text(text, encoding="utf-8")
    for number, (architecture, target) in enumerate(itertools.product(IN_THE_TAILS, ("numpy", "numpy-plain"))):
        text = symnet.generate(symnet.parse(architecture), target=target, accuracy="tails")
        (path / f"tails_{number}.py").write_text(text, encoding="utf-8")
    return path


def run(folder: Path, *command: str) -> str:
    """What a tool says about the folder: nothing, if all is well."""
    result = subprocess.run(
        [sys.executable, "-m", *command], cwd=folder, capture_output=True, text=True, check=False, timeout=1800
    )
    if not result.returncode:
        return ""
    said = result.stdout + result.stderr
    for number, name in reversed(list(enumerate(GENERATED))):
        said = said.replace(f"module_{number}.py", f"module_{number}.py ({name[:50]})")
    return said[:6000]


def test_ruff_finds_nothing(folder: Path) -> None:
    rules = ("--extend-select", "E,F,W,I,B,UP", "--line-length", str(WIDTH), "--target-version", "py311")
    assert run(folder, "ruff", "check", "--isolated", "--no-cache", "--output-format", "concise", *rules, ".") == ""


def test_mypy_finds_nothing_in_strict_mode(folder: Path, pytestconfig: pytest.Config) -> None:
    # Reading NumPy's types takes the longest by far: what mypy remembers of them is kept from run to run.
    kept = pytestconfig.cache.mkdir("mypy")
    # SciPy, for the erfc of exact gelu, ships no types.
    options = ("--strict", "--ignore-missing-imports", "--cache-dir", str(kept))
    assert run(folder, "mypy", *options, ".") == ""


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_nothing_is_imported_but_numpy(architecture: str) -> None:
    imported = set()
    for node in ast.walk(ast.parse(source(architecture))):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported |= {f"{node.module}.{alias.name}" for alias in node.names}
    foreign = {name for name in imported if name.split(".")[0] not in sys.stdlib_module_names}
    allowed = {"numpy", "numpy.typing.ArrayLike", "numpy.typing.NDArray"}
    exact_gelu = "gelu," in architecture
    assert foreign == allowed | ({"scipy.special.erfc"} if exact_gelu else set())


def test_the_module_runs_where_there_is_no_symnet_and_no_scipy(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(source("3-4-2;loss=cross_entropy"), encoding="utf-8")
    program = (
        "import sys\n"
        "for name in ('symnet', 'sympy', 'scipy', 'jinja2', 'mpmath'): sys.modules[name] = None\n"
        "sys.path.insert(0, '.')\n"
        "import net\n"
        "print(net.loss(net.init(0), [[1, 2, 3]], [1]) > 0)\n"
    )
    command = [sys.executable, "-W", "error", "-c", program]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=600)
    assert (result.stdout, result.stderr) == ("True\n", "")


@pytest.mark.parametrize("name", GENERATED)
def test_every_private_helper_is_called_and_every_line_fits(name: str) -> None:
    text = generated(name)
    tree = ast.parse(text)
    helpers = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name[0] == "_"}
    unused = [
        helper
        for helper, definition in helpers.items()
        if helper not in names_used(node for node in tree.body if node is not definition)
    ]
    assert unused == []
    assert [line for line in text.splitlines() if len(line) > WIDTH] == []
    assert text.isascii()
    assert [line for line in text.splitlines() if line != line.rstrip()] == []
    assert text.endswith("\n")
    assert not text.endswith("\n\n")


@pytest.mark.parametrize("name", GENERATED)
def test_no_assigned_name_goes_unused(name: str) -> None:
    """Ruff does not look at a name of a module, nor at one that is unpacked."""
    tree = ast.parse(generated(name))
    for function in (node for node in tree.body if isinstance(node, ast.FunctionDef)):
        names = [node for node in ast.walk(function) if isinstance(node, ast.Name)]
        stored = {node.id for node in names if isinstance(node.ctx, ast.Store)}
        loaded = {node.id for node in names if isinstance(node.ctx, ast.Load)}
        assert stored - loaded <= {"_"}, function.name


@pytest.mark.parametrize("name", GENERATED)
def test_arithmetic_has_the_parentheses_that_it_needs_and_no_others(name: str) -> None:
    """What Python writes of a tree has none that could be left out."""
    text = generated(name)
    lines = text.splitlines()
    checked = 0
    for statement in ast.walk(ast.parse(text)):
        if not isinstance(statement, ast.Assign | ast.Expr) or statement.lineno != statement.end_lineno:
            continue
        value = statement.value
        is_computed = isinstance(value, ast.BinOp | ast.UnaryOp | ast.Call)
        if is_computed and not any(isinstance(node, ast.GeneratorExp) for node in ast.walk(value)):
            written = lines[value.lineno - 1][value.col_offset : value.end_col_offset]
            assert written.count("(") == ast.unparse(value).count("("), written
            checked += 1
    assert checked > 10


def equation_beside(lines: list[str], number: int) -> str:
    """The comment of a line: what stands right of it, or the comment lines above."""
    beside = re.search(r"\S  ?\s*# (.*)$", lines[number])
    if beside:
        return beside[1]
    above: list[str] = []
    while lines[number - 1 - len(above)].strip().startswith("# "):
        above.insert(0, lines[number - 1 - len(above)].strip()[2:])
    return " ".join(above)


def equations_listed(text: str) -> str:
    """The docstring of a module on one line."""
    return re.sub(r"\s+", " ", ast.get_docstring(ast.parse(text)) or "").replace(" = ", "=")


@pytest.mark.parametrize("name", FULL)
def test_each_call_stands_under_the_equation_that_it_is_part_of(name: str) -> None:
    """In code with buffers an equation takes several calls, and some are made before their turn."""
    text = generated(name)
    listed = equations_listed(text)
    lines = text.splitlines()
    checked = 0
    for function in ast.parse(text).body:
        if not isinstance(function, ast.FunctionDef) or not re.fullmatch("_(.*)_block", function.name):
            continue
        given = ("arrays", "constants", "buffers", "sums")
        done = set()
        for statement in function.body[1:]:
            value = statement.value if isinstance(statement, ast.Assign | ast.Expr) else None
            if isinstance(value, ast.Name) and value.id in given:
                continue
            number = statement.lineno - 1
            while not re.search("# ", lines[number]):
                number -= 1
            comment = equation_beside(lines, number if re.search(r"\S  ?\s*# ", lines[number]) else number + 1)
            towards = re.fullmatch(r"towards (\w+)", comment)
            if towards or "prediction" in ast.unparse(statement):
                continue
            assert comment.replace(" = ", "=") in listed, f"{ast.unparse(statement)} under {comment!r}"
            done.add(comment)
        checked += len(done)
    assert checked > 0


@pytest.mark.parametrize("name", PLAIN)
def test_each_line_of_computation_stands_with_its_equation(name: str) -> None:
    text = generated(name)
    lines = text.splitlines()
    listed = equations_listed(text)
    checked = 0
    for function in ast.parse(text).body:
        if not isinstance(function, ast.FunctionDef) or function.name not in FUNCTIONS:
            continue
        for statement in function.body:
            if not isinstance(statement, ast.Assign) or not isinstance(statement.targets[0], ast.Name):
                continue
            array = statement.targets[0].id
            if array in ("x", "y", "N"):
                continue
            equation = equation_beside(lines, statement.lineno - 1)
            assert re.match(rf"{array}(\[[a-z,]+\])? = \S", equation), f"{array} in {function.name}: {equation!r}"
            assert equation.replace(" = ", "=") in listed, "the comment is no equation of the header"
            checked += 1
    assert checked > 0


@pytest.mark.parametrize("architecture", ["2-2-1", "3-4-2;loss=cross_entropy", "3-3[residual]-2;l2=0.5"])
def test_the_header_says_what_the_module_is_and_not_when(architecture: str) -> None:
    text = source(architecture)
    header = ast.get_docstring(ast.parse(text)) or ""
    network = symnet.parse(architecture)
    assert f"symnet {VERSION}" in header
    assert symnet.to_string(network) in header
    assert header.splitlines()[0].startswith(f"{network.title}: {network.loss.name}")
    for name, shape in re.findall(r'^    "(\w+)": (\([\d, ]*\)),$', text, re.MULTILINE):
        assert f"{name} {shape}" in header
    for equation in symnet.derive(network).program.equations:
        assert f"    {equation.array.name}" in header
    assert not re.search(r"\b(19|20)\d\d\b|(?<![\[\d])\d{1,2}:\d\d|January|Monday", text)


@pytest.mark.parametrize("architecture", ["2-2-1", "3-4-2;loss=cross_entropy", "3-4-2;loss=gaussian_nll;l1=0.1"])
@pytest.mark.parametrize("forward_only", [False, True])
def test_the_counts_in_the_header_are_those_of_the_counter(architecture: str, forward_only: bool) -> None:
    network = symnet.parse(architecture)
    if forward_only:
        program = optimize_program(use_stable_forms(forward_equations(network).program))
    else:
        program = symnet.derive(network).program
    gradients = [array.name for array in program.parameters]
    wanted = {"forward": ["prediction"], "loss": ["loss"]}
    if not forward_only:
        wanted |= {"gradient": gradients, "value_and_grad": ["loss", *gradients]}
    header = ast.get_docstring(ast.parse(source(architecture, forward_only=forward_only))) or ""
    rows = re.findall(r"^    (\w+) +([\d,]+): (.*)$", header, re.MULTILINE)
    assert [row[0] for row in rows] == list(wanted)
    for function, total, kinds in rows:
        counts = count_program(program.needed_for(program.outputs[name] for name in wanted[function]))
        read = {kind: int(number.replace(",", "")) for kind, number in re.findall(r"(\w+) ([\d,]*\d)", kinds)}
        assert read == dict(counts)
        assert int(total.replace(",", "")) == sum(counts.values())


def without_name(text: str) -> str:
    """The code of a module without its docstring and without ARCHITECTURE, which carry the name."""
    tree = ast.parse(text)
    assert isinstance(tree.body[0], ast.Expr)
    assert isinstance(tree.body[0].value, ast.Constant)
    rest = [
        node
        for node in tree.body[1:]
        if not (isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "ARCHITECTURE")
    ]
    assert len(rest) == len(tree.body) - 2
    return "\n".join(ast.unparse(node) for node in rest)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_stays_inside_the_docstring(name: str, tmp_path: Path) -> None:
    network = symnet.parse("2-2-1", name=NAMES[name])
    text = symnet.generate(network)
    assert without_name(text) == without_name(source("2-2-1"))
    assert text.isascii()
    # From bytes, as Python reads a file: a coding comment would count in the first two lines.
    compile(text.encode(), "net.py", "exec")
    made = symnet.compile(network)
    assert symnet.parse(made.ARCHITECTURE) == network
    plain = ast.get_docstring(ast.parse(source("2-2-1"))) or ""
    assert len((made.__doc__ or "").splitlines()) <= len(plain.splitlines()) + 3


@pytest.mark.parametrize("name", ["newline", "triple quotes", "coding comment", "bidi controls"])
def test_a_name_of_the_greatest_length_stays_inside_the_line(name: str) -> None:
    network = symnet.parse("2-2-1", name=(NAMES[name] * 200)[:200])
    text = symnet.generate(network)
    assert without_name(text) == without_name(source("2-2-1"))
    assert max(len(line) for line in text.splitlines()) <= WIDTH
    assert symnet.parse(symnet.compile(network).ARCHITECTURE) == network


def test_a_name_of_spaces_and_quotes_keeps_the_module_clean() -> None:
    for name in (" ", "   x   ", '"', "\\", "'"):
        network = symnet.parse("2-2-1", name=name)
        assert symnet.parse(symnet.compile(network).ARCHITECTURE) == network


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_the_architecture_is_read_back_from_the_module(architecture: str) -> None:
    network = symnet.parse(architecture)
    namespace: dict[str, object] = {}
    for node in ast.parse(source(architecture)).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "ARCHITECTURE":
            namespace["text"] = ast.literal_eval(node.value)
    assert symnet.parse(str(namespace["text"])) == network


def test_the_three_forms_of_a_network_give_the_same_module() -> None:
    network = Network(3, [Dense(3, "tanh"), Residual(3, "relu", skip=2), Dense(2)], loss="cross_entropy", l2=0.5)
    text = symnet.generate(network)
    assert text == symnet.generate(symnet.parse(symnet.to_string(network)))
    assert text == symnet.generate(symnet.from_toml(symnet.to_toml(network)))


@pytest.mark.parametrize("architecture", ARCHITECTURES[::4])
def test_the_same_network_gives_the_same_text(architecture: str) -> None:
    assert symnet.generate(symnet.parse(architecture)) == source(architecture)


def test_a_hundred_layers_compile() -> None:
    text = symnet.generate(symnet.parse("-".join(["2"] * 101)))
    assert max(len(line) for line in text.splitlines()) <= WIDTH
    made = module_from_source(text, "deep")
    assert len(made.SHAPES) == 200
    params = made.init(0)
    value, gradients = made.value_and_grad(params, [[1, 2]], [[1, 2]])
    assert value > 0
    assert len(gradients) == 200


@pytest.mark.parametrize("start", ["total = ", "total[()] = ", ""])
def test_a_line_that_is_too_long_is_broken_and_says_the_same(start: str) -> None:
    code = f"{start}np.copyto(total, {' + '.join(f'(v{number} * 0.5)' for number in range(40))})"
    lines = wrapped(code)
    assert max(map(len, lines)) <= WIDTH
    assert ast.dump(ast.parse("\n".join(lines))) == ast.dump(ast.parse(code))


TEXTS = {
    "array": source("3-4-2:tanh,softmax;loss=cross_entropy;l2=0.1"),
    "array, plain": source("3-4-2:gelu,identity;loss=huber", target="numpy-plain"),
    "array, tails": symnet.generate(symnet.parse(IN_THE_TAILS[1]), accuracy="tails"),
    "array, forward": source("3-4-2:step,identity", forward_only=True),
    "array, float32": source("3-4[radial_basis]-2", "float32"),
    **{
        f"scalar, {target}": symnet.generate(symnet.parse("2-2-1:silu,sigmoid"), target=target)
        for target in ("numpy-scalar", "python")
    },
    **{
        f"function, {target}, {hessian}": symnet.differentiate("x*log(x/y)", target=target, hessian=hessian)
        for target in ("numpy", "python")
        for hessian in (False, True)
    },
}


def sayings(text: str) -> Iterator[str]:
    """The docstrings and comments of a module."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield str(node.value.value)
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.string.removeprefix("# ")


@pytest.mark.parametrize("name", TEXTS)
def test_what_a_module_says_of_itself_is_prose(name: str) -> None:
    """A word of capitals is a name of the module."""
    tokens = tokenize.generate_tokens(io.StringIO(TEXTS[name]).readline)
    known = {token.string for token in tokens if token.type == tokenize.NAME} | {"BLAS", "OPENBLAS_NUM_THREADS"}
    for said in sayings(TEXTS[name]):
        assert said.strip()
        assert set(re.findall(r"\b\w*[A-Z]{2}\w*", said)) <= known, said


@pytest.mark.parametrize("name", TEXTS)
def test_every_annotation_of_a_module_means_something(name: str) -> None:
    module = module_from_source(TEXTS[name], "annotated")
    functions = [value for key, value in vars(module).items() if inspect.isfunction(value) and key != "dataclass"]
    own = [function for function in functions if function.__module__ == module.__name__]
    assert len(own) >= 2
    for function in own:
        hints = get_type_hints(function)
        named = [key for key in inspect.signature(function).parameters if key not in ("self", "cls")]
        assert set(named) <= set(hints), function.__name__
        assert "return" in hints, function.__name__


@pytest.mark.parametrize("length", [0, 1, 30, 79, 80, 81, 88, 89, 90, 91, 120, 200])
@pytest.mark.parametrize("letter", ["a", "é", '"', "\\"])
def test_a_text_of_any_length_is_written_in_lines_that_fit(length: int, letter: str) -> None:
    text = letter * length
    lines = literal_lines("ARCHITECTURE", json.dumps(text))
    names: dict[str, str] = {}
    exec("\n".join(lines), names)
    assert names["ARCHITECTURE"] == text
    if letter == "a":
        assert all(len(line) <= WIDTH for line in lines)
        assert (len(lines) == 1) == (length <= 88)


@pytest.mark.parametrize("count", [1, 2, 3, 20, 40])
@pytest.mark.parametrize("before", ["", "np.stack"])
def test_a_list_of_any_length_is_written_in_lines_that_fit(before: str, count: int) -> None:
    items = [f"name_{number}" for number in range(count)]
    lines = listed(before, items, "")
    assert all(len(line) + 4 <= 110 for line in lines)
    assert len(lines) == 1 or count > 3
    assert re.findall(r"\w+", " ".join(lines).removeprefix(before)) == items
    (found,) = ast.parse("\n".join(lines)).body
    assert isinstance(found, ast.Expr)
    assert isinstance(found.value, ast.Call if before else ast.Tuple)


@pytest.mark.parametrize("text", ["abc", "abcdef", "abcdefg", "ab\\\\cdef", "a\\\\\\\\bcd", ""])
def test_a_text_is_cut_after_no_backslash(text: str) -> None:
    cut = shortened(text, 6)
    assert len(cut) <= 6
    if len(text) <= 6:
        assert cut == text
    else:
        kept = cut.removesuffix("...")
        assert cut != kept
        assert text.startswith(kept)
        assert not kept.endswith("\\")
        assert kept == text[:3].rstrip("\\")
