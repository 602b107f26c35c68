"""`Network`: a feed-forward network, whether read from a string, TOML or Python."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sympy import Expr, Rational

from symnet.functions import Written, is_decimal
from symnet.network.activations import ACTIVATIONS, Activation
from symnet.network.layers import Activated, BaseLayer, Shape, check_whole, checked_shape, shape_text
from symnet.network.losses import Loss, loss
from symnet.support import REDUCTIONS, ArchitectureError, NotDifferentiableError, located, shown, unknown

MAX_LAYERS = 1_000
MAX_NAME = 200
MAX_AXES = 8
DEFAULT_LOSS = "half_squared_error"
DEFAULT_REDUCTION = "mean"
DEFAULT_HIDDEN = "sigmoid"


@dataclass(frozen=True)
class Network:
    """A feed-forward network with its loss.

    Attributes:
        inputs: the number of input units, from 1 to 1,000,000; or the lengths of up to 8 axes, such as (28, 28, 1),
            channels last. One axis is kept as a number.
        layers: the layers from the first hidden one to the output, at most 1,000. The default
            activation is sigmoid for hidden layers; for the output it depends on the loss: softmax
            for cross_entropy, sigmoid for binary_cross_entropy, else identity.
        loss: the name of a loss, a formula in a and y, or a `Loss`.
        reduction: "mean" or "sum", over the rows of the batch.
        l1: λ of the penalty λ Sum(|W|) on all weights (a Laplace prior); 0, or from 1e-300 to 1e300.
        l2: λ of the penalty λ/2 Sum(W²) on all weights (a Gaussian prior); 0, or from 1e-300 to 1e300.
        name: a title for readers, at most 200 characters.

    Raises:
        ArchitectureError: a value is out of range or unknown, or does not fit the others.
        ExpressionError: a formula lies outside the grammar.

    >>> network = symnet.Network(4, [symnet.Dense(8, "tanh"), symnet.Dense(3)], loss="cross_entropy")
    >>> symnet.to_string(network)
    '4-8-3:tanh,softmax;loss=cross_entropy'
    """

    inputs: int | Shape
    layers: tuple[BaseLayer, ...]
    loss: Loss
    reduction: str
    l1: float
    l2: float
    name: str

    def __init__(
        self,
        inputs: int | Sequence[int],
        layers: Sequence[BaseLayer],
        loss: Loss | str = DEFAULT_LOSS,
        reduction: str = DEFAULT_REDUCTION,
        l1: float = 0.0,
        l2: float = 0.0,
        name: str = "",
    ) -> None:
        checked = {
            "inputs": _checked_inputs(inputs),
            "loss": _checked_loss(loss),
            "reduction": _checked_reduction(reduction),
            "l1": _checked_penalty("l1", l1),
            "l2": _checked_penalty("l2", l2),
            "name": _checked_name(name),
        }
        for attribute, value in checked.items():
            object.__setattr__(self, attribute, value)
        object.__setattr__(self, "layers", _resolved(_checked_layers(layers), self.loss))
        _check_shapes(self)

    @property
    def sizes(self) -> tuple[int, ...]:
        """The number of units of each layer, the inputs first.

        >>> symnet.parse("2-3-1").sizes
        (2, 3, 1)
        """
        return tuple(math.prod(shape) for shape in self.shapes)

    @property
    def shapes(self) -> tuple[Shape, ...]:
        """The shape of one example's input, and of the outputs of the layers; (units,) where there is one axis."""
        shapes = [self.inputs if isinstance(self.inputs, tuple) else (self.inputs,)]
        for number, layer in enumerate(self.layers, start=1):
            try:
                shapes.append(checked_shape(layer, shapes[-1]))
            except ArchitectureError as error:
                raise located(error, f"layer {number}") from None
        return tuple(shapes)

    @property
    def as_written(self) -> Network:
        """The same network with decimals in formulas kept as they were typed: for pages, not for code."""
        layers = tuple(
            replace(layer, activation=layer.function.as_written) if isinstance(layer, Activated) else layer
            for layer in self.layers
        )
        return replace(self, layers=layers, loss=self.loss.as_written)

    @property
    def decimals(self) -> frozenset[Expr]:
        """The fractions that pages print as decimals: those typed as decimals, their halves and doubles.

        Differentiating c·u² doubles c, and a penalty halves it.
        """
        shown = self.as_written
        functions = [layer.function.expression for layer in shown.layers if isinstance(layer, Activated)]
        written = {node.exact for each in (*functions, shown.loss.expression) for node in each.atoms(Written)}
        written |= {Rational(repr(penalty)) for penalty in (self.l1, self.l2)}
        scaled = {number * scale for number in written for scale in (Rational(1, 2), 1, 2)}
        return frozenset(number for number in scaled if is_decimal(int(number.q)) and number.q > 1)

    @property
    def title(self) -> str:
        """The name, or the shapes if there is no name.

        >>> symnet.parse("2-2-1").title
        '2-2-1'
        >>> symnet.parse("8x8x3-pool(2,mean)-10").title
        '8x8x3-4x4x3-10'
        """
        return self.name or "-".join("x".join(map(str, shape)) for shape in self.shapes)


def check_depth(layers: int) -> None:
    """Check the number of layers, before they are built.

    Raises:
        ArchitectureError: there are none, or more than `MAX_LAYERS`.
    """
    if not 1 <= layers <= MAX_LAYERS:
        raise ArchitectureError(f"{layers} layers after the input; from 1 to {MAX_LAYERS:,} are allowed")


