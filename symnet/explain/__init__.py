"""The derivation of a network as a document, in the symbols of a notation."""

from symnet.choices import PAGE_FORMS as FORMS
from symnet.choices import PAGE_LEVELS as LEVELS
from symnet.explain.checked import assure
from symnet.explain.contents import Derived, Options, derivation_document
from symnet.explain.listing import listing_html, listing_latex, listing_program
from symnet.explain.values import Values, read_values, values_of

__all__ = [
    "FORMS",
    "LEVELS",
    "Derived",
    "Options",
    "Values",
    "assure",
    "derivation_document",
    "listing_html",
    "listing_latex",
    "listing_program",
    "read_values",
    "values_of",
]
