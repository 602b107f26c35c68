"""The names of the choices of options, in a module that loads quickly: the command line offers them."""

DTYPES = ("float64", "float32")
MODULE_FORMS = ("array", "scalar")
OPTIMIZATIONS = ("none", "full")
"""Old names of targets, kept as aliases."""

ACCURACIES = ("fast", "tails")
"""The forms of derivatives: fast, or accurate in every entry; see `docs/accuracy.md`."""

REDUCTIONS = ("mean", "sum")
PAGE_FORMS = ("scalar", "index", "matrix")
PAGE_SECTIONS = (
    *("network", "symbols", "forward", "loss", "graph", "chain", "backward", "update", "numbers", "counts"),
)
"""Parts of a page on their own: `numbers` needs some, `chain` no short page, `counts` that operations are counted."""

SECTION_NEEDS = {"numbers": "--at", "counts": "--counts"}
"""The option without which a page has not a section; in Python it is the argument of that name."""

PAGE_LEVELS = ("short", "lecture", "full")
PAGE_DETAILS = {"brief": "short", "full": "lecture"}
"""Old spellings of levels."""

LISTS = ("activations", "losses", "layers", "notations", "formats", "targets", "exercises")
