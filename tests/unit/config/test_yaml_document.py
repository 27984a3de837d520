import pytest

from extauthz.config.document import Document, Place
from extauthz.config.key_path import dotted
from extauthz.config.yaml_document import CONFIG_SIZE, NESTING, read_document


def read(text: str | bytes) -> tuple[Document | None, list[str]]:
    document, mistakes = read_document(text.encode() if isinstance(text, str) else text)
    return document, [f"{one.place.line}:{one.place.column}: {dotted(one.path)}: {one.message}" for one in mistakes]


def value_of(text: str) -> object:
    document, mistakes = read(text)
    assert mistakes == []
    assert document is not None
    return document.value


def test_every_value_and_key_has_its_place() -> None:
    document, mistakes = read("a:\n  b: [x, {c: 1}]\n'd e':\n- 2\n")
    assert mistakes == []
    assert document is not None
    assert document.value == {"a": {"b": ["x", {"c": 1}]}, "d e": [2]}
    assert document.keys == {
        ("a",): Place(1, 1),
        ("a", "b"): Place(2, 3),
        ("a", "b", 1, "c"): Place(2, 11),
        ("d e",): Place(3, 1),
    }
    assert document.values == {
        (): Place(1, 1),
        ("a",): Place(2, 3),
        ("a", "b"): Place(2, 6),
        ("a", "b", 0): Place(2, 7),
        ("a", "b", 1): Place(2, 10),
        ("a", "b", 1, "c"): Place(2, 14),
        ("d e",): Place(4, 1),
        ("d e", 0): Place(4, 3),
    }


def test_json_is_a_subset() -> None:
    text = '{\n\t"a":1,\n\t"b":["\\/",true,null,-1.5e2,"\\ud83d\\ude00"], "c":{}}'
    assert value_of(text) == {"a": 1, "b": ["/", True, None, -150.0, "😀"], "c": {}}


@pytest.mark.parametrize("text", ["%YAML 1.2\n---\na: 1\n", "---\na: 1\n...\n", "\ufeffa: 1\r\n", "# only\na: 1"])
def test_document_markers_byte_order_mark_and_comments_are_fine(text: str) -> None:
    assert value_of(text) == {"a": 1}


def test_quoted_scalars_are_text_whatever_they_look_like() -> None:
    assert value_of('- "1"\n- \'true\'\n- ""\n- |-\n  null\n') == ["1", "true", "", "null"]


def test_all_duplicate_keys_are_reported_with_the_first_and_the_first_is_kept() -> None:
    document, mistakes = read("a: 1\nb: {c: 1, c: 2}\na: {x: [1, {y: 2}]}\na: 3\n")
    assert mistakes == [
        "2:11: b.c: duplicate key; the first one is at 2:5; keep one of them",
        "3:1: a: duplicate key; the first one is at 1:1; keep one of them",
        "4:1: a: duplicate key; the first one is at 1:1; keep one of them",
    ]
    assert document is not None
    assert document.value == {"a": 1, "b": {"c": 1}}


def test_refused_values_stand_as_none_and_are_marked() -> None:
    document, mistakes = read("a: &x 1\nb: *x\nc: .inf\nd: [1, *x]\n")
    assert mistakes == [
        "1:4: a: the anchor `&x` is not allowed; remove it",
        "2:4: b: an alias is not allowed; write the value out here",
        "3:4: c: '.inf' is no number that a setting can use",
        "4:8: d[1]: an alias is not allowed; write the value out here",
    ]
    assert document is not None
    assert document.value == {"a": 1, "b": None, "c": None, "d": [1, None]}
    assert document.refused == {("b",), ("c",), ("d", 1)}


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("a: !!str 1", "1:4: a: the tag `tag:yaml.org,2002:str` is not allowed; remove it"),
        ("a: !x [1]", "1:4: a: the tag `!x` is not allowed; remove it"),
        ("a: 1\n<<: {b: 2}", '2:1: ["<<"]: merge keys are not allowed; write the keys out here'),
        ("1: a", "1:1: : the key `1` is not text; write it in quotes"),
        ("true: a", "1:1: : the key `true` is not text; write it in quotes"),
        (": a", "1:1: : the key `` is not text; write it in quotes"),
        ("x: {.nan: 1}", "1:5: x: this key cannot be used: '.nan' is no number that a setting can use"),
        ('"a\\0": 1', "1:1: : this key cannot be used: a value may not hold the character U+0000"),
        ("? [a, {b: c}]\n: 1", "1:3: : a key must be plain text, not an alias, a list or a mapping"),
        ("&k a: 1", "1:1: : a key must be plain text; remove its anchor or tag"),
        ("!!str a: 1", "1:1: : a key must be plain text; remove its anchor or tag"),
        ('a: "\\0"', "1:4: a: a value may not hold the character U+0000"),
        ('a: "x\\u202ey"', "1:4: a: a value may not hold the character U+202E"),
        ('a: ["b\\ud800"]', "1:5: a[0]: a value may not hold the character U+D800"),
        ("a: 1\n---\nb: 2", "2:1: : a second document starts here; keep one document in the file"),
        ("%YAML 1.1\n---\na: 1", "2:1: : only YAML 1.2 is read; remove the %YAML directive"),
    ],
)
def test_what_is_not_plain_yaml_is_refused_at_its_place(text: str, mistake: str) -> None:
    assert read(text)[1] == [mistake]


