"""The meanings and shapes of a page's symbols: as a table, and as data for an interactive page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sympy import Idx, Integer

from symnet.core import Array, extent
from symnet.formats import Inline, Math, SymbolInfo, Table
from symnet.formula import Formula, formula_text, row
from symnet.formula import tree as f
from symnet.notation import MAX_AXES, Notation, Typesetter, axes_of, letter
from symnet.pages.chain import batch_size
from symnet.pages.layers import Group, layer_of
from symnet.pages.meanings import meaning_of
from symnet.pages.page_program import PageProgram
from symnet.pages.scene import Scene, Scenes, members


def symbol_table(scenes: Scenes) -> Table:
    """Return the table of a page's symbols with their meanings and shapes."""
    page = scenes.page
    rows: list[tuple[Inline, ...]] = []
    seen: set[tuple[str, Formula]] = set()
    for scene, array in _listed(scenes):
        stem = page.symbols.stem(array)
        letter_of = scene.symbols.letter_of(array)
        if scene.group.label and (stem, letter_of) in seen:
            continue
        seen.add((stem, letter_of))
        setter = scene.typesetter(array)
        if array.name == "x":
            setter = replace(setter, symbols=page.symbols)
        shape = _shape(scene, setter, array)
        symbol = setter.expression(array.reference)
        rows.append(((Math(symbol),), _described(scene, setter, array), shape))
        if stem == "z" and page.notation.error:
            error = array.cotangent()
            rows.append(((Math(setter.expression(error.reference)),), _about_error(page, scene, setter, array), shape))
    rows += _further(scenes)
    return Table((("Symbol",), ("Meaning",), ("Shape",)), tuple(rows))


def _listed(scenes: Scenes) -> Iterator[tuple[Scene, Array]]:
    """Yield the arrays of a page in the order of its equations, each with the scene in which it is printed."""
    program, depth = scenes.page.forward, scenes.page.depth
    values = {equation.name: equation.array for equation in program.equations}
    given = {array.name: array for array in program.arrays}
    yield scenes.scenes[0], given["x"]
    for scene in scenes.scenes:
        for array in (*given.values(), *values.values()):
            if array.layer == scene.group.first:
                yield scene, array
    for array in (*given.values(), *values.values()):
        if array.layer is None and array.name != "x" and layer_of(array, depth) == depth:
            yield scenes.last, array


def _described(scene: Scene, setter: Typesetter, array: Array) -> Inline:
    """Return the meaning of an array for the table: with its layer typeset, and the two units of a weight."""
    if array.layer is None:
        return (_meaning(scene, array),)
    layer = Math(scene.symbols.place(array.layer).formula())
    ends: Inline = ()
    if scene.symbols.stem(array) == "W" and not scene.scalar:
        source, own = (Math(setter.index(idx)) for idx in array.indices)
        ends = (", from unit ", source, " to unit ", own)
    return (meaning_of(scene.page, array), " of layer ", layer, *ends, *_as_called(scene, array))


def _as_called(scene: Scene, array: Array) -> Inline:
    """Name the letter of an array in its layer's formulas, if the page has another letter for it."""
    extra = scene.page.extra.get(array.name)
    return () if extra is None or extra.letter == extra.stem else (f", {extra.stem} in its equations",)


def _meaning(scene: Scene, array: Array) -> str:
    meaning = meaning_of(scene.page, array)
    if array.layer is None:
        return meaning
    return f"{meaning} of layer {formula_text(scene.symbols.place(array.layer).formula())}"


def _about_error(page: PageProgram, scene: Scene, setter: Typesetter, array: Array) -> Inline:
    """Define the error of a layer as a derivative."""
    fraction = setter.symbols.derivative(setter.symbols.loss(), setter.expression(array.reference))
    return ("errors: ", Math(f.product(batch_size(page, array), fraction)))


def _shape(scene: Scene, setter: Typesetter, array: Array) -> Inline:
    """Return the shape in the sizes of layers and in numbers; in numbers alone where units are written one by one."""
    axes = _axes(scene.page, array)
    if not axes:
        return ("a number",)
    times = f.Operator("times")
    sizes = [setter.expression(extent(idx)) for idx in axes]
    symbolic: Formula = row(sizes[0], *(part for size in sizes[1:] for part in (times, size)))
    numbers = " and ".join(dict.fromkeys(_numbers(scene.page, scene.group, array)))
    if scene.scalar:
        return (numbers,)
    return (Math(symbolic), f": {numbers}") if numbers else (Math(symbolic),)


