"""The errors a user can meet. Every message is one line: what is wrong, where, what is allowed."""


class SymnetError(Exception):
    """Root of all errors that symnet raises on purpose."""


class ArchitectureError(SymnetError):
    """The description of a network is wrong: an unknown name, a size out of range, a pair that does not fit."""


class OptionError(SymnetError):
    """An option is none of its choices, or does not go with another."""


class ExpressionError(SymnetError):
    """A formula given by the user lies outside the expression grammar."""


class NotDifferentiableError(SymnetError):
    """A gradient was asked of a function that has none to train with."""


class VerificationError(SymnetError):
    """A program breaks a rule of its form: an unbound index, a shape that differs, a use before the definition."""


class LoweringError(SymnetError):
    """An equation has no array form that the lowering knows."""


class GradcheckError(SymnetError):
    """A gradient check cannot be run on what was given."""


class NotationError(SymnetError):
    """A notation profile is malformed, or cannot write what it is asked to."""


class ReadingError(SymnetError):
    """A printed formula cannot be read back: at which character, and what was expected there."""


class ExerciseError(SymnetError):
    """An exercise cannot be set: an unknown kind, or a network that has nothing to ask of it."""


class FileError(SymnetError):
    """A file cannot be read or written as asked."""


class TemplateError(SymnetError):
    """A user's template cannot be rendered, or takes the place of none of symnet's."""


def located(error: SymnetError, where: str) -> SymnetError:
    """The same kind of error with the place put before its message."""
    return type(error)(f"{where}: {error}")