def test_quoted_merge_key_is_an_ordinary_key() -> None:
    assert value_of('"<<": 1') == {"<<": 1}


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        (b"", "1:1: : the file is empty; it must start with `version: 1`"),
        (b"# nothing\n", "1:1: : the file is empty; it must start with `version: 1`"),
        (b"a: 1\nb: \xff", "2:4: : the byte 0xff is not UTF-8; save the file as UTF-8"),
        (b"\xff\xfea\x00", "1:1: : the byte 0xff is not UTF-8; save the file as UTF-8"),
        (b"\xc3\xa4\r\n\xc3\xa4: \xc3", "2:4: : the byte 0xc3 is not UTF-8; save the file as UTF-8"),
        (b"a: 1\rb: \x00", "2:4: : the control character U+0000 may not stand in a YAML file; remove it"),
        (
            "# harmless\u2028b: 1".encode(),
            "1:11: : the control character U+2028 may not stand in a YAML file; remove it",
        ),
        (
            b"a: [1,\n",
            "2:1: : this is not valid YAML: while parsing a flow node, expected the node content,",
        ),
        (
            b"a:\n  b: 1\n c: 2",
            "3:2: : this is not valid YAML: while parsing a block mapping, expected <block end>,",
        ),
        (
            b'a: 1\nb: "\\UFFFFFFFF"',
            "2:1: : this is not valid YAML near here: ",
        ),
    ],
)
def test_what_cannot_be_read_at_all_gives_no_document(text: bytes, mistake: str) -> None:
    document, mistakes = read(text)
    assert document is None
    # How a sentence of the parser ends is its own affair.
    assert [one[: len(mistake)] for one in mistakes] == [mistake]


def test_mistakes_before_a_syntax_error_are_reported_with_it() -> None:
    document, mistakes = read("a: 1\na: 2\nb: ]\n")
    assert document is None
    assert mistakes[0] == "2:1: a: duplicate key; the first one is at 1:1; keep one of them"
    assert mistakes[1].startswith("3:4: : this is not valid YAML: ")
    assert len(mistakes) == 2


def test_largest_file_is_read_and_one_more_byte_is_not() -> None:
    padding = b"#" * (CONFIG_SIZE - len(b"a: 1\n"))
    assert read(b"a: 1\n" + padding)[1] == []
    assert read(b"a: 1\n" + padding + b"#") == (
        None,
        ["1:1: : the file is larger than 1048576 bytes, the most that is read"],
    )


@pytest.mark.parametrize("opening", ["[", "{a: "])
def test_nesting_is_bounded(opening: str) -> None:
    assert read(opening * NESTING + "1" + ("]" if opening == "[" else "}") * NESTING)[1] == []
    document, mistakes = read(opening * (NESTING + 1) + "1")
    assert document is None
    assert [one.rpartition(": ")[2] for one in mistakes] == ["the value is nested more than 32 levels deep"]


@pytest.mark.parametrize("text", ["a: 1\na: " + "[" * 500, "? " + "[" * 500, "1: " + "[" * 500])
def test_nesting_is_bounded_in_what_is_skipped(text: str) -> None:
    document, mistakes = read(text)
    assert document is None
    assert mistakes[-1].endswith("the value is nested too deep")


@pytest.mark.parametrize("text", ["[" * 500_000, "{a: " * 200_000, "- " * 400_000, "? " * 100_000])
def test_deep_input_of_the_largest_size_is_refused(text: str) -> None:
    assert read(text)[0] is None


def test_place_of_something_that_is_not_there_is_that_of_its_closest_ancestor() -> None:
    document, _ = read("a:\n  b: 1\n")
    assert document is not None
    assert document.place_of_key(("a", "b")) == Place(2, 3)
    assert document.place_of_key(("a", "c", 1)) == Place(2, 3)
    assert document.place_of_value(("a",)) == Place(2, 3)
    assert document.place_of_value(("a", "b")) == Place(2, 6)
    assert document.place_of_value(("x",)) == Place(1, 1)
    assert Document(None).place_of_value(()) == Place(1, 1)
