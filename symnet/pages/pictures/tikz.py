"""A geometry as a `tikzpicture`, which needs the package tikz without libraries."""

from __future__ import annotations

from collections.abc import Sequence

from symnet.formats import tex_text
from symnet.formula import formula_latex
from symnet.pages.pictures.geometry import Disc, Frame, Geometry, Label, Point, Stroke, Tone
from symnet.pages.pictures.palette import COLOURS, FAINT, FILL, number
from symnet.templating import render

CORNERS = 4


def tikz(geometry: Geometry) -> str:
    """The picture as LaTeX, with coordinates in points."""
    return render(
        "picture.tikz.jinja",
        width=number(geometry.width),
        height=number(geometry.height),
        colours=sorted(COLOURS.items()),
        strokes=[{"options": _stroke_options(stroke), "path": _path(stroke.shaft)} for stroke in geometry.strokes],
        heads=[
            {"colour": _colour(stroke.tone), "path": _path(stroke.head)} for stroke in geometry.strokes if stroke.arrow
        ],
        shapes=[*map(_disc, geometry.discs), *map(_frame, geometry.frames)],
        labels=[_label(label) for label in geometry.labels],
    )


def _colour(tone: Tone) -> str:
    if tone in COLOURS:
        return f"symnet{tone}"
    return f"black!{100 * FAINT:.0f}" if tone == "faint" else "black"


def _point(point: Point) -> str:
    return f"({number(point[0])}, {number(point[1])})"


def _path(points: Sequence[Point]) -> str:
    return " -- ".join(map(_point, points))


def _stroke_options(stroke: Stroke) -> str:
    return ", ".join((_colour(stroke.tone), *((f"rounded corners={stroke.rounded:g}pt",) if stroke.rounded else ())))


def _outline(tone: Tone) -> str:
    fill = f", fill={_colour(tone)}!{100 * FILL:.0f}" if tone in COLOURS else ""
    return f"draw={_colour(tone)}{fill}, line width=0.8pt"


def _disc(disc: Disc) -> dict[str, str]:
    options = f"fill={_colour(disc.tone)}" if disc.is_dot else _outline(disc.tone)
    return {"options": options, "path": f"{_point((disc.x, disc.y))} circle [radius={number(disc.radius)}pt]"}


def _frame(frame: Frame) -> dict[str, str]:
    box = frame.box
    shape = f"rounded corners={CORNERS}pt" + (", dashed" if frame.dashed else "")
    corners = f"{_point((box.left, box.top))} rectangle {_point((box.right, box.bottom))}"
    return {"options": f"{_outline(frame.tone)}, {shape}", "path": corners}


def _label(label: Label) -> dict[str, str]:
    size, leading = number(label.size), number(1.2 * label.size)
    font = rf"font=\fontsize{{{size}}}{{{leading}}}\selectfont"
    content = label.content
    text = tex_text(content) if isinstance(content, str) else rf"$\displaystyle {formula_latex(content)}$"
    return {
        "options": f"inner sep=0pt, text={_colour(label.tone)}, {font}",
        "x": number(label.x),
        "y": number(label.y),
        "text": text,
    }
