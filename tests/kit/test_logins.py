"""Logins: known by their word, until they end."""

from __future__ import annotations

from src.kit import logins
from src.kit.logins import Logins


def test_a_word_is_known_until_its_login_is_ended():
    some = Logins()
    one, other = some.begin(), some.begin()
    some.end(one)
    some.end("never begun")

    assert one != other and len(one) > 40
    assert (some.holds(one), some.holds(other), some.holds("")) == (False, True, False)


def test_a_login_has_its_time():
    seconds = [5.0]
    some = Logins(lambda: seconds[0])
    word = some.begin()
    held = []
    for seconds[0] in (5.0, 4.9 + logins.SECONDS, 5.0 + logins.SECONDS):
        held.append(some.holds(word))

    assert held == [True, True, False]


def test_one_too_many_ends_the_oldest():
    some = Logins(lambda: 0.0)
    words = [some.begin() for _ in range(logins.MOST + 1)]

    assert [some.holds(word) for word in words[:3]] == [False, True, True]
    assert some.holds(words[-1])


def test_those_that_ended_make_room_before_any_that_did_not():
    seconds = [0.0]
    some = Logins(lambda: seconds[0])
    old = [some.begin() for _ in range(10)]
    seconds[0] = logins.SECONDS
    words = [some.begin() for _ in range(logins.MOST)]

    assert all(map(some.holds, words)) and not any(map(some.holds, old))


def test_what_is_no_word_is_held_by_nobody():
    assert not any(map(Logins().holds, ("\udcff", "\u00ff", 70_000 * "x")))
