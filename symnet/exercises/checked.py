"""Check a sheet: every equation is read back and evaluated on the network, and planted errors must be wrong."""

from __future__ import annotations

from collections.abc import Iterator

from symnet.check import check_document, reader_of
from symnet.exercises.finding import is_wrong
from symnet.exercises.header import header
from symnet.exercises.sheet import Sheet
from symnet.formats import Block, Document, Section
from symnet.pages import PageProgram, Values
from symnet.support import ReadingError, VerificationError


def assure(sheet: Sheet) -> None:
    """Check every equation of a sheet against its network.

    Raises:
        VerificationError: an equation does not hold or cannot be read, or one with a planted error holds; this is a
            bug in symnet.
    """
    for message in faults_of(sheet):
        raise VerificationError(message)


def faults_of(sheet: Sheet) -> Iterator[str]:
    """Yield what is wrong with a sheet, one message for each fault."""
    setting = sheet.setting
    yield from _faults("the network", header(setting).blocks, setting.checked(setting.single), None)
    for number, problem in enumerate(sheet.items, start=1):
        page = setting.checked(problem.page)
        where = f"exercise {number} ({problem.kind})"
        yield from _faults(where, (*problem.right_part_of_task, *problem.solution), page, problem.values)
        if problem.planted is not None and not is_wrong(reader_of(page), problem.planted):
            yield f"{where}: the equation with an error cannot be told from a correct one"


def _faults(where: str, blocks: tuple[Block, ...], page: PageProgram, values: Values | None) -> Iterator[str]:
    document = Document("", "", (Section("", blocks),))
    try:
        found = check_document(document, page, values)
    except ReadingError as error:
        yield f"{where}: an equation cannot be read back: {error}"
        return
    yield from (f"{where}: {finding.message}" for _, finding in found)
