"""The colours of pictures, legible on a light and on a dark background."""

from symnet.pages.pictures.geometry import Tone

COLOURS: dict[Tone, str] = {
    "forward": "2A72C3",
    "backward": "CC3B33",
    "input": "4C8B3F",
    "hidden": "2A72C3",
    "output": "B5651D",
}
"""The colours as HTML codes; other tones have the colour of the text."""

FILL = 0.12
FAINT = 0.45


def number(value: float) -> str:
    """A length in a drawing, with at most two decimals, so that it is the same on every machine."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
