"""The docstrings of the public API: each name has an example, and every example is run."""

from doctest import DocTest, DocTestFinder, DocTestRunner

import pytest

import symnet

PUBLIC = sorted(set(symnet.__all__) - {"__version__"})


def examples_of(name: str) -> list[DocTest]:
    """The doctests of a public name, and of the methods and properties of a public class."""
    found = DocTestFinder().find(getattr(symnet, name), f"symnet.{name}", globs={"symnet": symnet})
    return [test for test in found if test.examples]


@pytest.mark.parametrize("name", PUBLIC)
def test_examples_hold(name):
    tests = examples_of(name)
    assert tests, f"symnet.{name} has no example"
    said: list[str] = []
    failed = sum(DocTestRunner(verbose=False).run(test, out=said.append).failed for test in tests)
    assert not failed, "".join(said)


def test_a_wrong_example_is_seen():
    def wrong():
        """
        >>> symnet.parse("2-1").sizes
        (2, 2)
        """

    (test,) = DocTestFinder().find(wrong, "wrong", globs={"symnet": symnet})
    assert DocTestRunner(verbose=False).run(test, out=lambda text: None).failed == 1
