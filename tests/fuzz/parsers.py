"""Fuzz one parser with atheris, or all in turn: `python tests/fuzz/parsers.py [--seconds 60] [NAME ...]`.

What is found is left in `build/fuzz/NAME-crash-*`, and the corpora in `build/fuzz/NAME/`, from which a later run
goes on. A text fails that is answered with any error but a `SymnetError` in one line of ASCII, that takes more
work than is done in a second (`tests/helpers/work.py`), or of which something does not hold that is asserted in
`entrances.py`.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

import atheris

TESTS = Path(__file__).parents[1]
FOUND = TESTS.parent / "build" / "fuzz"
INSTRUMENTED = ("symnet", "lark", "tomllib", "ast")
LARGEST = 2_000
"""Bytes of a text."""

sys.path.insert(0, str(TESTS / "helpers"))
with atheris.instrument_imports(include=list(INSTRUMENTED), enable_loader_override=False):
    from entrances import ENTRANCES, accepted, refusal


def prepared(name: str) -> list[str]:
    """The arguments of libFuzzer for one parser, its seeds and its dictionary written."""
    corpus = FOUND / name
    corpus.mkdir(parents=True, exist_ok=True)
    entrance = ENTRANCES[name]
    for number, seed in enumerate(entrance.seeds):
        (corpus / f"seed-{number}").write_text(seed, encoding="utf-8")
    words = ("".join(f"\\x{byte:02x}" for byte in word.encode()) for word in (*entrance.words, "\u202e", "\uff12"))
    dictionary = FOUND / f"{name}.dict"
    dictionary.write_text("".join(f'"{word}"\n' for word in words), encoding="ascii")
    return [str(corpus), f"-dict={dictionary}", f"-artifact_prefix={FOUND / name}-", f"-max_len={LARGEST}"]


def fuzz(name: str, seconds: int) -> None:
    """Run one parser on mutated texts; libFuzzer ends the process."""
    entrance = ENTRANCES[name]

    def one(data: bytes) -> None:
        accepted(entrance, data.decode("utf-8", "replace"))

    refusal(entrance.read, entrance.seeds[0])  # What is imported on first use is not to be counted.
    for seed in entrance.seeds:
        one(seed.encode())
    atheris.Setup([sys.argv[0], *prepared(name), f"-max_total_time={seconds}", "-timeout=600"], one)
    atheris.Fuzz()


def main() -> None:
    """Fuzz the parser that is named, or each of several in a process of its own."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seconds", type=int, default=60, help="for each parser")
    arguments.add_argument("names", nargs="*", metavar="NAME", help=", ".join(ENTRANCES))
    given = arguments.parse_args()
    names = given.names or list(ENTRANCES)
    unknown = [name for name in names if name not in ENTRANCES]
    if unknown:
        arguments.error(f"unknown parser {unknown[0]}; known: {', '.join(ENTRANCES)}")
    if len(names) == 1:
        fuzz(names[0], given.seconds)
    again = [sys.executable, __file__, "--seconds", str(given.seconds)]
    failed = [name for name in names if subprocess.run([*again, name], check=False).returncode != 0]
    sys.exit(f"failures in {', '.join(failed)}; see {FOUND}" if failed else 0)


if __name__ == "__main__":
    main()
