"""The base classes of layers: options are dataclass fields, and the forward equations a method."""

from __future__ import annotations

import math
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from fractions import Fraction
from typing import ClassVar, Literal, TypeGuard

from sympy import Expr, Idx, Indexed, IndexedBase, Symbol

from symnet.core import BATCH, PARAMETER_ROLES, Array, Equation, Role, Size, Step, extent, index, size_symbol
from symnet.network.activations import Activation, activation
from symnet.network.layers.expressions import checked_expression
from symnet.support import ArchitectureError, shown, unknown, visible

MAX_UNITS = 1_000_000

Shape = tuple[int, ...]
"""The lengths of the axes of one example's output."""

LETTERS = "ijklm"
"""The index of the first axis of the input, and of the outputs of the layers behind it, in turn."""

STEM = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
"""The letters that a layer may give an array."""

LETTER = re.compile(r"[a-z]")
"""What a layer may call an index."""

Initial = Literal["zeros", "ones"] | Fraction
"""The initial value of a parameter: zeros, ones, or normal draws with this variance."""


def check_whole(what: str, value: object, largest: int = MAX_UNITS) -> int:
    """Return `value` if it is an integer from 1 to `largest`.

    Raises:
        ArchitectureError: it is not, or is a boolean or a float.
    """
    if not is_whole(value, 1, largest):
        raise ArchitectureError(f"{what} is {shown(value)}; a whole number from 1 to {largest:,} is needed")
    return value


def is_whole(value: object, least: int = 1, largest: int = MAX_UNITS) -> TypeGuard[int]:
    """Whether a value is an integer in this range; booleans and floats are none."""
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= largest


@dataclass(frozen=True)
class BaseLayer(ABC):
    """A layer without a number of units: the shape of its output follows from that of its input.

    A new kind is a subclass with its options as fields and its forward equations. Its derivatives, code, counts and
    checks follow from `equations`; none is written by hand.

    Attributes:
        kind: the name of the kind.
        formula: the equations as text, for readers.
        meanings: the meaning of the layer's own arrays by letter, such as `{"g": "gains"}`, for readers.

    >>> class Halved(symnet.BaseLayer):
    ...     kind = "halved"
    ...     formula = "a[n,j,...] = x[n,j,...]/2"
    ...     def equations(self, scope):
    ...         scope.output(scope.earlier(1)[scope.n, *scope.axes] / 2)
    >>> symnet.Network((4, 4), [Halved(), symnet.Dense(2)]).shapes
    ((4, 4), (4, 4), (2,))
    """

    kind: ClassVar[str]
    formula: ClassVar[str]
    meanings: ClassVar[Mapping[str, str]] = {}

    def __post_init__(self) -> None:
        for attribute in ("kind", "formula"):
            given = getattr(self, attribute, None)
            if not isinstance(given, str):
                written = f"has the {attribute} {shown(given)}" if hasattr(self, attribute) else f"has no {attribute}"
                raise ArchitectureError(f'the class {type(self).__name__} {written}; {attribute} = "..." is needed')
        for entry in fields(self):
            given = getattr(self, entry.name)
            if isinstance(entry.default, bool) and not isinstance(given, bool):
                raise ArchitectureError(f"{entry.name} is {shown(given)}; true or false is needed")

    def shape(self, before: Shape) -> Shape:
        """The shape of one example's output, the batch left out: that of its input, unless a kind says otherwise.

        Args:
            before: the shape of the output of the layer before.

        Raises:
            ArchitectureError: the layer cannot stand behind an output of that shape.
        """
        return before

    @abstractmethod
    def equations(self, scope: Scope) -> None:
        """Write the forward equations to the scope, the last one by `scope.output(...)`."""


@dataclass(frozen=True)
class Layer(BaseLayer):
    """A layer with a number of units, by default the one axis of its output; else as `BaseLayer`.

    Attributes:
        units: the number of units, from 1 to 1,000,000.

    >>> class Scaled(symnet.Layer):
    ...     kind = "scaled"
    ...     formula = "a[n,j] = g[j]*x[n,j]"
    ...     def equations(self, scope):
    ...         gain = scope.parameter("g", scope.j, initial="ones")
    ...         scope.output(gain[scope.j] * scope.earlier(1)[scope.n, scope.j])
    >>> bool(symnet.gradcheck(symnet.Network(2, [Scaled(2)]), points=1))
    True
    """

    units: int

    def __post_init__(self) -> None:
        check_whole("units", self.units)
        super().__post_init__()

    def shape(self, before: Shape) -> Shape:
        """(units,), unless a kind says otherwise."""
        return (self.units,)


