from __future__ import annotations

import io

from batches.terminal import Terminal


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_progress_line_is_replaced_by_the_next_output() -> None:
    screen = Screen()
    terminal = Terminal(screen, shows_progress=True)
    terminal.progress("page 1")
    terminal.write("a line\n")
    assert screen.getvalue() == "\r\x1b[Kpage 1\r\x1b[Ka line\n"


def test_a_progress_line_is_one_line_that_does_not_wrap() -> None:
    screen = Screen()
    Terminal(screen, shows_progress=True).progress("a\nb" + "x" * 200)
    assert "\n" not in screen.getvalue()
    assert len(screen.getvalue()) < 90


def test_there_is_no_progress_in_a_file_nor_when_not_wanted() -> None:
    file, screen = io.StringIO(), Screen()
    Terminal(file, shows_progress=True).progress("page 1")
    Terminal(screen, shows_progress=False).progress("page 1")
    assert (file.getvalue(), screen.getvalue()) == ("", "")
