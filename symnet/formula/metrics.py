"""The metric of the font: how wide and high the glyphs of Computer Modern are, in em.

Widths are those of the metric files cmr10, cmmi10, cmbx10, cmmib10, cmsy10, cmex10 and msbm10, as `tftopl` of any TeX
installation prints them (CHARWD; CHARIC after the plus). Everything is measured with them: lines, tables and slides
in LaTeX, and the labels of pictures. A picture in a browser names other fonts, Latin Modern and those like Times. They
are no wider, but for b, q, ω and ϕ in italics and a few signs, by up to 0.07 em, for which `WIDENED` leaves room; a
browser that has none of them may draw digits a quarter wider.
"""

from __future__ import annotations

from unicodedata import normalize


def _glyphs(*lines: str) -> dict[str, tuple[float, float]]:
    """Width and italic correction of each glyph; `f490+108` is f, 0.490 em wide, and 0.108 em before a superscript."""
    glyphs = {}
    for entry in " ".join(lines).split():
        width, _, correction = entry[1:].partition("+")
        glyphs[entry[0]] = (int(width) / 1000, int(correction or 0) / 1000)
    return glyphs


UPRIGHT = {" ": (0.333, 0.0), "+": (0.778, 0.0)} | _glyphs(
    "a500 b556 c444 d556 e444 f306+78 g500+14 h556 i278 j306 k528 l278 m833 n556 o500 p556 q528 r392 s394 t389 u556",
    "v528+14 w722+14 x528 y528+14 z444 A750 B708 C722 D764 E681 F653 G785 H750 I361 J514 K778 L625 M917 N750 O778",
    "P681 Q778 R736 S556 T722 U750 V750+14 W1028+14 X750 Y750+25 Z611 0500 1500 2500 3500 4500 5500 6500 7500 8500",
    "9500 Γ625 Δ833 Θ778 Λ694 Ξ667 Π750 Σ722 Υ778 Φ722 Ψ778 Ω722 !278 #833 $500 %833 &778 '278 (389 )389 *500 ,278",
    "-333 .278 /500 :278 ;278 =778 ?472 @778 [278 ]278 {500 }500 |278 ‖500 <778 >778 _500 ^667 ~778 \\500 `278 “500",
    "”500 –500 —1000 −778 ×778 ·278 ∗500 ∘500 ⊙778 ⊘778 ≈778 ≡778 ≤778 ≥778 ≠778 ∞1000 ←1000 →1000 ∂587 ∇833 ′275",
    "…1172 ⊤778",
)

ITALIC = _glyphs(
    "a529 b429 c433 d520 e466 f490+108 g477+36 h576 i345 j412+57 k521+31 l298+20 m878 n600 o485 p503 q446+36 r451+28",
    "s469 t361 u572 v485+36 w716+27 x572 y490+36 z465+44 A750 B759+50 C715+72 D828+28 E738+58 F643+139 G786 H831+81",
    "I440+78 J555+96 K849+72 L681 M970+109 N803+109 O763+28 P642+139 Q791 R759+8 S613+58 T584+139 U683+109 V583+222",
    "W944+139 X828+78 Y581+222 Z683+72 α640+4 β566+53 γ518+56 δ444+38 ε466 ϵ406 ζ438+74 η497+36 θ469+28 ι354 κ576",
    "λ583 μ603 ν494+64 ξ438+46 π570+36 ρ517 σ571+36 τ437+113 υ540+36 φ654 ϕ596 χ626 ψ651+36 ω622+36",
)

