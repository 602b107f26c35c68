"""Group the layers that share their equations, so that one equation in a general layer l holds for all of them.

Two layers are alike if all their equations, forward and backward, differ in nothing but the number of the
layer. The equations are compared, not the kinds of the layers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sympy import Add, Expr, Idx, Indexed, IndexedBase, Symbol

from symnet.core import Array, Program, extent, index, layer_of_size, substitute, walk, written_order
from symnet.formula import Formula, row
from symnet.formula import tree as f
from symnet.notation import Place, letter
from symnet.pages.page_program import Cotangent, PageProgram


@dataclass(frozen=True)
class Group:
    """Consecutive layers that share one set of equations.

    Attributes:
        first, last: the layers, counted from 1; the equations of the first are printed.
        label: the letter of the general layer; empty if the layer's number is printed.
        up_to_last: whether the group is every hidden layer, so that its range ends with L - 1.
    """

    first: int
    last: int
    label: str = ""
    up_to_last: bool = False

    def labels(self, depth: int) -> dict[int, Place]:
        """Return what is printed for the number of each layer; empty if numbers are printed as they are."""
        if not self.label:
            return {}
        return {layer: Place(self.label, layer - self.first) for layer in range(depth + 1)}


def layer_of(array: Array, depth: int) -> int:
    """Return the layer that an array belongs to: 0 for the input, the last for targets, loss and its parts."""
    return array.layer if array.layer is not None else 0 if array.primal.role == "input" else depth


def groups(page: PageProgram) -> tuple[Group, ...]:
    """Group consecutive layers that are alike; the last layer is a group of its own.

    If all hidden layers are alike, they are layer l and the last is layer L. Otherwise each group of two or more
    is layer l with its range, and all other layers keep their numbers.
    """
    depth, notation = page.depth, page.notation
    signatures = [_signature(page, layer) for layer in range(1, depth)]
    runs: list[list[int]] = []
    for layer, signature in enumerate(signatures, start=1):
        if runs and signature == signatures[runs[-1][-1] - 1]:
            runs[-1].append(layer)
        else:
            runs.append([layer])
    if len(runs) == 1:
        return Group(1, depth - 1, notation.layer, up_to_last=True), Group(depth, depth, notation.last_layer)
    found = [Group(run[0], run[-1], notation.layer if len(run) > 1 else "") for run in runs]
    return *found, Group(depth, depth)


def range_of(page: PageProgram, group: Group, *, backward: bool) -> Formula | None:
    """Return the range of a general layer, as in l = 1, ..., L - 1; None for a layer with a number and for L.

    Args:
        page: the program of the page.
        group: the layers.
        backward: whether the range runs from the last layer to the first.
    """
    if not group.label or group.first == page.depth:
        return None
    notation = page.notation
    first: Formula = f.Number(str(group.first + notation.input_layer))
    last: Formula = f.Number(str(group.last + notation.input_layer))
    if group.up_to_last:
        last = row(letter(notation.last_layer), f.Operator("-"), f.Number("1"))
    ends = (last, first) if backward else (first, last)
    if group.first == group.last and not group.up_to_last:
        return row(letter(group.label), f.Operator("="), first)
    dots: tuple[Formula, ...] = (f.Operator("comma"), f.Space(), f.Operator("dots"), f.Operator("comma"), f.Space())
    if group.last == group.first + 1 and not group.up_to_last:
        dots = (f.Operator("comma"), f.Space())
    return row(letter(group.label), f.Operator("="), ends[0], *dots, ends[1])


def all_layers(page: PageProgram) -> Group:
    """Return all layers as one group, for an equation that sums over them."""
    return Group(1, page.depth, page.notation.layer)


def layered(page: PageProgram, rhs: Expr) -> Expr | None:
    """Return the first layer's terms of a sum over layers whose terms differ in the layer alone, else None.

    The penalty is such a sum.
    """
    terms: dict[int, list[Expr]] = {layer: [] for layer in range(1, page.depth + 1)}
    for term in Add.make_args(rhs):
        layers = {page.forward.array(name).layer for name in page.forward.uses(term)}
        if len(layers) != 1 or None in layers:
            return None
        terms[next(iter(layers)) or 0].append(term)
    relative = [Add(*(_relative(page.forward, term, layer) for term in own)) for layer, own in terms.items()]
    return Add(*terms[1]) if page.depth > 1 and len(set(relative)) == 1 else None


def _signature(page: PageProgram, layer: int) -> tuple[object, ...]:
    """Return the equations of a layer, with layers counted relative to it; equal for layers that are alike."""
    program = page.forward

    def relative(node: Expr) -> Expr:
        return _relative(program, node, layer)

    own = [equation for equation in program.equations if equation.array.layer == layer]
    forward = [(equation.array.stem, relative(equation.rhs)) for equation in own]
    arrays = (*program.arrays, *(equation.array for equation in own))
    backward = [
        (array.stem, *_cotangent_signature(page.cotangents[array.name], relative))
        for array in arrays
        if array.layer == layer and array.name in page.cotangents
    ]
    return (*forward, *backward)


def _cotangent_signature(cotangent: Cotangent, relative: Callable[[Expr], Expr]) -> Iterable[object]:
    yield relative(cotangent.result)
    for path in cotangent.paths:
        yield relative(path.factor.above)
        yield relative(path.factor.value)
        yield relative(path.factor.reused)
        yield path.factor.named is None
        yield tuple(map(relative, path.summed))


def _relative(program: Program, node: Expr, layer: int) -> Expr:
    """Rename arrays, sizes and indices by the distance of their layer from this one."""
    mapping: dict[Expr, Expr] = {}
    letters: dict[Expr, Expr] = {}
    counted: dict[int, int] = {}
    axes = {idx for array in program.declared.values() for idx in array.indices}
    for idx in sorted(node.atoms(Idx), key=lambda idx: (idx not in axes, written_order(idx))):
        size = extent(idx)
        number = layer_of_size(size)
        if number is None:
            continue
        distance = number - layer
        counted[distance] = counted.get(distance, 0) + 1
        letters[idx] = index(f"idx{counted[distance]}_{distance}".replace("-", "m"), _size(distance))
    for part in walk(node):
        if isinstance(part, Indexed):
            base = IndexedBase(_relative_name(program, part.base.name, layer), real=True)
            mapping[part] = base[tuple(substitute(position, letters) for position in part.indices)]
        elif isinstance(part, Symbol) and not isinstance(part, Idx):
            mapping[part] = Symbol(_relative_name(program, part.name, layer))
    for size in node.atoms(Symbol) & set(program.sizes):
        number = layer_of_size(size)
        if number is not None:
            mapping[size] = _size(number - layer)
    return node.xreplace(letters).xreplace({key.xreplace(letters): value for key, value in mapping.items()})


def _size(distance: int) -> Symbol:
    return Symbol(f"size{distance}".replace("-", "m"), integer=True, positive=True)


def _relative_name(program: Program, name: str, layer: int) -> str:
    """Return the stem of an array with the distance of its layer from this one."""
    array = program.cotangents.get(name) or program.declared.get(name)
    if array is None or (array.layer is None and array.primal.role != "input"):
        return name
    is_input = array.primal.role == "input"
    stem, number = ("a", 0) if is_input else (array.stem, array.layer or 0)
    return f"{stem}@{number - layer}{'_bar' * (array.of is not None)}"
