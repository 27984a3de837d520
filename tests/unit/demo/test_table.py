from extauthz.demo.table import MINIMUM, WIDTH, Column, render_table


def test_columns_are_as_wide_as_their_widest_cell() -> None:
    lines = render_table([Column("name"), Column("ms", right=True)], [["alice", "1.5"], ["bo", "10.5"]])
    assert lines == [
        "name     ms",
        "-----  ----",
        "alice   1.5",
        "bo     10.5",
    ]


def test_a_table_without_rows_is_its_head() -> None:
    assert render_table([Column("name")], []) == ["name", "----"]


def test_the_widest_column_that_may_be_cut_gives_way() -> None:
    columns = [Column("fixed"), Column("long", may_be_cut=True), Column("short", may_be_cut=True)]
    lines = render_table(columns, [["f" * 40, "x" * 100, "y" * 20]], width=100)
    assert max(map(len, lines)) == 100
    assert "f" * 40 in lines[2]
    assert "y" * 20 in lines[2]
    assert lines[2].split()[1] == "x" * 33 + "..."


def test_no_column_is_cut_below_the_minimum() -> None:
    lines = render_table([Column("a" * 50), Column("b", may_be_cut=True)], [["", "x" * 30]], width=20)
    assert lines[2].strip() == "x" * (MINIMUM - 3) + "..."
    assert len(lines[0]) > 20


def test_nothing_but_printable_ascii_is_shown() -> None:
    lines = render_table([Column("name")], [["Zo\u00eb\x1b[31m\n"]])
    assert lines[2] == "Zo??[31m?"


def test_a_table_is_at_most_120_columns_wide() -> None:
    assert WIDTH == 120
