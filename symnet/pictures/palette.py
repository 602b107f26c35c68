"""The colours of both drawers, legible on light and on dark paper."""

from symnet.pictures.geometry import Tone

COLOURS: dict[Tone, str] = {
    "forward": "2A72C3",
    "backward": "CC3B33",
    "input": "4C8B3F",
    "hidden": "2A72C3",
    "output": "B5651D",
}
"""As HTML writes them; what is not here is drawn in the colour of the text."""

FILL = 0.12
FAINT = 0.45


def number(value: float) -> str:
    """A length as it is written into a drawing: at most two decimals, the same on every machine."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
