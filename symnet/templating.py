"""The Jinja2 environment: templates contain layout only, and an undefined name in them is an error."""

from functools import cache
from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined

FOLDER = "templates"


def _template(name: str) -> str | None:
    """The text of a template: in the installed package (a folder or a zip), or beside the package in a checkout."""
    package = files("symnet")
    for folder in (package / FOLDER, package / ".." / FOLDER):
        if (folder / name).is_file():
            return (folder / name).read_text(encoding="utf-8")
    return None


@cache
def environment() -> Environment:
    """The environment for all templates."""
    return Environment(
        loader=FunctionLoader(_template),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - what is rendered is Python, TeX or text, each escaped on its way in
    )


def render(template: str, **context: object) -> str:
    """Render a template with the given context."""
    return environment().get_template(template).render(**context)
