"""Notation profiles: the built-in ones, a user's own, what is refused, and that the page about them is true."""

from __future__ import annotations

import itertools
import json
import re
import runpy
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symnet.notation.clashes import SOMETIMES_ON_THE_PAGE, check_free
from symnet.notation.conventions import INDICES, SYMBOLS, Notation, letter
from symnet.notation.profile import load_notation, notation_names, notation_rows, read_notation
from symnet.support.errors import FileError, NotationError

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "notations.md").read_text(encoding="utf-8")
DOCS = runpy.run_path(str(ROOT / "tools" / "notations.py"))

NAMES = notation_names()
KEYS = [entry.name for entry in fields(Notation)]
CHOSEN_LETTERS = [key for key in (*SYMBOLS, *INDICES) if key != "spare"]


def toml(value: Any) -> str:
    """A value as TOML, in one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(str(key))} = {toml(entry)}" for key, entry in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(toml, value)) + "]"
    return json.dumps(value).replace("\x7f", "\\u007f").replace("NaN", "nan").replace("Infinity", "inf")


def written(values: dict[str, Any]) -> str:
    return "\n".join(f"{key} = {toml(value)}" for key, value in values.items())


# The built-in profiles


def test_every_note_and_book_has_its_profile() -> None:
    notes = {"bishop", "downie", "hjorth-jensen", "bessa", "trujillo"}
    assert set(NAMES) == notes | {"nielsen", "goodfellow", "ng", "d2l", "symnet"}


@pytest.mark.parametrize("name", NAMES)
def test_a_built_in_profile_says_whose_it_is(name: str) -> None:
    notation = load_notation(name)
    assert notation.name == name
    assert notation.title
    assert notation.source
    assert load_notation(name) is notation
    assert (name, notation.title) in notation_rows()


@pytest.mark.parametrize("name", NAMES)
def test_no_two_things_on_a_page_have_one_letter(name: str) -> None:
    """Counted again, by other code than that which refuses profiles."""
    notation = load_notation(name)
    written_as: dict[str, set[str]] = {}
    for key in (*SYMBOLS, *INDICES):
        if key == "bias" and notation.bias_index:
            continue
        value = getattr(notation, key)
        for text in value if isinstance(value, tuple) else filter(None, [value]):
            written_as.setdefault(re.sub("^(bold|upright) ", "", text), set()).add(key)
    assert {frozenset(keys) for keys in written_as.values() if len(keys) > 1} <= {frozenset(("before", "after"))}
    assert not {"e", "pi", notation.variable} & set(written_as)
    assert len(set(notation.spare)) == len(notation.spare)


@pytest.mark.parametrize("name", NAMES)
def test_a_profile_written_out_is_read_again(name: str) -> None:
    """Every key of every profile goes through the checks of a user's file."""
    notation = load_notation(name)
    again = read_notation(written({key: getattr(notation, key) for key in KEYS}), "own.toml")
    assert again == notation


def test_the_losses_that_are_usual_in_a_notation() -> None:
    assert load_notation("downie").usual_loss == "squared_error"
    assert load_notation("bishop").usual_loss == "half_squared_error"
    assert load_notation("bishop").usual_reduction == "sum"
    assert load_notation("nielsen").usual_reduction == "mean"


# A user's own


def test_a_profile_of_ones_own_takes_the_rest_from_its_base(tmp_path: Path) -> None:
    path = tmp_path / "Our course.toml"
    path.write_text('base_profile = "bishop"\nerror = "epsilon"\nbase = 1\nspare = ["p", "q", "g"]\n', encoding="utf-8")
    own, base = load_notation(str(path)), load_notation("bishop")
    assert (own.error, own.spare) == ("epsilon", ("p", "q", "g"))
    others = set(KEYS) - {"error", "spare", "name", "title", "source", "remarks"}
    assert all(getattr(own, key) == getattr(base, key) for key in others)
    assert (own.name, own.title, own.source, own.remarks) == ("Our course", "Our course", "", ())


def test_spare_letters_make_room_unless_they_are_given() -> None:
    base = load_notation("symnet")
    assert base.spare == ("m", "p", "q", "t")
    assert read_notation('target = "t"', "own.toml").spare == ("m", "p", "q", "o")
    taken = dict(zip(("target", "rate", "loss", "size", "function"), "mpqto", strict=True))
    assert read_notation(written(taken), "own.toml").spare == ("g", "h", "w")
    with pytest.raises(NotationError, match="target and spare are both 't'"):
        read_notation('target = "t"\nspare = ["m", "p", "t"]', "own.toml")


