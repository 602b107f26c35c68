"""The errors that symnet raises. Every message is one line: what is wrong, where, and what is allowed."""


class SymnetError(Exception):
    """Base class of all errors that symnet raises on purpose.

    >>> try:
    ...     symnet.parse("2-2.5-1")
    ... except symnet.SymnetError as error:
    ...     print(error)
    layer 1: the number of units is '2.5'; a whole number from 1 to 1,000,000 is needed
    """


class ArchitectureError(SymnetError):
    """The description of a network is wrong: an unknown name, a size out of range, parts that do not fit together."""


class OptionError(SymnetError):
    """An option has an unknown value, or conflicts with another option."""


class ExpressionError(SymnetError):
    """A formula given by the user lies outside the expression grammar."""


class NotDifferentiableError(SymnetError):
    """A gradient was requested of a function whose derivative is missing, or 0 everywhere."""


class VerificationError(SymnetError):
    """A program is not well formed: an unbound index, a wrong shape, a use before the definition."""


class LoweringError(SymnetError):
    """The lowering has no array form for an equation."""


class GradcheckError(SymnetError):
    """A gradient check cannot be run on the given module or with the given options."""


class NotationError(SymnetError):
    """A notation profile is malformed, or cannot write the requested page."""


class ReadingError(SymnetError):
    """A formula cannot be read: at which character, and what was expected there."""


class ExerciseError(SymnetError):
    """An exercise cannot be set: an unknown kind, or a network without what the kind needs."""


class FileError(SymnetError):
    """A file cannot be read or written."""


class TemplateError(SymnetError):
    """A user's template cannot be rendered, or takes the place of none of symnet's."""


def located(error: SymnetError, where: str) -> SymnetError:
    """An error of the same type whose message starts with the place."""
    return type(error)(f"{where}: {error}")
