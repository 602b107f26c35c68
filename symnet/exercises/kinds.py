"""The table of the kinds of exercises, in their order on a sheet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from symnet.exercises.backward import delta_problem, gradient_problem
from symnet.exercises.counting import count_problem
from symnet.exercises.draw import Draw
from symnet.exercises.finding import mistake_problem
from symnet.exercises.forward import forward_problem
from symnet.exercises.local import local_descent, local_influence, units_of
from symnet.exercises.setting import Problem, Setting
from symnet.exercises.worked import worked_descent, worked_influence
from symnet.support import ExerciseError, unknown, visible


@dataclass(frozen=True)
class Kind:
    """A kind of exercise.

    Attributes:
        name: its name in `--kinds`.
        about: what is asked, for `symnet list exercises`.
        make: draws an exercise of this kind.
        lacks: says as the end of a sentence why a network is unfit for it; empty if it is fit.
    """

    name: str
    about: str
    make: Callable[[Setting, Draw], Problem]
    lacks: Callable[[Setting], str] = lambda setting: ""


def _no_hidden_layer(setting: Setting) -> str:
    return "" if setting.hidden_layers else "has no hidden layer"


MAX_COUNTED = 8
"""The most layers of a network whose operations are counted by hand."""


def _too_deep(setting: Setting) -> str:
    layers = len(setting.network.layers)
    return f"has {layers} layers, and at most {MAX_COUNTED} are counted by hand" if layers > MAX_COUNTED else ""


def _no_numbers(setting: Setting) -> str:
    is_possible = setting.is_small or units_of(setting)
    return "" if is_possible else "is too large to be worked through, and no unit of it can be by itself"


def _descent(setting: Setting, draw: Draw) -> Problem:
    return worked_descent(setting, draw) if setting.is_small else local_descent(setting, draw)


def _influence(setting: Setting, draw: Draw) -> Problem:
    return worked_influence(setting, draw) if setting.is_small else local_influence(setting, draw)


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("forward", "write the forward pass, or compute it", forward_problem),
        Kind("gradient", "find the derivative of the loss by a named weight", gradient_problem),
        Kind("delta", "derive the errors of a hidden layer", delta_problem, _no_hidden_layer),
        Kind("descent", "compute one step of gradient descent with given numbers", _descent, _no_numbers),
        Kind("influence", "find which parameter matters most", _influence, _no_numbers),
        Kind("count", "count the operations", count_problem, _too_deep),
        Kind("mistake", "find the error in an equation", mistake_problem),
    )
}
"""The kinds by name."""


def chosen_kinds(setting: Setting, names: Sequence[str]) -> list[Kind]:
    """Return the kinds with these names, or if there are no names all kinds that a network is fit for.

    Raises:
        ExerciseError: a name is unknown, or the network is unfit for its kind.
    """
    if not names:
        return [kind for kind in KINDS.values() if not kind.lacks(setting)]
    for name in names:
        if name not in KINDS:
            raise ExerciseError(unknown("kind of exercise", name, KINDS))
        lack = KINDS[name].lacks(setting)
        if lack:
            raise ExerciseError(f"no exercise of kind {name} can be set: {visible(setting.network.title)} {lack}")
    return [kind for kind in KINDS.values() if kind.name in names]