def test_the_base_is_symnet_where_none_is_named() -> None:
    own = read_notation('title = "t"', "own.toml")
    assert (own.title, own.name, own.weight_order) == ("t", "own", load_notation("symnet").weight_order)


@pytest.mark.parametrize("where", ["", ".toml", "x" * 50 + ".toml", "a\x1b[31mb.toml", "\ud800.toml"])
def test_a_file_whose_name_cannot_be_printed(where: str) -> None:
    assert read_notation("", where).name.isprintable()


def test_before_and_after_may_be_one_letter() -> None:
    assert read_notation('before = "k"\nafter = "k"', "own.toml").before == "k"


def test_the_letter_of_a_bias_is_free_where_it_is_a_weight() -> None:
    assert read_notation('bias = "W"\nbias_index = "0"', "own.toml").bias_index == "0"


@pytest.mark.parametrize("style", ["hat", "tilde", "bar", "calligraphic", "bb"])
def test_a_letter_in_another_style_is_another_letter(style: str) -> None:
    assert read_notation(f'target = "{style} x"', "own.toml").target == f"{style} x"


def test_the_variable_of_a_definition_makes_room() -> None:
    assert load_notation("bessa").variable == "v"
    assert load_notation("bishop").variable == "u"


# What is refused

WRONG = [
    ("colour", "red", "unknown key 'colour'", "known: activation, after"),
    ("weight_oder", "to-from", "unknown key 'weight_oder'; did you mean 'weight_order'?"),
    ("base_profile", "nielson", "base_profile: unknown notation 'nielson'; did you mean 'nielsen'?", "ng"),
    ("base_profile", 3, "base_profile: unknown notation '3'"),
    ("weight_order", "tofrom", "weight_order is 'tofrom'; allowed: 'to-from', 'from-to'"),
    ("layer_mark", "below", "layer_mark is 'below'; allowed: 'superscript', 'parenthesised', 'bracketed'"),
    ("base", 2, "base is '2'; allowed: 0, 1"),
    ("base", True, "base is 'True'; allowed: 0, 1"),
    ("base", 1.0, "base is '1.0'; allowed: 0, 1"),
    ("half", 1, "half is '1'; allowed: true, false"),
    ("mean", "yes", "mean is 'yes'; allowed: true, false"),
    ("separator", ";", "separator is ';'; allowed: '', ','"),
    ("transpose", ["T"], "transpose is", "allowed: 'T', 'top', 'prime'"),
    ("loss", "CC", "loss: 'CC' is not a letter"),
    ("loss", "\\input{x}", "loss:", "is not a letter"),
    ("loss", "hat  y", "loss:", "is not a letter"),
    ("loss", "hat hat y", "loss:", "is not a letter"),
    ("loss", "", "loss: '' is not a letter"),
    ("loss", "C\n", "loss:", "is not a letter"),
    ("loss", 3, "loss is '3'; a letter in quotes is needed"),
    ("loss", ["C"], "loss is", "a letter in quotes is needed"),
    ("spare", "mpq", "spare is 'mpq'; a list of 3 to 12 is needed"),
    ("spare", ["m"], "spare is", "a list of 3 to 12 is needed"),
    ("spare", ["m", "p", "pq"], "spare[2]: 'pq' is not a letter"),
    ("spare", ["m", "p", 3], "spare[2] is '3'; a letter in quotes is needed"),
    ("spare", ["m", "p", "m"], "spare has 'm' twice"),
    ("spare", ["m", "p", "i"], "before and spare are both 'i'"),
    ("title", "t" * 201, "title has 201 characters; at most 200 are allowed"),
    ("title", "a\u202eb", "title is", "printable"),
    ("title", "two\nlines", "title is", "printable"),
    ("title", 3, "title is '3'; text in quotes is needed"),
    ("name", "n" * 41, "name has 41 characters"),
    ("source", "s" * 201, "source has 201 characters"),
    ("remarks", "one", "remarks is 'one'; a list of 0 to 20 is needed"),
    ("remarks", ["r"] * 21, "remarks is", "a list of 0 to 20 is needed"),
    ("remarks", ["r" * 501], "remarks[0] has 501 characters; at most 500 are allowed"),
    ("remarks", ["\x1b[31m"], "remarks[0] is", "printable"),
    ("activation", "z", "pre_activation and activation are both 'z'"),
    ("bias", "W", "weight and bias are both 'W'"),
    ("target", "x", "input and target are both 'x'"),
    ("target", "bold x", "input and target are both 'x'"),
    ("layer", "j", "own and layer are both 'j'"),
    ("own", "i", "own and before are both 'i'"),
    ("after", "j", "own and after are both 'j'"),
    ("example", "k", "after and example are both 'k'"),
    ("examples", "n", "examples and example are both 'n'"),
    ("last_layer", "l", "layer and last_layer are both 'l'"),
    ("size", "C", "loss and size are both 'C'"),
    ("size", "A", "activation is 'A' as a matrix, and so is size"),
    ("loss", "X", "input is 'X' as a matrix, and so is loss"),
    ("target", "w", "weight is 'W' as a matrix, and so is target"),
    ("bias", "N", "bias and examples are both 'N'"),
    ("output", "a", "activation and output are both 'a'"),
    ("rate", "e", "rate is e, which is the exponential"),
    ("rate", "pi", "rate is pi, which is the number"),
    ("rate", "u", "rate is u, which is the variable"),
    ("derivative", "d", "size is d, which is the derivative"),
]


