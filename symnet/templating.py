"""Jinja2 templates: symnet's contain layout only, and a user's template may replace one of the same name.

The values that a template gets are documented in `docs/templates.md`; an undefined name is an error. A user's
templates are rendered in Jinja's sandbox: they can read these values and the files of their folder, nothing else.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import islice
from pathlib import Path
from traceback import walk_tb

import jinja2
from jinja2 import Environment, FunctionLoader, StrictUndefined, meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from symnet.support import FileError, TemplateError, nearest, path_of, path_shown, read_text, shown

FOLDER = "templates"
OURS = "symnet/"
"""The prefix by which a user's template extends or includes a template of symnet."""

FIXED = ("picture.svg.jinja", "picture.tikz.jinja", "program.html.jinja")
"""Templates that users may include but not replace: pictures are drawn before a format is chosen."""

OWN = "_"
"""The prefix of files that replace no template: a user's templates may include them."""

MAX_REASON = 300
"""The most characters of Jinja's message in an error."""

MAX_FILES = 200
"""The most files in a folder of templates."""

RAISED = (
    jinja2.TemplateError,
    ArithmeticError,
    AttributeError,
    LookupError,
    MemoryError,
    RecursionError,
    TypeError,
    ValueError,
)
"""The exceptions that expressions in a template may raise."""

Loaded = tuple[str, str, Callable[[], bool]]
"""The text of a template, its name in messages, and a function that tells whether it is unchanged."""


class Templates:
    """The templates that texts are rendered with: symnet's, or in their place those of a user's folder.

    Args:
        ours: symnet's templates by name.
        folder: the folder of the user's templates; None for none.
        replaced: the files of the folder by the names of the templates that they replace, or by their own names.

    Attributes:
        taken: the names of the templates that have been rendered, or included by one that was.
    """

    def __init__(
        self, ours: Mapping[str, Traversable], folder: Path | None = None, replaced: Mapping[str, Path] | None = None
    ) -> None:
        self.ours = ours
        self.folder = folder
        self.replaced = dict(replaced or {})
        self.taken: set[str] = set()
        made = Environment if folder is None else ImmutableSandboxedEnvironment
        self.environment = made(
            loader=FunctionLoader(self._load),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            autoescape=False,
        )

    def render(self, template: str, **context: object) -> str:
        """Render a template with the given values.

        Raises:
            TemplateError: a template of the user is wrong; the message names its file and the line.
        """
        if self.folder is None:
            return self.environment.get_template(template).render(**context)
        try:
            return self.environment.get_template(template).render(**context)
        except RAISED as error:
            raise TemplateError(f"{self._place(error)}: {self._reason(error)}") from None

    def plain(self) -> Templates:
        """Return symnet's templates without the user's."""
        return self if self.folder is None else Templates(self.ours)

    def check_used(self, what: str) -> None:
        """Check that at least one of the user's templates was rendered.

        Args:
            what: the name of the output, for the message.

        Raises:
            TemplateError: none was; the message lists the templates that the output uses.
        """
        if self.folder is not None and not self.taken & self.replaced.keys():
            names = ", ".join(sorted(self.taken))
            raise TemplateError(
                f"no template in {path_shown(self.folder)} takes part in {what}; those that do: {names}"
            )

    def _load(self, name: str) -> Loaded | None:
        source = self._source(name)
        if source is None:
            return None
        self.taken.add(name)
        return *source, lambda: True

    def _source(self, name: str) -> tuple[str, str] | None:
        """Return the text of a template and its name in messages; None if there is none of this name."""
        if name in self.replaced:
            path = self.replaced[name]
            return read_text(path), str(path)
        own = name.removeprefix(OURS)
        return (self.ours[own].read_text(encoding="utf-8"), OURS + own) if own in self.ours else None

    def _place(self, error: BaseException) -> str:
        """Return the file and the line of a template at which an error was raised."""
        if isinstance(error, jinja2.TemplateSyntaxError):
            return f"{path_shown(error.filename or error.name)}, line {error.lineno}"
        known = {*map(str, self.replaced.values()), *(OURS + name for name in self.ours)}
        frames = [(frame.f_code.co_filename, line) for frame, line in walk_tb(error.__traceback__)]
        found = [place for place in frames if place[0] in known]
        return f"{path_shown(found[-1][0])}, line {found[-1][1]}" if found else path_shown(self.folder)

    def _reason(self, error: BaseException) -> str:
        """Return the message of an error of Jinja or Python."""
        if isinstance(error, RecursionError):
            return "templates that extend, include or call each other without end"
        if isinstance(error, MemoryError):
            return "it makes more text than there is memory for"
        if isinstance(error, jinja2.TemplateNotFound):
            name = str(error.name)
            return f"there is no template {shown(name)}{nearest(name, [*self.ours, *self.replaced])}"
        # Jinja quotes the template, so the message may be long and have any characters.
        words = " ".join(str(error).split())[:MAX_REASON] or type(error).__name__
        return words.encode("unicode_escape").decode("ascii")

    def check_syntax(self, name: str) -> None:
        """Check that a user's template can be parsed, does not include itself, and fills blocks that there are.

        Raises:
            TemplateError: it cannot be parsed, or refers to itself in place of the template that it replaces; or it
                extends a template and has a block that this has not, which would be left out.
        """
        path = self.replaced[name]
        try:
            parsed = self.environment.parse(read_text(path), name, str(path))
        except jinja2.TemplateSyntaxError as error:
            raise TemplateError(f"{self._place(error)}: {self._reason(error)}") from None
        if name in meta.find_referenced_templates(parsed):
            raise TemplateError(f"{path_shown(path)}: it takes itself; what it replaces is {shown(OURS + name)}")
        known = self._blocks_below(parsed, {name})
        unknown = [block for block in _outer_blocks(parsed) if known is not None and block.name not in known]
        if unknown and known is not None:
            block = unknown[0]
            raise TemplateError(
                f"{path_shown(path)}, line {block.lineno}: what it extends has no block "
                f"{shown(block.name)}{nearest(block.name, known) or ';'} {_choice(sorted(known))}"
            )

    def _blocks_below(self, parsed: nodes.Template, seen: set[str]) -> set[str] | None:
        """Return the names of the blocks of all that a template extends; None if it extends nothing that is known."""
        extended = parsed.find(nodes.Extends)
        name = extended.template.value if extended and isinstance(extended.template, nodes.Const) else None
        source = self._source(name) if isinstance(name, str) and name not in seen else None
        if source is None:
            return None
        try:
            base = self.environment.parse(*source)
        except jinja2.TemplateSyntaxError:
            return None  # of another file of the user, which is checked for itself
        own = {block.name for block in base.find_all(nodes.Block)}
        return own | (self._blocks_below(base, seen | {str(name)}) or set())


