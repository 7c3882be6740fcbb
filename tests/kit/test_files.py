"""Whole files, replaced: bytes, leftovers, and what a failure leaves behind."""

import os

import pytest

from src.kit import files
from src.kit.errors import Locked


def test_a_file_appears_under_its_name_when_the_block_ends(tmp_path):
    path = tmp_path / "x.bin"

    with files.replacing(path) as file:
        file.write(b"new")
        assert not path.exists()

    assert path.read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["x.bin"]


@pytest.mark.parametrize("error", [KeyError, OSError, KeyboardInterrupt])
def test_an_error_in_the_block_leaves_the_old_file_alone(tmp_path, error):
    path = tmp_path / "x.bin"
    path.write_bytes(b"old")

    with pytest.raises(error), files.replacing(path) as file:
        file.write(b"new")
        file.flush()
        raise error

    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["x.bin"]


def test_a_longer_leftover_is_overwritten_completely(tmp_path):
    (tmp_path / "x.bin.tmp").write_bytes(b"left over" * 1000)

    with files.replacing(tmp_path / "x.bin") as file:
        file.write(b"new")

    assert (tmp_path / "x.bin").read_bytes() == b"new"


def test_a_second_writer_is_told_so_and_harms_nothing(tmp_path):
    path = tmp_path / "x.bin"

    with files.replacing(path) as file:
        file.write(b"first")
        file.flush()
        with pytest.raises(Locked) as refused, files.replacing(path):
            pass

    assert str(refused.value) == (
        f"{path}: another run is writing it; wait until it ends, "
        "then start this command again"
    )
    assert path.read_bytes() == b"first"
    assert os.listdir(tmp_path) == ["x.bin"]


def test_a_second_writer_that_gives_up_leaves_the_first_ones_file(tmp_path):
    path = tmp_path / "x.bin"

    with pytest.raises(Locked), files.replacing(path) as file:
        file.write(b"first")
        with files.replacing(path):
            pass

    with files.replacing(path) as file:
        file.write(b"again")
    assert path.read_bytes() == b"again"


def test_files_with_other_names_do_not_disturb_each_other(tmp_path):
    with files.replacing(tmp_path / "a") as a, files.replacing(tmp_path / "b") as b:
        a.write(b"a")
        b.write(b"b")

    assert sorted(os.listdir(tmp_path)) == ["a", "b"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has neither modes nor /dev/full")
def test_a_full_disk_leaves_the_old_file(tmp_path):
    path = tmp_path / "x.bin"
    path.write_bytes(b"old")
    (tmp_path / "x.bin.tmp").symlink_to("/dev/full")

    with pytest.raises(OSError), files.replacing(path) as file:
        file.write(b"new")

    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["x.bin"]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full (Linux)")
def test_a_full_disk_is_said_with_the_name_of_the_file(tmp_path):
    os.symlink("/dev/full", tmp_path / "table.csv.tmp")

    with pytest.raises(OSError, match="table.csv"):
        with files.replacing(tmp_path / "table.csv") as file:
            file.write(b"x" * 10_000_000)