@pytest.mark.parametrize(("key", "value", "words"), [(key, value, words) for key, value, *words in WRONG])
def test_what_a_profile_may_not_say(key: str, value: object, words: list[str]) -> None:
    with pytest.raises(NotationError) as caught:
        read_notation(written({key: value}), "own.toml")
    message = str(caught.value)
    assert message.startswith("'own.toml': ")
    assert "\n" not in message
    assert message.isascii()
    for word in words:
        assert word in message


def test_a_vector_in_lower_case_is_not_another_letter() -> None:
    single = 'batch = "single"\nactivation = "A"\nfunction = "a"'
    with pytest.raises(NotationError, match="activation is 'a' as a vector, and so is function"):
        read_notation(single, "own.toml")
    assert read_notation(single.replace("single", "rows"), "own.toml").function == "a"
    assert read_notation(single.replace('"a"', '"f"'), "own.toml").activation == "A"


def test_a_unit_zero_cannot_be_a_bias_and_a_unit() -> None:
    with pytest.raises(NotationError, match=r"bias_index is '0'.*base = 1 is needed"):
        read_notation('bias_index = "0"\nbase = 0', "own.toml")


def test_a_layer_is_not_called_as_the_transpose_is() -> None:
    assert read_notation('last_layer = "T"\ntranspose = "top"', "own.toml").last_layer == "T"
    with pytest.raises(NotationError, match="last_layer is T, which is the transpose"):
        read_notation('last_layer = "T"\ntranspose = "T"', "own.toml")


def test_the_pre_activation_u_takes_v_for_the_variable() -> None:
    with pytest.raises(NotationError, match="rate is v, which is the variable"):
        read_notation('pre_activation = "u"\nrate = "v"', "own.toml")


@pytest.mark.parametrize(("one", "other"), list(itertools.combinations(CHOSEN_LETTERS, 2)))
def test_any_two_letters_that_are_the_same_are_refused(one: str, other: str) -> None:
    """But for those of the layers before and after: the check leaves no pair out."""
    text = written({one: "bar w", other: "bar w"})
    if {one, other} == {"before", "after"}:
        assert read_notation(text, "own.toml")
        return
    with pytest.raises(NotationError, match="are both 'bar w'"):
        read_notation(text, "own.toml")


@pytest.mark.parametrize(
    "text",
    [
        "loss = ",
        "loss",
        "\x00",
        'loss = "C"\nloss = "J"',
        "a = " + "[" * 5_000,
        "base = 1" + "0" * 5_000,
        "half = 1979-05-27T07:32:00Z",
        "[loss]\nletter = 'C'",
        "[[spare]]\nletter = 'm'",
        "base = nan",
        '"__class__" = 1',
        "loss = '{loss.__class__}'",
        f"{'k' * 100_000} = 1",
    ],
)
def test_hostile_text_is_one_line(text: str) -> None:
    with pytest.raises(NotationError) as caught:
        read_notation(text, "own.toml")
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 1_000