def check_axes(axes: int) -> None:
    """Check the number of axes of the inputs.

    Raises:
        ArchitectureError: there are none, or more than `MAX_AXES`.
    """
    if not 1 <= axes <= MAX_AXES:
        raise ArchitectureError(f"the inputs have {axes} axes; from 1 to {MAX_AXES} are allowed")


def check_differentiable(network: Network) -> None:
    """Check that gradients can pass through every layer.

    Raises:
        NotDifferentiableError: the derivative of an activation is 0 wherever it exists.
    """
    for number, layer in enumerate(network.layers, start=1):
        if isinstance(layer, Activated) and layer.function.is_flat:
            raise NotDifferentiableError(
                f"layer {number}: {layer.function.name} cannot be trained through: its derivative is 0 wherever it has "
                "one, so nothing before it would ever change; forward use (--forward-only) is possible"
            )


def left_out(network: Network) -> dict[str, str]:
    """The loss and the reduction of a network, as far as they are the defaults."""
    own = {"loss": network.loss.text, "reduction": network.reduction}
    defaults = {"loss": DEFAULT_LOSS, "reduction": DEFAULT_REDUCTION}
    return {key: value for key, value in own.items() if value == defaults[key]}


def _checked_inputs(given: int | Sequence[int]) -> int | Shape:
    if not isinstance(given, list | tuple):
        return check_whole("inputs", given)
    check_axes(len(given))
    shape = tuple(check_whole(f"axis {number} of the inputs", length) for number, length in enumerate(given, start=1))
    return shape if len(shape) > 1 else shape[0]


def _checked_loss(given: Loss | str) -> Loss:
    if isinstance(given, str):
        return loss(given)
    if not isinstance(given, Loss):
        raise ArchitectureError(f"loss is {shown(given)}; a name or a formula in a and y is needed")
    return given


def _checked_reduction(given: str) -> str:
    if not isinstance(given, str) or given not in REDUCTIONS:
        raise ArchitectureError(unknown("reduction", given, REDUCTIONS))
    return given


def _checked_penalty(which: str, given: float) -> float:
    if isinstance(given, bool) or not isinstance(given, int | float) or not (given == 0 or 1e-300 <= given <= 1e300):
        raise ArchitectureError(f"{which} is {shown(given)}; 0 or a positive number from 1e-300 to 1e300 is needed")
    return float(given)


def _checked_name(given: str) -> str:
    if not isinstance(given, str) or len(given) > MAX_NAME:
        raise ArchitectureError(f"name is {shown(given)}; text of at most {MAX_NAME} characters is needed")
    return given


def _checked_layers(given: Sequence[BaseLayer]) -> tuple[BaseLayer, ...]:
    if not isinstance(given, list | tuple):
        raise ArchitectureError(f"layers is {shown(given)}; a list of layers is needed")
    layers = tuple(given)
    check_depth(len(layers))
    for number, layer in enumerate(layers, start=1):
        if not isinstance(layer, BaseLayer):
            raise ArchitectureError(f"layer {number} is {shown(layer)}; a layer such as Dense(8) is needed")
    return layers


def _resolved(layers: tuple[BaseLayer, ...], loss: Loss) -> tuple[BaseLayer, ...]:
    """The layers with default activations filled in, checked against the loss."""
    *hidden, output = layers
    filled = [_filled(layer, DEFAULT_HIDDEN) for layer in hidden] + [_filled(output, loss.kind.output)]
    _check_names(filled)
    _check_output(filled[-1], len(filled), loss)
    return tuple(filled)


def _check_shapes(network: Network) -> None:
    """Raise where an output cannot be what the layer's activation, or the loss, is to be of."""
    *_, last = network.shapes
    for number, (layer, shape) in enumerate(zip(network.layers, network.shapes[1:], strict=True), start=1):
        if isinstance(layer, Activated) and layer.function.works_on_rows and shape[-1] == 1:
            name = layer.function.name
            raise ArchitectureError(f"layer {number}: {name} over one unit is always 1; sigmoid is meant for one")
    if len(last) != 1:
        raise ArchitectureError(
            f"layer {len(network.layers)}: the output of the last layer is {shape_text(last)}; a loss is over one axis"
        )


def _filled(layer: BaseLayer, default: str) -> BaseLayer:
    if isinstance(layer, Activated) and layer.activation is None:
        return replace(layer, activation=ACTIVATIONS[default])
    return layer


def _check_names(layers: list[BaseLayer]) -> None:
    """Check that no name of an activation stands for two formulas."""
    named: dict[str, Activation] = {}
    for number, layer in enumerate(layers, start=1):
        if isinstance(layer, Activated):
            function = layer.function
            if named.setdefault(function.name, function) != function:
                raise ArchitectureError(f"layer {number}: the name {function.name} stands for two formulas")


def _check_output(layer: BaseLayer, number: int, loss: Loss) -> None:
    if not loss.kind.only:
        return
    bare = isinstance(layer, Activated) and layer.ends_in_activation
    found = layer.function.name if isinstance(layer, Activated) and bare else f"a {layer.kind} layer"
    if found != loss.kind.output:
        raise ArchitectureError(
            f"layer {number}: loss {loss.name} needs the output activation {loss.kind.output}, not {found}"
        )