@dataclass(frozen=True)
class Activated(BaseLayer):
    """A layer with an activation, given by keyword: a name, a formula in z, or None for the default.

    The default is sigmoid for a hidden layer; for the output it depends on the loss, as in `Network`.

    Attributes:
        ends_in_activation: whether the activation is the last operation of the layer.

    Raises:
        ArchitectureError: the activation is unknown, or of another type.
        ExpressionError: the formula lies outside the grammar.

    >>> symnet.Conv(2, 3, activation="z*tanh(z)").function.text
    'z*tanh(z)'
    """

    ends_in_activation: ClassVar[bool] = True

    activation: Activation | str | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        if isinstance(self.activation, str):
            object.__setattr__(self, "activation", activation(self.activation))
        if not isinstance(self.activation, Activation | None):
            raise ArchitectureError(f"activation is {shown(self.activation)}; a name or a formula in z is needed")

    @property
    def function(self) -> Activation:
        """The activation.

        Raises:
            ArchitectureError: it is the default, which is known only in a network.
        """
        if not isinstance(self.activation, Activation):
            raise ArchitectureError("the default activation of a layer is known only in a network")
        return self.activation


@dataclass(frozen=True)
class ActivatedLayer(Activated, Layer):
    """A layer with units and an activation, the second argument; else as `Activated`.

    >>> symnet.Dense(2, "z*tanh(z)").function.text
    'z*tanh(z)'
    """

    activation: Activation | str | None = None


def checked_shape(layer: BaseLayer, before: Shape) -> Shape:
    """The shape of a layer's output, checked, since a layer of one's own may answer anything.

    Raises:
        ArchitectureError: it is no tuple of whole numbers from 1 to 1,000,000; or as in `BaseLayer.shape`.
    """
    shape: object = layer.shape(before)
    if isinstance(shape, tuple) and shape and all(map(is_whole, shape)):
        return shape
    raise ArchitectureError(
        f"the shape of the {layer.kind} layer's output is {shown(shape)}; "
        f"a tuple of whole numbers from 1 to {MAX_UNITS:,} is needed, such as (3,) or (28, 28, 1)"
    )


def axis_index(layer: int, axis: int = 0) -> Idx:
    """The index of an axis of a layer's output: i for the input, j for layer 1, ..., and i2, j2 for a second axis."""
    letter = LETTERS[layer % len(LETTERS)]
    return index(f"{letter}{axis + 1}" if axis else letter, Size(layer, axis))


def shape_text(shape: Shape) -> str:
    """A shape for people: 3, or 4 x 4."""
    return " x ".join(map(str, shape))


