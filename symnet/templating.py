"""The Jinja2 environment: templates hold layout only, and an undefined name in one is an error."""

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

PACKAGE = Path(__file__).parent

FOLDERS = (PACKAGE / "templates", PACKAGE.parent / "templates")
"""Inside the installed package, or beside it in a checkout."""


@cache
def environment() -> Environment:
    """The environment in which all templates are rendered."""
    return Environment(
        loader=FileSystemLoader(FOLDERS),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - what is rendered is Python, TeX or text, each escaped on its way in
    )


def render(template: str, **context: object) -> str:
    """The text of a template with the given context."""
    return environment().get_template(template).render(**context)
