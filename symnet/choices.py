"""The choices that options have, as names alone: what offers them need not load what they choose from."""

DTYPES = ("float64", "float32")
MODULE_FORMS = ("array", "scalar")
OPTIMIZATIONS = ("none", "full")
"""Old spellings of targets, which stay as aliases."""

ACCURACIES = ("fast", "tails")
"""What derivatives are written for: speed, or all digits of each of their entries; see `docs/accuracy.md`."""

REDUCTIONS = ("mean", "sum")
PAGE_FORMS = ("scalar", "index", "matrix")
PAGE_SECTIONS = (
    *("network", "symbols", "forward", "loss", "graph", "chain", "backward", "update", "numbers", "counts"),
)
"""Parts of a page on their own: `numbers` needs some, `chain` no short page, `counts` that operations are counted."""

PAGE_LEVELS = ("short", "lecture", "full")
PAGE_DETAILS = {"brief": "short", "full": "lecture"}
"""Old spellings of levels."""

LISTS = ("activations", "losses", "layers", "notations", "formats", "targets", "exercises")