@dataclass
class Scope:
    """The arrays and equations that a layer writes.

    `n` is the batch index, `i` runs over the input units of the layer and `j` over its own units;
    `input` is the output of the layer before, used as `scope.input[n, i]`. Where the output of
    the layer before or of this one has several axes, `before_axes` and `axes` are their indices:
    `scope.input[n, *scope.before_axes]`.

    Attributes:
        number: the number of the layer, from 1.
        layer: the layer.
        before: the input array and the outputs of the layers before.
        shapes: their shapes, and last that of this layer's output; the batch does not count.
        known: all arrays declared so far in the network, by name.
        sizes: the lengths of the indices that the layer has declared, by their size symbols.
        result: the output of the layer, once it is written.
        as_written: whether decimals stay as they were typed, for pages.

    >>> class Tilted(symnet.ActivatedLayer):
    ...     kind = "tilted"
    ...     formula = "z[n,i] = x[n,i] + t[i];  a[n,i] = f(z[n,i])"
    ...     def equations(self, scope):
    ...         n, j = scope.n, scope.j
    ...         tilt = scope.parameter("t", j)
    ...         z = scope.define("z", scope.earlier(1)[n, j] + tilt[j])
    ...         scope.output(scope.activate(z[n, j]))
    >>> symnet.derive(symnet.Network(2, [Tilted(2)])).gradients
    {'t1': 't1_bar'}
    """

    number: int
    layer: BaseLayer
    before: tuple[Array, ...]
    shapes: tuple[Shape, ...]
    known: dict[str, Array] = field(default_factory=dict)
    arrays: list[Array] = field(default_factory=list)
    written: list[Equation] = field(default_factory=list)
    initial: dict[str, Initial] = field(default_factory=dict)
    sizes: dict[Symbol, int] = field(default_factory=dict)
    result: Array | None = None
    as_written: bool = False

    def __post_init__(self) -> None:
        self.n, *axes = self.before[-1].indices
        self.before_axes: tuple[Idx, ...] = tuple(axes)
        self.axes = tuple(axis_index(self.number, axis) for axis in range(len(self.shapes[-1])))
        self.i, self.j = self.before_axes[0], self.axes[0]
        self.input: IndexedBase = self.before[-1].base

    def index(self, letter: str, length: int) -> Idx:
        """An index of the layer's own over a fixed range, such as u over the 3 entries of a kernel.

        Its range is a size symbol of the program, `d<number>_<letter>`. Positions of the input may be affine in
        indices: `scope.input[n, 2*p + u - 1]`, which is 0 outside of the input.

        Raises:
            ArchitectureError: the length is no whole number from 1 to 1,000,000; the letter is not one from a to z, is
                that of the batch or of an axis, or has another length in this layer.
        """
        taken = {str(idx.name) for idx in (self.n, *self.before_axes, *self.axes)}
        if not isinstance(letter, str) or not LETTER.fullmatch(letter) or letter in taken:
            raise ArchitectureError(
                f"an index is called {shown(letter)}; "
                f"a letter from a to z other than {', '.join(sorted(taken))} is needed"
            )
        size = size_symbol(f"d{self.number}_{letter}")
        known = self.sizes.setdefault(size, check_whole(f"the length of the index {letter}", length))
        if known != length:
            raise ArchitectureError(f"the index {letter} has the length {length}, and {known} before")
        return index(letter, size)

    def earlier(self, layers_back: int) -> IndexedBase:
        """The output of an earlier layer, of the shape of this one's: 1 is the layer before, 2 the one before that.

        Raises:
            ArchitectureError: there is no such layer, or its output has another shape; or `layers_back` is no whole
                number from 1.
        """
        check_whole("how many layers back a connection starts", layers_back)
        if layers_back > len(self.before):
            raise ArchitectureError(f"the connection starts {layers_back} layers back, before the input")
        own, other = self.shapes[-1], self.shapes[-1 - layers_back]
        if own != other:
            raise ArchitectureError(
                f"{shape_text(own)} units cannot be added to the {shape_text(other)} where the connection starts"
            )
        return self.before[-layers_back].base

    def parameter(
        self, letter: str, *indices: Idx, initial: Initial = "zeros", role: Role = "parameter"
    ) -> IndexedBase | Symbol:
        """Declare a parameter, named by its letter and the number of the layer; its axes are the indices.

        Without indices it is a scalar.

        Raises:
            ArchitectureError: `initial` is not "zeros", "ones" or a positive Fraction; `role` is not "parameter" or
                "weight", which penalties apply to; an index is none, or runs over the batch; the name is taken; or the
                letter is not a letter followed by letters, digits and _.
        """
        if role not in PARAMETER_ROLES:
            raise ArchitectureError(unknown("role", role, PARAMETER_ROLES))
        self._check_over_units(letter, indices)
        if initial not in ("zeros", "ones") and not (isinstance(initial, Fraction) and initial > 0):
            raise ArchitectureError(
                f"{letter}{self.number} starts with {initial!r}; "
                'it can be "zeros", "ones" or a variance, a positive Fraction'
            )
        array = self._declared(letter, indices, role)
        self.arrays.append(array)
        self.initial[array.name] = initial
        return array.base

    def weight(self, letter: str = "W", *indices: Idx) -> IndexedBase:
        """Declare weights over the indices; without any from all axes of the input to all of the output.

        The penalties l1 and l2 apply to weights.

        The variance of its initial draws is 2/(fan_in + fan_out) (Glorot and Bengio, 2010), or the one
        of the layer's activation: 2/fan_in (He et al., 2015) or 1/fan_in (LeCun et al., 1998). fan_in is the product
        of the lengths of all indices but the axes of the output, fan_out of all but the axes of the input.
        """
        indices = indices or (*self.before_axes, *self.axes)
        self._check_over_units(letter, indices)
        fan_in, fan_out = (
            math.prod(self.length(idx) for idx in indices if idx not in other)
            for other in (self.axes, self.before_axes)
        )
        wanted = self.layer.function.variance if isinstance(self.layer, Activated) else None
        variance = Fraction(wanted, fan_in) if wanted else Fraction(2, fan_in + fan_out)
        return self.parameter(letter, *indices, initial=variance, role="weight")

    def _check_over_units(self, letter: str, indices: tuple[Idx, ...]) -> None:
        self._check_indices(letter, indices)
        rows = [idx for idx in indices if extent(idx) == BATCH]
        if rows:
            raise ArchitectureError(
                f"{letter}{self.number} has the index {rows[0].name}, which runs over the rows of the batch; "
                "a parameter is over units"
            )

    def _check_indices(self, letter: str, indices: tuple[Idx, ...]) -> None:
        wrong = [idx for idx in indices if not isinstance(idx, Idx) or idx.upper is None]
        if wrong:
            raise ArchitectureError(
                f"{letter}{self.number} has the index {shown(wrong[0])}; "
                "one of the scope with its range is needed, such as scope.j or scope.index(...)"
            )

    def length(self, idx: Idx) -> int:
        """The length of an axis of this layer or of one before it, or of an index of the layer's own.

        Raises:
            ArchitectureError: the index runs over something else.
        """
        axes = {
            Size(layer, axis): length for layer, shape in enumerate(self.shapes) for axis, length in enumerate(shape)
        }
        size, known = extent(idx), axes | self.sizes
        if size not in known and not size.is_Integer:
            raise ArchitectureError(
                f"the index {idx.name} runs over {size} values, which is no size of a layer; scope.index declares one"
            )
        return int(known.get(size, size))

    def define(self, letter: str, rhs: Expr | float, *indices: Idx) -> IndexedBase:
        """Write `letter<number>[n,j] = rhs`, over all axes of the output or the given ones, and return the array.

        A float is the decimal that Python prints for it: 0.1*x is x/10.

        Raises:
            ArchitectureError: the name is taken, or the letter is not a letter followed by letters, digits and _; the
                right-hand side is no expression or number, or has a constant that is not real and finite.
        """
        array = self._declared(letter, indices or (self.n, *self.axes))
        rhs = checked_expression(array.name, rhs, as_written=self.as_written)
        self.written.append(Equation(array, rhs, (Step("definition", form=rhs),)))
        return array.base

    def _declared(self, letter: str, indices: tuple[Idx, ...], role: Role = "value") -> Array:
        """A new array of this layer. Names must differ: g of layer 11 and g1 of layer 1 would both be g11."""
        self._check_indices(letter, indices)
        if not isinstance(letter, str) or not STEM.fullmatch(letter):
            raise ArchitectureError(
                f"an array is called '{visible(str(letter))}'; "
                "a Latin letter, then Latin letters, digits and _ are needed"
            )
        if self.result is not None:
            raise ArchitectureError(
                f"{letter} comes after the output {self.result.name}; scope.output(...) is the last and is called once"
            )
        array = Array(letter, indices, role, self.number)
        known = self.known.setdefault(array.name, array)
        if known is not array:
            raise ArchitectureError(
                f"the array {shown(letter)} is called {array.name}, and so is {shown(known.stem)} of layer "
                f"{known.layer}; one of them needs another letter"
            )
        return array

    def activate(self, z: Expr) -> Expr:
        """Apply the layer's activation to a reference such as z[n, j], or, if it is elementwise, to any expression.

        Raises:
            ArchitectureError: the layer takes no activation, or the activation runs along an axis, such as
                softmax, and `z` is an expression.
        """
        if not isinstance(self.layer, Activated):
            raise ArchitectureError(f"a {self.layer.kind} layer takes no activation")
        function = self.layer.function
        if function.works_on_rows and not isinstance(z, Indexed):
            raise ArchitectureError(
                f"{function.name} runs along the units of an array such as z[n, j]; define one for its argument first"
            )
        return function.at(z)

    def output(self, rhs: Expr | float) -> None:
        """Write the last equation of the layer, that of its output over the rows and all its axes.

        Raises:
            ArchitectureError: as in `define`; or the layer has its output already.
        """
        self.define(self.layer.function.letter if isinstance(self.layer, Activated) else "a", rhs)
        self.result = self.written[-1].array