@pytest.mark.parametrize("name", ["nielson", "", "../profiles/symnet", "symnet.TOML", "Bishop", "__init__"])
def test_an_unknown_name_is_answered_with_the_known_ones(name: str) -> None:
    with pytest.raises(NotationError, match=r"unknown notation .*known: bessa, bishop.*or a file that ends in \.toml"):
        load_notation(name)


@pytest.mark.parametrize("name", ["absent.toml", ".toml", "\0.toml"])
def test_a_file_that_cannot_be_read(name: str) -> None:
    with pytest.raises(FileError, match="cannot read"):
        load_notation(name)


@pytest.mark.parametrize("name", NAMES)
def test_letters_that_only_some_networks_need(name: str) -> None:
    check_free(load_notation(name), SOMETIMES_ON_THE_PAGE)


@pytest.mark.parametrize(
    ("key", "taken", "needed", "meaning"),
    [
        ("function", "phi", "varphi", "density"),
        ("rate", "beta", "beta", "precision"),
        ("loss", "Omega", "Omega", "penalty"),
    ],
)
def test_a_taken_letter_is_refused_where_a_network_needs_it(key: str, taken: str, needed: str, meaning: str) -> None:
    notation = read_notation(f'{key} = "{taken}"', "own.toml")
    with pytest.raises(NotationError, match=rf"notation 'own' has {needed} for its {key}.*{meaning}"):
        check_free(notation, [needed])


LETTERS = st.sampled_from(
    [*"abcdefghijklmnopqrstuvwxyzCEJLNT", "hat y", "delta", "bb L", "calligraphic L", "bold x", ""]
)
CHOICES = st.sampled_from(["", "0", "to-from", "from-to", "target", "source", ",", "superscript", "subscript", "rows"])
ANYTHING = st.recursive(
    st.none().map(str)
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.sampled_from(["a", "b"]), inner, max_size=2),
    max_leaves=5,
)
VALUES = LETTERS | CHOICES | st.sampled_from([0, 1, True, False]) | st.lists(LETTERS, max_size=5) | ANYTHING


@given(st.dictionaries(st.sampled_from([*KEYS, "base_profile", "other"]), VALUES, max_size=6))
def test_any_values_give_a_notation_or_one_line(values: dict[str, Any]) -> None:
    read_or_refuse(written(values))


@given(st.dictionaries(st.sampled_from(CHOSEN_LETTERS), LETTERS, max_size=3))
def test_any_letters_give_a_notation_or_one_line(values: dict[str, Any]) -> None:
    read_or_refuse(written(values))


@given(st.text())
def test_any_text_gives_a_notation_or_one_line(text: str) -> None:
    read_or_refuse(text)


def read_or_refuse(text: str) -> None:
    """Anything but a notation or its error is raised, and fails the test."""
    problem, notation = "", None
    try:
        notation = read_notation(text, "own.toml")
    except NotationError as error:
        problem = str(error)
    assert problem.isprintable()
    assert bool(problem) != bool(notation)
    if notation:
        assert set(vars(notation)) == set(KEYS)
        assert hash(notation) == hash(read_notation(text, "own.toml"))
        assert all(letter(text) for texts in notation.letters().values() for text in texts)


# The page


def test_the_page_is_what_the_profiles_make_of_it() -> None:
    """`python tools/notations.py` writes it anew."""
    assert DOCS["written"](PAGE) == PAGE


def test_the_page_lists_every_key_and_every_remark() -> None:
    assert set(DOCS["MEANINGS"]) == set(KEYS)
    for name in NAMES:
        notation = load_notation(name)
        assert notation.source in PAGE
        assert all(f"- {remark}\n" in PAGE for remark in notation.remarks)


def test_a_drifted_page_is_seen() -> None:
    drifted = PAGE.replace("w_{ji}^{(l)}", "w_{ij}^{(l)}")
    assert drifted != PAGE
    assert DOCS["written"](drifted) == PAGE
    with pytest.raises(AssertionError, match="0 parts table"):
        DOCS["written"](PAGE.replace("<!-- table -->", ""))


def test_the_example_of_the_page_is_a_profile() -> None:
    (example,) = re.findall(r"^```toml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    own = read_notation(example, "mine.toml")
    assert (own.loss, own.output, own.layer_mark, own.weight) == ("calligraphic L", "hat t", "bracketed", "w")
    for line in (line for line in example.splitlines() if " = " in line):
        key = line.partition(" = ")[0]
        assert key == "base_profile" or getattr(own, key) != getattr(load_notation("nielsen"), key)