def _axes(page: PageProgram, array: Array) -> list[Idx]:
    """Return the axes of an array: rows, columns as on the page; more than two in the order of its indices."""
    if len(array.indices) > MAX_AXES:
        return list(array.indices)
    return [idx for idx in axes_of(page.notation, array) if idx is not None]


def _numbers(page: PageProgram, group: Group, array: Array) -> Iterator[str]:
    """Yield the shape in numbers for every layer that the symbol stands for; the number of examples stays a letter."""
    shown = group
    if array.layer is not None:
        alone = page.symbols.stem(array) in ("a", "p") and bool(page.notation.output)
        last = page.depth if group.label and not alone else group.last
        shown = replace(group, last=last)
    for own in members(page, array, shown):
        sizes = [page.forward.size(extent(idx)) for idx in _axes(page, own)]
        yield " × ".join(str(size) if isinstance(size, Integer) else page.notation.examples for size in sizes)


def _further(scenes: Scenes) -> Iterator[tuple[Inline, ...]]:
    """Yield the rows of symbols that are no arrays: layers, sizes, indices, examples and the learning rate."""
    page = scenes.page
    notation = page.notation
    if any(group.label for group in scenes.groups):
        first, last = (str(layer + notation.input_layer) for layer in (1, page.depth))
        yield (Math(letter(notation.layer)),), ("a layer",), (f"from {first} to {last}",)
        if scenes.last.group.label:
            yield (Math(letter(notation.last_layer)),), ("the last layer",), (last,)
    if not scenes.scalar:
        sizes = ", ".join(str(units) for units in page.network.sizes)
        units: Inline = (Math(f.Scripts(letter(notation.size), below=letter(notation.layer))),)
        yield units, ("number of units of layer ", Math(letter(notation.layer))), (f"{sizes}, from the input on",)
        for text, meaning in _index_letters(notation).items():
            yield (Math(letter(text)),), (meaning,), (f"counted from {notation.base}",)
        if notation.batch != "single":
            examples = Math(letter(notation.examples))
            yield (Math(letter(notation.example)),), ("an example",), ("from 1 to ", examples)
            yield (examples,), ("number of examples",), ("any",)
    yield (Math(letter(notation.rate)),), ("learning rate",), ("a number",)


def _index_letters(notation: Notation) -> dict[str, str]:
    """Return what the letters of units run over; the layers before and after may share one letter."""
    if notation.before == notation.after:
        return {notation.own: "a unit of a layer", notation.before: "a unit of the layer before, or after"}
    return {
        notation.own: "a unit of a layer",
        notation.before: "a unit of the layer before",
        notation.after: "a unit of the layer after",
    }


def symbol_infos(scenes: Scenes) -> dict[str, SymbolInfo]:
    """Return what an interactive page shows for each symbol under the pointer, by the name of its array."""
    page = scenes.page
    program = page.forward
    dependencies = program.dependencies
    infos: dict[str, SymbolInfo] = {}
    for name, array in program.declared.items():
        group = scenes.group_of(array)
        scene = next(scene for scene in scenes.scenes if scene.group is group)
        setter = scene.typesetter(array)
        if name == "x":
            setter = replace(setter, symbols=page.symbols)
        shape = "".join(_plain(part) for part in _shape(scene, setter, array))
        uses = tuple(user for user, sources in dependencies.items() if name in sources)
        infos[name] = SymbolInfo(_meaning(scene, array), shape, tuple(dependencies.get(name, ())), uses)
        if name in page.cotangents:
            consumers = page.cotangents[name].paths
            sources = tuple(path.consumer.cotangent().name for path in consumers)
            operands = (other for other in dependencies.get(name, ()) if other in page.cotangents)
            into = tuple(page.arrays[other].cotangent().name for other in operands)
            meaning = f"derivative of the loss by the {_meaning(scene, array)}"
            infos[array.cotangent().name] = SymbolInfo(meaning, shape, sources, into)
    return infos


def _plain(part: object) -> str:
    return formula_text(part.formula) if isinstance(part, Math) else str(part)
