"""A company that gives no marks back: what is ours is told by what was not there before."""

from __future__ import annotations

import os

import pytest

from src import qbo_attach_demo, reconcile_attachments
from src.adapters import unmarked
from src.adapters.fakes.core import Manners
from src.adapters.fakes.scenario import Temper
from src.attachments.outgoing import Outgoing
from src.kit import delivery, receipts
from src.kit.errors import IN_DOUBT, NOTHING_DONE, OK
from src.kit.requests import Item
from tests.served import CALM, ServedCompany

NO_TAGS = CALM._replace(manners=Manners(shows_tags=False))


@pytest.fixture
def tagless(desk):
    """Return the desk before such a company, its canary done."""
    served = ServedCompany(desk.company, NO_TAGS)
    desk.settings.update(served.settings)
    row = ("2026-11-21T00:00:00.000000+00:00", "r", "auth_qbo_demo", receipts.CANARY)
    receipts.append(desk.logs, (*row, "1234567890", "1", "", "request_ids=ignored mark=missing"))
    desk.served = served
    desk.files("a.pdf", "b.pdf", "c.pdf")
    desk.prepare()
    yield desk
    desk.served.stop()


def by_hand(desk, name: str) -> None:
    """Attach the same file to the same record as a person would, without a mark."""
    [row] = [row for row in desk.plan().values() if row.file_name == name]
    file = Outgoing(f"{desk.root}/files/{row.file_path}")
    file.entity_type, file.entity_id = row.qbo_entity_type, row.qbo_entity_id
    file.key, file.name = "by hand", row.file_name
    desk.served.company().upload([file], "")


@pytest.mark.parametrize("answer", ["drop_applied", "500_applied", "empty_applied"])
def test_what_arrived_unheard_is_found_by_what_it_is(tagless, answer):
    tagless.scenario(f"1,a.pdf,{answer}")
    tagless.served.restart()

    assert tagless.upload() == OK

    assert sorted(tagless.received()) == ["a.pdf", "b.pdf", "c.pdf"]
    assert tagless.outcomes()["recovered"] == 3


def test_a_persons_own_upload_from_before_is_not_taken_for_ours(tagless):
    by_hand(tagless, "a.pdf")
    tagless.scenario("2,a.pdf,drop")
    tagless.served.restart()

    assert tagless.upload() == OK

    assert sorted(tagless.received()) == ["a.pdf", "a.pdf", "b.pdf", "c.pdf"]
    assert tagless.outcomes()["absent"] == 3


def test_a_second_run_sends_nothing(tagless):
    tagless.upload()

    assert tagless.upload() == OK

    assert sorted(tagless.received()) == ["a.pdf", "b.pdf", "c.pdf"]


def test_a_journal_whose_log_is_gone_is_resolved_by_what_came_since(tagless):
    tagless.upload()
    (tagless.logs / "qbo_attach_runlog.csv").unlink()

    assert tagless.upload() == OK

    assert sorted(tagless.received()) == ["a.pdf", "b.pdf", "c.pdf"]


def test_without_the_list_of_what_was_there_before_nothing_is_sent(tagless):
    tagless.upload()
    (tagless.logs / unmarked.TABLE.name).unlink()
    (tagless.logs / "qbo_attach_runlog.csv").unlink()

    assert tagless.upload() == NOTHING_DONE

    assert "nothing tells what the last run sent" in tagless.err
    assert sorted(tagless.received()) == ["a.pdf", "b.pdf", "c.pdf"]


def test_a_reconciliation_tells_by_id_what_has_no_mark(tagless):
    tagless.upload()

    assert tagless.run(reconcile_attachments) == OK

    assert "3 in_sync" in tagless.out


def test_while_something_is_in_doubt_what_was_there_before_stays_known(tagless):
    tagless.served.stop()
    tagless.served = ServedCompany(
        tagless.company, NO_TAGS._replace(temper=Temper(request_ids="ignored"))
    )
    tagless.settings.update(tagless.served.settings)
    tagless.upload("--limit", "1", QBO_FILES_PER_REQUEST="1")
    path = tagless.root / "files" / tagless.plan()["b.pdf"].file_path
    tagless.scenario("1,b.pdf,drop_applied")
    tagless.served.restart()
    killed = kill_in_the_settle_wait(tagless)
    content, times = path.read_bytes(), os.stat(path)
    path.unlink()

    assert (killed, tagless.upload(QBO_FILES_PER_REQUEST="1")) == (-9, IN_DOUBT)
    path.write_bytes(content)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    tagless.upload(QBO_FILES_PER_REQUEST="1")

    assert sorted(tagless.received()) == ["a.pdf", "b.pdf", "c.pdf"]


def kill_in_the_settle_wait(desk) -> int:
    """Start the uploader and kill it while it waits to look up a lost answer."""

    def main(argv: list[str]) -> int:
        delivery.Delivery._settle = lambda *_: os.kill(os.getpid(), 9)  # its own process
        return qbo_attach_demo.main(argv)

    return desk.fork(main, QBO_FILES_PER_REQUEST="1")


def test_a_file_that_is_gone_has_no_label():
    assert unmarked.label(Item("k1")) == ""
