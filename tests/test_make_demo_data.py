"""The door that makes the demo tree."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from src import make_demo_data
from src.kit import errors


def paths(desk) -> set[str]:
    """Return every file of the desk's tree."""
    tree = desk.root / "files"
    found = (path for path in tree.rglob("*") if path.is_file())
    return {path.relative_to(tree).as_posix() for path in found}


def a_file(desk, name: str) -> Path:
    """Return where the only demo file of this name lies."""
    (found,) = (desk.root / "files/Attach").rglob(name)
    return found


def test_the_demo_and_its_company_are_made(desk):
    assert desk.run(make_demo_data) == 0

    files = sum(path.is_file() for path in (desk.root / "files/Attach").rglob("*"))
    assert int(re.search(r"([\d,]+) files", desk.out)[1]) == files
    assert (desk.company / "scenario.csv").exists()
    assert "next: make mapping" in desk.out


def test_the_scale_is_about_the_number_of_files(desk):
    desk.run(make_demo_data, "--scale", "500")

    assert 500 <= int(re.search(r"([\d,]+) files", desk.out)[1]) < 550


def test_a_tree_of_ones_own_is_refused_and_kept(desk):
    mine = desk.file("mine.pdf")

    assert desk.run(make_demo_data) == 2

    assert "holds files that are of no demo" in desk.err
    assert mine.exists()


@pytest.mark.parametrize("scale", ["0", "-1", "many"])
def test_a_scale_that_is_no_number_is_refused(desk, scale):
    with pytest.raises(SystemExit) as left:
        desk.run(make_demo_data, f"--scale={scale}")

    assert left.value.code == 2


@pytest.mark.parametrize("scale", ["1", "60", "500", "1500"])
def test_the_summary_counts_the_files_that_are_there(desk, scale):
    desk.run(make_demo_data, "--scale", scale)

    there = [path for path in paths(desk) if path.startswith("Attach/")]
    assert desk.out.startswith(f"make_demo_data: {len(there):,} files;")


def test_the_summary_tells_how_often_each_problem_was_planted(desk):
    desk.run(make_demo_data, "--scale", "500")

    planted = int(re.search(r"(\d+) missing mapping,", " ".join(desk.out.split()))[1])
    there = [path for path in paths(desk) if path.endswith("missing mapping.pdf")]
    assert planted == len(there) > 1


def test_most_files_of_a_large_demo_are_fine(desk):
    desk.run(make_demo_data, "--scale", "2000")

    fine = [path for path in paths(desk) if "/scan " in path]
    assert 0.7 < len(fine) / 2000 < 0.9


def test_the_mapping_has_the_ids_without_the_prefix_of_the_folders(desk):
    desk.run(make_demo_data)

    lines = (desk.company / "mapping.csv").read_text("utf-8-sig").split("\n")
    folder = a_file(desk, "large warning.pdf").parent.name
    assert folder.startswith("80")
    ids = [line.partition(",")[0] for line in lines]
    assert ids.count(folder.removeprefix("80").upper()) == 1


def test_the_same_seed_makes_the_same_mapping_and_another_one_does_not(desk):
    made = []
    for seed in ("7", "7", "8"):
        desk.run(make_demo_data, "--seed", seed)
        made.append((desk.company / "mapping.csv").read_bytes())

    assert made[0] == made[1] != made[2]


def test_a_larger_demo_is_replaced_by_a_small_one(desk):
    desk.run(make_demo_data, "--scale", "500")

    assert desk.run(make_demo_data) == errors.OK

    assert 60 < len(paths(desk)) < 80


def test_a_demo_in_which_a_person_changed_and_deleted_files_is_replaced(desk):
    desk.run(make_demo_data)
    before = paths(desk)
    a_file(desk, "same content.pdf").unlink()
    a_file(desk, "empty.pdf").write_text("no longer empty")

    assert desk.run(make_demo_data) == errors.OK

    assert paths(desk) == before
    assert a_file(desk, "empty.pdf").stat().st_size == 0


@pytest.mark.parametrize("place", ["mine.pdf", "Attach/mine.pdf", "Attach/A/Txn/801/x.pdf"])
def test_a_persons_file_added_to_a_demo_stops_the_next_one(desk, place):
    desk.run(make_demo_data)
    mine = desk.root / "files" / place
    mine.parent.mkdir(parents=True, exist_ok=True)
    mine.write_bytes(b"mine")
    before = paths(desk)

    assert desk.run(make_demo_data) == errors.NOTHING_DONE

    assert f"files that are of no demo, such as {place}; set FILES_DIR" in desk.err
    assert paths(desk) == before


def test_a_real_tree_in_place_of_the_demo_stops_the_next_one(desk):
    desk.run(make_demo_data)
    (desk.root / "files/Attach").rename(desk.root / "away")
    real = desk.file("Client/Txn/801-1409571840/real.pdf")

    assert desk.run(make_demo_data) == errors.NOTHING_DONE

    assert "such as Attach/Client/Txn/801-1409571840/real.pdf;" in desk.err
    assert real.exists()


def test_a_link_to_a_real_tree_stops_the_demo(desk):
    (desk.root / "real/Client").mkdir(parents=True)
    (desk.root / "files/Attach").symlink_to(desk.root / "real")

    assert desk.run(make_demo_data) == errors.NOTHING_DONE

    assert "such as Attach;" in desk.err
    assert (desk.root / "real/Client").is_dir()


def test_what_systems_leave_in_a_demo_does_not_stop_the_next_one(desk):
    desk.run(make_demo_data)
    (desk.root / "files/Attach/.DS_Store").write_bytes(b"left by the Finder")
    (desk.root / "files/README.md").write_text("what belongs here")

    assert desk.run(make_demo_data) == errors.OK

    assert not (desk.root / "files/Attach/.DS_Store").exists()
    assert (desk.root / "files/README.md").read_text() == "what belongs here"


def test_a_demo_that_was_killed_half_way_is_made_again(desk):
    desk.run(make_demo_data)
    whole = paths(desk)
    marker = desk.root / "files/.carryover-demo"
    marker.write_text(marker.read_text("utf-8").partition("\n")[0] + "\n", "utf-8")
    a_file(desk, "00123.pdf").unlink()

    assert desk.run(make_demo_data) == errors.OK

    assert paths(desk) == whole
