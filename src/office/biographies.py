"""Records found by whatever a person has in hand, each with its biography."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import NamedTuple

from src.config import Settings
from src.kit import receipts, searching, stories
from src.kit.stories import Found, Story, Teller, Token
from src.office import biography_sources, present
from src.office.biography_sources import Shelf

TOLD = 8  # records of which all rows are looked for; of more only a list is made
LISTED = 100
PASSES = 4  # a name leads to an id, the id to a key, the key to a journal
NEAR = 8  # names shown that are nearly the one that was typed


class Biography(NamedTuple):
    """One record."""

    pipeline: str
    story: Story


class Searched(NamedTuple):
    """What a key means."""

    records: Sequence[Biography]
    count: int  # of them all
    looked_into: Sequence[str]  # the files that were there
    near: Sequence[str]  # where nothing was found: what is nearly the same
    run: str  # where nothing was found, and it is a run: what it did


def search(settings: Settings, key: str, pipeline: str = "") -> Searched:
    """Return the records that a key means, of one pipeline or of all."""
    shelves = [
        shelf
        for shelf in biography_sources.shelves(settings)
        if pipeline in ("", shelf.pipeline)
    ]
    texts = biography_sources.spellings(settings, key)
    meant = [(shelf, _meant(shelf, texts)) for shelf in shelves]
    count = sum(len(records) for _, records in meant)
    several = ((shelf, rows) for shelf, records in meant for rows in records)
    found = [
        _told(settings, shelf, rows, count <= TOLD)
        for shelf, rows in islice(several, LISTED)
    ]
    looked_into = [
        one.place for shelf in shelves for one in shelf.sources if one.path.exists()
    ]
    if found:
        return Searched(found, count, looked_into, (), "")
    near = list(_near(shelves, texts))
    return Searched((), 0, looked_into, near, _run(settings, key.strip()))


def _run(settings: Settings, run_id: str) -> str:
    """Return what the receipts say of a run, empty if it is none."""
    said = [one for one in receipts.read(settings.log_dir) if one.run_id == run_id]
    ended = [one for one in said if one.kind == receipts.RUN]
    told = [f"{one.door} on {stories.when(one.ts)}, {one.detail}" for one in ended]
    return "; ".join(told) or (f"{said[-1].door}, without an end" if said else "")


def _told(
    settings: Settings, shelf: Shelf, rows: Sequence[Found], is_whole: bool
) -> Biography:
    """Return a record's biography; where not all its rows are read, its names alone."""
    if is_whole:
        known = present.of(settings, shelf.pipeline, rows)
        return Biography(shelf.pipeline, shelf.teller.tell(_all_of(shelf, rows), known))
    name, title, *_ = shelf.teller.tell(rows, {})
    return Biography(shelf.pipeline, Story(name, title, (), "", ""))


# --- which rows are meant -------------------------------------------------------------


def _meant(shelf: Shelf, texts: Collection[str]) -> list[list[Found]]:
    """Return the rows that a person may mean, record by record."""
    teller = shelf.teller
    wanted = [(rule, rule(text)) for text in texts for rule in teller.folds]
    wanted = list(dict.fromkeys((rule, text) for rule, text in wanted if text))
    hits = [
        row
        for row in _rows(
            shelf, [*texts, *(text for _, text in wanted)], _handles(shelf)
        )
        if searching.is_meant(row, teller.handles.get(row.table, ()), wanted)
    ]
    return _grouped(hits, teller)


def _rows(
    shelf: Shelf, texts: Iterable[str], columns: Iterable[str]
) -> Iterable[Found]:
    wanted = searching.wanted(texts, columns)
    return chain.from_iterable(searching.rows(one, wanted) for one in shelf.sources)


def _handles(shelf: Shelf) -> set[str]:
    """Return every column by which a person may name a row."""
    names = chain.from_iterable(shelf.teller.handles.values())
    return {column for name in names for column in name.split("+")}


def _all_of(shelf: Shelf, rows: Sequence[Found]) -> Sequence[Found]:
    """Return every row about the record that some rows are of."""
    asked: set[Token] = set()
    for _ in range(PASSES):
        tokens = {t for row in rows for t in _names(row, shelf.teller)}
        if tokens <= asked:
            break
        asked |= tokens
        texts = [text for _, text in tokens]
        found = _rows(shelf, texts, shelf.teller.columns)
        found = [row for row in found if _is_of(row, tokens, shelf.teller)]
        groups = _grouped(found, shelf.teller)
        mine = {token for row in rows for token in shelf.teller.tokens(row)} or tokens
        rows = next(
            (
                g
                for g in groups
                if mine & {t for r in g for t in _names(r, shelf.teller)}
            ),
            rows,
        )
    return rows


def _names(row: Found, teller: Teller) -> Iterator[Token]:
    yield from teller.tokens(row)
    yield from teller.ties(row)


def _is_of(row: Found, tokens: Collection[Token], teller: Teller) -> bool:
    return any(token in tokens for token in _names(row, teller))


def _grouped(rows: Sequence[Found], teller: Teller) -> list[list[Found]]:
    """Return rows by record; what only ties in with some stands beside each of them."""
    owner: dict[Token, Token] = {}

    def top(token: Token) -> Token:
        while owner.setdefault(token, token) != token:
            token = owner[token]
        return token

    for row in rows:
        tokens = list(teller.tokens(row))
        for token in tokens[1:]:
            owner[top(token)] = top(tokens[0])
    records: dict[Token, list[Found]] = {}
    for row in rows:
        for token in list(teller.tokens(row))[:1]:
            records.setdefault(top(token), []).append(row)
    loose = [row for row in rows if not any(True for _ in teller.tokens(row))]
    return _with_loose(list(records.values()), loose, teller)


def _with_loose(
    records: list[list[Found]], loose: Sequence[Found], teller: Teller
) -> list[list[Found]]:
    alone: dict[Token, list[Found]] = {}
    for row in loose:
        ties = set(teller.ties(row))
        beside = [
            r for r in records if ties & {t for one in r for t in teller.ties(one)}
        ]
        for record in beside:
            record.append(row)
        if not beside and ties:
            alone.setdefault(min(ties), []).append(row)
    return [*records, *alone.values()]


# --- what nearly is -------------------------------------------------------------------


def _near(shelves: Iterable[Shelf], texts: Sequence[str]) -> Iterator[str]:
    """Yield names that hold the text, or a good half of it."""
    text = stories.fold(texts[0])
    half = (len(text) + 1) // 2
    for part in filter(lambda one: len(one) >= 3, (text, text[:half], text[-half:])):
        found: dict[str, str] = {}
        for shelf in shelves:
            for name, said in _names_with(shelf, part):
                found.setdefault(name, said)
        if found:
            yield from list(found.values())[:NEAR]
            return


def _names_with(shelf: Shelf, part: str) -> Iterator[tuple[str, str]]:
    handles = shelf.teller.handles
    wanted = searching.wanted([part], _handles(shelf), is_part=True)
    count = 0
    for source in shelf.sources:
        for row in searching.rows(source, wanted):
            for name in searching.near(row, handles.get(row.table, ()), part):
                yield name, f"{name} ({shelf.pipeline}, {row.where})"
                count += 1
            if count >= NEAR:
                return
