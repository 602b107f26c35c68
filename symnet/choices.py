"""The names of the choices of options, in a module that loads quickly: the command line offers them."""

DTYPES = ("float64", "float32")
TARGETS = ("numpy", "numpy-plain", "numpy-scalar", "python")
FUNCTION_TARGETS = ("numpy", "python")
"""The targets of `symnet differentiate`."""

MODULE_FORMS = ("array", "scalar")
OPTIMIZATIONS = ("none", "full")
"""Old names of targets, kept as aliases."""

ACCURACIES = ("fast", "tails")
"""The forms of derivatives: fast, or accurate in every entry; see `docs/accuracy.md`."""

REDUCTIONS = ("mean", "sum")
PAGE_FORMS = ("scalar", "index", "matrix")
PAGE_DETAILS = ("full", "brief")
LISTS = ("activations", "losses", "layers", "notations", "formats", "exercises")
