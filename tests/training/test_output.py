"""What is printed by libraries goes to a file, and what comes after it to the screen again."""

import os
import sys
import threading

import pytest

from trickbook.training.output import printed_to, quiet_import


def test_descriptors_come_back_whichever_thread_redirects_them_last(tmp_path, capfd):
    first_holds, second_holds, first_is_done = (threading.Event() for _ in range(3))

    def first():
        with printed_to(tmp_path / "first.txt"):
            first_holds.set()
            second_holds.wait(0.5)  # in vain: it waits for the end of this block
            os.write(1, b"of the first")
        first_is_done.set()

    def second():
        first_holds.wait(10)
        with printed_to(tmp_path / "second.txt"), printed_to(tmp_path / "within.txt"):
            second_holds.set()
            first_is_done.wait(10)
            os.write(2, b"of the second")

    threads = [threading.Thread(target=one) for one in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    os.write(1, b"on the screen")
    os.write(2, b"on the screen, too")
    assert tuple(capfd.readouterr()) == ("on the screen", "on the screen, too")
    assert (tmp_path / "first.txt").read_bytes() == b"of the first"
    assert (tmp_path / "second.txt").read_bytes() == b""
    assert (tmp_path / "within.txt").read_bytes() == b"of the second"


@pytest.mark.parametrize(
    ("name", "shown"),
    [("dropout", True), (f"{__name__}:Mine", True), ("a_module_to_come:Mine", False)],
)
def test_nothing_is_kept_off_the_screen_where_nothing_is_imported(name, shown, capfd):
    assert __name__ in sys.modules
    with quiet_import(name):
        os.write(1, b"hello")
    assert capfd.readouterr().out == ("hello" if shown else "")
