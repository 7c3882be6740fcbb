"""Workers: what is started is finished, in order or at once; errors come back."""

import threading

import pytest

from src.kit.workers import Workers


def drained(workers: Workers) -> list[tuple[int, int]]:
    found = []
    while workers.busy:
        found += workers.finished(5)
    return found


@pytest.mark.parametrize("size", [1, 2, 8])
def test_every_job_comes_back_once_with_its_result(size):
    workers = Workers(lambda job: job * job, size)

    for job in range(50):
        workers.start(job)
    found = drained(workers)
    workers.close()

    assert sorted(found) == [(job, job * job) for job in range(50)]


def test_one_worker_works_in_the_callers_thread_in_order():
    workers = Workers(lambda job: threading.get_ident(), 1)

    for job in range(5):
        workers.start(job)

    assert drained(workers) == [(job, threading.get_ident()) for job in range(5)]


def test_several_workers_work_at_once():
    together = threading.Barrier(3, timeout=5)
    workers = Workers(lambda job: together.wait(), 3)

    for job in range(3):
        workers.start(job)
    found = drained(workers)
    workers.close()

    assert len(found) == 3


@pytest.mark.parametrize("size", [1, 2])
def test_busy_counts_what_was_started_and_not_fetched(size):
    workers = Workers(str, size)
    assert workers.busy == 0

    workers.start(1), workers.start(2)
    assert workers.busy == 2

    drained(workers)
    workers.close()
    assert workers.busy == 0


@pytest.mark.parametrize("size", [1, 2])
def test_an_error_in_the_work_is_raised_where_it_is_fetched(size):
    workers = Workers(lambda job: 1 // job, size)

    with pytest.raises(ZeroDivisionError):
        workers.start(0)
        drained(workers)
    workers.close()


@pytest.mark.parametrize("size", [1, 2])
def test_nothing_started_means_nothing_finished(size):
    workers = Workers(str, size)

    assert workers.finished(0) == []
    workers.close()