def _outer_blocks(node: nodes.Node) -> Iterator[nodes.Block]:
    """Yield the blocks of a template that stand in no other."""
    for child in node.iter_child_nodes():
        if isinstance(child, nodes.Block):
            yield child
        else:
            yield from _outer_blocks(child)


def _below(folder: Traversable, before: str) -> Iterator[tuple[str, Traversable]]:
    """Yield the templates in a folder and its subfolders, with their names."""
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _below(entry, f"{before}{entry.name}/")
        elif entry.name.endswith(".jinja"):
            yield before + entry.name, entry


def _shipped() -> dict[str, Traversable]:
    """Return symnet's templates: inside the installed package (a folder or a zip), or beside it in a checkout."""
    package = files("symnet")
    folder = next(folder for folder in (package / FOLDER, package / ".." / FOLDER) if folder.is_dir())
    return dict(sorted(_below(folder, "")))


SHIPPED = Templates(_shipped())
"""Symnet's templates."""

render = SHIPPED.render


def templates_of(given: str | Path | None, own: Traversable | None = None, name: str = "") -> Templates:
    """Return symnet's templates, with those of a user's folder in place of the same names.

    Args:
        given: the path of a user's folder; None for none. Its files have the names of templates, such as
            `numpy/module.py.jinja`; a file whose name begins with `_` can be included by the others.
        own: the folder of a target that has its templates beside its code.
        name: the prefix of the names of the target's templates.

    Raises:
        FileError: `given` is no path, or the folder or a file cannot be read.
        TemplateError: a file or the whole folder replaces no template, or a file cannot be parsed.
    """
    templates = SHIPPED if own is None else Templates({**SHIPPED.ours, **dict(_below(own, f"{name}/"))})
    if given is None:
        return templates
    folder = Path(path_of(given, "the folder of templates"))
    names = sorted(templates.ours.keys() - set(FIXED))
    replaced = dict(islice(_found(folder, "", names, folder), MAX_FILES + 1))
    if len(replaced) > MAX_FILES:
        raise TemplateError(f"{path_shown(folder)} has more than {MAX_FILES} files")
    if not replaced.keys() & set(names):
        raise TemplateError(f"{path_shown(folder)} replaces no template; {_choice(names)}")
    users = Templates(templates.ours, folder, replaced)
    for each in replaced:
        users.check_syntax(each)
    return users


def _found(folder: Path, before: str, known: Sequence[str], root: Path) -> Iterator[tuple[str, Path]]:
    """Yield the files in a folder below the root, with the names of the templates that they replace."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise FileError(f"cannot read the folder {path_shown(folder)}: {reason}") from None
    for entry in entries:
        name, path = before + entry.name, Path(folder, entry.name)
        if entry.is_symlink() and not _is_below(path, root):
            raise TemplateError(f"{path_shown(path)} is a link that leads to nothing inside {path_shown(root)}")
        if any(other.startswith(f"{name}/") for other in known):
            yield from _found(path, f"{name}/", known, root)
        elif name in known or entry.name.startswith(OWN):
            yield name, path
        elif not entry.name.startswith("."):
            raise TemplateError(
                f"{path_shown(path)} replaces no template{nearest(name, known) or ';'} {_choice(known)}"
            )


def _is_below(path: Path, root: Path) -> bool:
    """Whether what a path leads to, by links, lies in a folder; a link in a circle leads nowhere."""
    try:
        return path.resolve(strict=True).is_relative_to(root.resolve())
    except (OSError, RuntimeError):
        return False


def _choice(names: Sequence[str]) -> str:
    return f"those that there are: {', '.join(names)}"