BOLD = _glyphs(
    "a559 b639 c511 d639 e527 f351+109 g575+16 h639 i319 j351 k607 l319 m958 n639 o575 p639 q607 r474 s454 t447 u639",
    "v607+16 w831+16 x607 y607+16 z511 A869 B818 C831 D882 E756 F724 G904 H900 I436 J594 K901 L692 M1092 N900 O864",
    "P786 Q864 R862 S639 T800 U885 V869+16 W1189+16 X869 Y869+29 Z703 0575 1575 2575 3575 4575 5575 6575 7575 8575",
    "9575 Γ692 Δ958 Θ894 Λ806 Ξ767 Π900 Σ831 Υ894 Φ831 Ψ894 Ω831 α761 β660+34 γ590+64 δ522+38 ε529 ϵ483 ζ508+62",
    "η600+37 θ562+32 ι412 κ668 λ671 μ708 ν577+69 ξ508+30 π682+37 ρ612 σ686+37 τ521+135 υ631+37 φ747 ϕ712 χ718",
    "ψ758+37 ω718+37",
)

CALLIGRAPHIC = _glyphs(
    "A798 B657+30 C527+58 D771+28 E528+89 F719+99 G595+59 H845+10 I545+74 J678+185 K762+14 L690 M1201 N820+147 O796+28",
    "P696+82 Q817 R848 S606+75 T545+254 U626+99 V613+82 W988+82 X713+146 Y668+82 Z725+79",
)

BLACKBOARD = _glyphs(
    "A722 B667 C722 D722 E667 F611 G778 H778 I389 J500 K778 L667 M944 N722 O778 P611 Q778 R722 S556 T667 U722 V722",
    "W1000 X722 Y722 Z667",
)

FACES = {"italic": ITALIC, "bold": BOLD, "calligraphic": CALLIGRAPHIC, "blackboard": BLACKBOARD}
UNKNOWN = (1.0, 0.0)

WIDENED = {5: 1.39, 6: 1.24, 7: 1.15, 8: 1.06, 9: 1.03}
"""How much wider glyphs of small type are than those of 10 pt scaled down; a mean over cmr, cmmi and cmsy."""

NULL_DELIMITER = 0.12
"""The space of an empty fence, which stands on both sides of a fraction too."""

FENCE_HEIGHTS = (1.0, 1.2, 1.8, 2.4, 3.0)
FENCES = {
    **dict.fromkeys("()", (0.389, 0.458, 0.597, 0.736, 0.792, 0.875)),
    **dict.fromkeys("[]", (0.278, 0.417, 0.472, 0.528, 0.583, 0.667)),
    **dict.fromkeys("{}", (0.500, 0.583, 0.667, 0.750, 0.806, 0.889)),
    "|": (0.278, *[0.333] * 5),
    "‖": (0.500, *[0.556] * 5),
    "": (NULL_DELIMITER,) * 6,
}
"""The widths of a fence of each of these heights, and of a higher one."""

SUM, SMALL_SUM = (1.444, 1.6), (1.056, 1.0)
"""Width and height of Σ, in a display and in a line."""

ASCENDER, X_HEIGHT, DESCENDER = 0.694, 0.431, 0.194
FENCE_ASCENT, FENCE_DESCENT = 0.75, 0.25
AXIS, RULE = 0.25, 0.04
LINE = 1.2
"""The distance between two lines of text."""

_TALL = frozenset("bdfhijkltβδζθλξϕψ")
_DEEP = frozenset("fgjpqyβγζημξρφϕχψ,;Q")
_FENCE = frozenset("()[]{}|‖/")
_LOW = frozenset("+−-=·.,∗∘≈…<>×⊙⊘←→")


def glyph(character: str, style: str = "upright") -> tuple[float, float]:
    """The width and the italic correction of a character, of which an accent changes nothing."""
    for face in (FACES.get(style, UPRIGHT), UPRIGHT, ITALIC):
        if known := face.get(character) or face.get(normalize("NFKD", character)[0]):
            return known
    return UNKNOWN


def extent(text: str, style: str = "upright") -> tuple[float, float]:
    """How far a text reaches above and below its line."""
    if any(character in _FENCE for character in text):
        return FENCE_ASCENT, FENCE_DESCENT
    tall = any(character in _TALL or not (character.islower() or character in _LOW) for character in text)
    deep = any(character in _DEEP and not (character == "f" and style != "italic") for character in text)
    return ASCENDER if tall else X_HEIGHT, DESCENDER if deep else 0.0
