"""Tables of the available activations, losses, layers, notations, formats and exercises, for a terminal."""

from __future__ import annotations

from symnet.core import expression_text
from symnet.exercises import KINDS
from symnet.formats import FORMATS
from symnet.network import ACTIVATIONS, LAYER_KINDS, LOSSES, Activation
from symnet.notation import notation_rows
from symnet.support import OptionError, table, unknown
from symnet.targets import TARGETS


def catalogue(what: str) -> str:
    """Return the table of all `activations`, `losses`, `layers`, `notations`, `formats`, `targets` or `exercises`.

    Raises:
        OptionError: `what` is unknown.
    """
    tables = {
        "activations": _activations,
        "losses": _losses,
        "layers": _layers,
        "notations": _notations,
        "formats": _formats,
        "targets": _targets,
        "exercises": _exercises,
    }
    if what not in tables:
        raise OptionError(unknown("list", what, tables))
    return tables[what]()


def _activations() -> str:
    rows = [(name, entry.formula, _derivative(entry)) for name, entry in ACTIVATIONS.items()]
    return table(("activation", "formula", "derivative"), rows)


def _derivative(entry: Activation) -> str:
    if entry.works_on_rows:
        return "p_j ([j = k] - p_k)"
    if entry.is_flat:
        return "0: for forward use only"
    return expression_text(entry.as_written.derivative)


def _losses() -> str:
    rows = [
        (
            name,
            kind.formula,
            kind.output,
            ", ".join(
                f"{option}={entry.default:g}" if entry.default is not None else f"{option} (learned unless given)"
                for option, entry in kind.options.items()
            ),
        )
        for name, kind in LOSSES.items()
    ]
    return table(("loss", "of one row", "brings output", "options"), rows)


def _layers() -> str:
    return table(("layer", "equations"), [(name, kind.formula) for name, kind in LAYER_KINDS.items()])


def _notations() -> str:
    return table(("notation", "whose"), notation_rows())


def _formats() -> str:
    rows = [(entry.name, entry.suffix, entry.description) for entry in FORMATS.values()]
    return table(("format", "suffix", ""), rows)


def _targets() -> str:
    rows = [(target.name, ", ".join(target.dtypes), target.about) for target in TARGETS.values()]
    return table(("target", "dtypes", "what is written"), rows)


def _exercises() -> str:
    return table(("exercise", "what is asked"), [(kind.name, kind.about) for kind in KINDS.values()])
