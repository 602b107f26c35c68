"""A geometry as a self-contained `svg` element: paths, circles and text."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from symnet.formats import html_text
from symnet.formula import Bow, Rule, Run, set_label
from symnet.pages.pictures.geometry import Disc, Frame, Geometry, Label, Point, Stroke, Tone
from symnet.pages.pictures.palette import COLOURS, FAINT, FILL, number
from symnet.templating import render

SCALE = 1.6
"""Pixels per point: 9pt on paper are 14px on a screen."""

FONT = "'Latin Modern Roman', 'CMU Serif', 'STIX Two Text', 'Times New Roman', Times, serif"


def svg(geometry: Geometry, title: str) -> str:
    """The picture as SVG that looks the same inside a page, as an image, and as a file.

    Marks have the classes `stroke`, `head`, `unit`, `dot`, `node` and `label`, and that of their tone; the runs
    of a symbol have its key as `data-symbol`.

    Args:
        geometry: the picture.
        title: alternative text for screen readers; any text.
    """
    return render(
        "picture.svg.jinja",
        width=number(geometry.width),
        height=number(geometry.height),
        shown_width=number(SCALE * geometry.width),
        shown_height=number(SCALE * geometry.height),
        title=html_text(title),
        font=FONT,
        strokes=[_stroke(stroke) for stroke in geometry.strokes],
        heads=[
            {"tone": stroke.tone, "colour": _colour(stroke.tone), "path": _path(stroke.head)}
            for stroke in geometry.strokes
            if stroke.arrow
        ],
        discs=[_disc(disc) for disc in geometry.discs],
        frames=[_frame(frame) for frame in geometry.frames],
        labels=[_label(label) for label in geometry.labels],
    )


def _colour(tone: Tone) -> str:
    return f"#{COLOURS[tone]}" if tone in COLOURS else "currentColor"


def _point(x: float, y: float) -> str:
    return f"{number(x)} {number(y)}"


def _path(points: Sequence[Point], rounded: float = 0.0) -> str:
    """A polyline with corners rounded by a radius."""
    pieces = [f"M{_point(*points[0])}"]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        if rounded:
            pieces.append(f"L{_point(*_towards(corner, before, rounded))}")
            pieces.append(f"Q{_point(*corner)} {_point(*_towards(corner, after, rounded))}")
        else:
            pieces.append(f"L{_point(*corner)}")
    return "".join((*pieces, f"L{_point(*points[-1])}"))


def _towards(corner: Point, other: Point, length: float) -> Point:
    fraction = min(0.5, length / math.dist(corner, other))
    return corner[0] + fraction * (other[0] - corner[0]), corner[1] + fraction * (other[1] - corner[1])


def _stroke(stroke: Stroke) -> dict[str, Any]:
    return {
        "tone": stroke.tone,
        "path": _path(stroke.shaft, stroke.rounded),
        "colour": _colour(stroke.tone),
        "opacity": number(FAINT if stroke.tone == "faint" else 1),
        "width": "0.5",
    }


def _disc(disc: Disc) -> dict[str, Any]:
    return {
        "kind": "dot" if disc.is_dot else "unit",
        "tone": disc.tone,
        "x": number(disc.x),
        "y": number(disc.y),
        "radius": number(disc.radius),
        "colour": _colour(disc.tone),
        "opacity": number(1 if disc.is_dot else FILL),
        "outline": not disc.is_dot,
    }


def _frame(frame: Frame) -> dict[str, Any]:
    return {
        "tone": frame.tone,
        "x": number(frame.box.left),
        "y": number(frame.box.top),
        "width": number(frame.box.width),
        "height": number(frame.box.height),
        "colour": _colour(frame.tone),
        "opacity": number(FILL if frame.tone in COLOURS else 0),
        "dashed": frame.dashed,
    }


def _label(label: Label) -> dict[str, Any]:
    """The runs and lines of a label, moved so that its box is centred at its position."""
    setting = set_label(label.content, label.size, optical=False)
    runs, lines = [], []
    for ink in setting.inked(label.x - setting.width / 2, label.box.top + setting.ascent):
        match ink.mark:
            case Run(text, size, italic, bold):
                run = {"x": number(ink.x), "y": number(ink.y), "size": number(size), "italic": italic, "bold": bold}
                runs.append({**run, "key": html_text(ink.key), "text": html_text(text)})
            case Rule(width):
                lines.append(f"M{_point(ink.x, ink.y)}h{number(width)}")
            case Bow(height, bulge):
                belly, middle = number(2 * bulge), number(-height / 2)
                lines.append(f"M{_point(ink.x, ink.y)}q{belly} {middle} 0 {number(-height)}")
    return {"tone": label.tone, "colour": _colour(label.tone), "runs": runs, "lines": lines}
