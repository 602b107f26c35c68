"""Writes the tables of docs/passes.md from what the generator plans: `make passes`.

Each stands between `<!-- NAME -->` and `<!-- end of NAME -->`; what is around them is written by hand.
"""

import re
from collections.abc import Callable, Iterable
from pathlib import Path

from report import Table
from schedules import Plan, plans_of
from strategies import TRAINABLE

import symnet
from symnet import Network
from symnet.lower.instructions import OR_INF, Instruction, Number
from symnet.network.losses import LOSSES

PAGE = Path(__file__).parent.parent / "docs" / "passes.md"

OF_EVERY_LAYER = ("dot", "stack", "store", "transpose")
"""What copies and multiplies matrices, whatever stands around it."""

OUTPUTS = 3
"""As many as no hidden layer has, so that passes over the outputs can be told from those over a hidden layer."""

CUSTOM = (
    "z/(1+exp(-z))",
    "z*tanh(log(1+exp(z)))",
    "(exp(z)-exp(-z))/(exp(z)+exp(-z))",
    "z*tanh(z)",
    "sqrt(1+z**2)",
    "abs(z)**3",
)
CUSTOM_LOSSES = ("log(cosh(a-y))", "(a-y)**4/4", "abs(a-y)**1.5")

LAYERS = {
    "dense": "8-6-4:tanh,identity",
    "dense, one output": "8-6-1:tanh,identity",
    "dense, no bias": "8-6[bias=false]-4[bias=false]:tanh,identity",
    "dense, l1 and l2": "8-6-4:tanh,identity;l1=0.1;l2=0.2",
    "residual": "6-6[residual]-4:tanh,identity",
    "residual over two": "6-6-6[residual,skip=2]-4:tanh,tanh,identity",
    "radial basis": "8-6[radial_basis]-4",
    "wide inputs": "300-6-4:tanh,identity",
    "wide layers": "50-40-50-4:tanh,tanh,identity",
    "softmax inside": "8-6-4:softmax,identity",
    "classifier": "8-6-4:tanh,softmax;loss=cross_entropy",
    "binary classifier": "8-6-1:tanh,sigmoid;loss=binary_cross_entropy",
    "sum over the batch": "8-6-4:tanh,identity;reduction=sum",
    "learned variance": "8-6-4:tanh,identity;loss=gaussian_nll",
}

SIZES = (
    "2-2-1",
    "3-3-2-1",
    "30-32-32-1",
    "64-64-64-10",
    "128-64-10",
    "784-128-10",
    "784-512-512-10",
    "30-100-100-100-1",
    "10-1000-1",
    "2000-2000-10",
)


def network(text: str, loss: str = "half_squared_error") -> Network:
    return symnet.parse(text if "loss=" in text else f"{text};loss={loss}")


def plans(text: str, dtype: str = "float64", accuracy: str = "fast", **options: str) -> dict[str, Plan]:
    return plans_of(symnet.derive(network(text, **options), accuracy=accuracy), dtype)


def calls(instructions: Iterable[Instruction]) -> str:
    """Calls in the order in which they are made, each with the numbers that it takes."""
    return ", ".join(f"`{call(each)}`" for each in instructions) or "–"


def call(each: Instruction) -> str:
    numbers = [argument for argument in each.arguments if isinstance(argument, Number)]
    name = each.operation.removesuffix(OR_INF)
    return f"{name}({', '.join(f'{number:.6g}' for number in numbers)})" if numbers else name


def own(plan: Plan) -> list[Instruction]:
    """What a function does besides what all layers do."""
    return [each for each in plan.schedule.instructions if each.operation not in OF_EVERY_LAYER]


def beyond(plan: Plan, other: Plan) -> list[Instruction]:
    """What a function does that another does not, one by one."""
    known = [(each.operation, each.arguments) for each in own(other)]
    return [each for each in own(plan) if (each.operation, each.arguments) not in known]


def activations(accuracy: str) -> str:
    """Those of a hidden layer before a linear one, whose own calls are left out."""
    table = Table("activation", "forward", "calls", "derivative", "calls")
    for name in (*(name for name in TRAINABLE if name != "identity"), *CUSTOM):
        if accuracy != "fast" and calls_of(name, accuracy) == calls_of(name, "fast"):
            continue
        forward, back = calls_of(name, accuracy)
        table.add(f"`{name}`", len(forward), calls(forward), len(back), calls(back))
    return table.markdown()


def calls_of(activation: str, accuracy: str) -> tuple[list[Instruction], list[Instruction]]:
    """Of the forward pass and of the derivative."""
    found = plans(f"4-4-{OUTPUTS}:{activation},identity", accuracy=accuracy)
    back = beyond(found["gradient"], found["forward"])
    return own(found["forward"]), [each for each in back if each.target.batched and each.target.width != OUTPUTS]


def losses(accuracy: str) -> str:
    """Those of three linear outputs."""
    table = Table("loss", "value", "calls", "gradient besides", "calls")
    for name in (*LOSSES, *CUSTOM_LOSSES):
        found = plans(f"4-{OUTPUTS}", accuracy=accuracy, loss=name)
        if accuracy != "fast" and {key: own(plan) for key, plan in found.items()} == {
            key: own(plan) for key, plan in plans(f"4-{OUTPUTS}", loss=name).items()
        }:
            continue
        value, more = own(found["loss"]), beyond(found["value_and_grad"], found["loss"])
        table.add(f"`{name}`", len(value), calls(value), len(more), calls(more))
    return table.markdown()


def layers() -> str:
    """What value and gradient take, in float32 where that differs."""
    table = Table("network", "products", "other contractions", "passes", "row passes", "copies", "buffers")
    for name, text in LAYERS.items():
        counts, others = (counted(plans(text, dtype)["value_and_grad"]) for dtype in ("float64", "float32"))
        table.add(f"{name}: `{text}`", *counts)
        if others != counts:
            table.add(f"{name}: `{text}`, float32", *others)
    return table.markdown()


def counted(plan: Plan) -> tuple[int, ...]:
    return (
        plan.count("dot"),
        plan.count("einsum", "vdot", "sum", "max"),
        len(plan.passes),
        len(plan.row_passes),
        plan.count("transpose", "stack", "fill"),
        plan.buffers.live,
    )


def sizes() -> str:
    """Constants of the modules."""
    table = Table("network", "dtype", "parameters", "`BLOCK_ROWS`")
    for text in SIZES:
        for dtype in ("float64", "float32"):
            made = symnet.compile(network(text), dtype=dtype)
            parameters = sum(array.size for array in made.init(0))
            table.add(f"`{text}`", dtype, parameters, made.BLOCK_ROWS)
    return table.markdown()


PARTS: dict[str, Callable[[], str]] = {
    "activations": lambda: activations("fast"),
    "activations in the tails": lambda: activations("tails"),
    "losses": lambda: losses("fast"),
    "losses in the tails": lambda: losses("tails"),
    "layers": layers,
    "sizes": sizes,
}


def page() -> str:
    """The page with its tables as they should be."""
    text = PAGE.read_text(encoding="utf-8")
    for name, part in PARTS.items():
        between = re.compile(rf"(?<=<!-- {name} -->\n).*?(?=<!-- end of {name} -->)", re.DOTALL)
        text, found = between.subn(lambda _, part=part: f"\n{part()}\n\n", text)
        assert found == 1, name
    return text


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
