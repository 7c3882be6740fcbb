"""Tell one record's story, from its source line to its present state: why KEY."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from shlex import quote
from textwrap import wrap

from src import config
from src.kit import stage
from src.kit.errors import NOTHING_DONE, OK
from src.office import biographies, pipelines
from src.office.biographies import Biography, Searched

_INDENTED: dict[str, str] = {"initial_indent": "  ", "subsequent_indent": "  "}
NOT_SEARCHED = (
    "not looked for anywhere: national ids and passport numbers, and what only stands "
    "inside the files"
)
WIDTH = 14  # of a chapter's title


def main(argv: Sequence[str] | None = None) -> int:
    """Print the biography of the record that a key means, or which ones it may mean."""
    run = stage.start("why", __doc__, argv, _options)
    settings = config.load(run.environ)
    key = run.args.key
    if not key.strip():
        run.say(
            'why: nothing to look for; give a key, id, file or name: make why KEY="…"'
        )
        return NOTHING_DONE
    found = biographies.search(settings, key, run.args.pipeline)
    if run.args.json:
        print(json.dumps(_plain(key, found), indent=2, ensure_ascii=False))
    else:
        for line in _lines(key, found):
            print(stage.printable(line.replace("\n", "\\n")))
    return OK if found.records else NOTHING_DONE


def _options(parser: ArgumentParser) -> None:
    names = [pipeline.name for pipeline in pipelines.ALL]
    parser.add_argument(
        "key",
        metavar="KEY",
        help="a key (k…), a plan's row (r…), a request id, trace id, file, name or any "
        "id of the legacy system, QuickBooks, the MIS, the warehouse or SalesPro",
    )
    parser.add_argument(
        "--pipeline", choices=names, default="", help="look there alone"
    )
    parser.add_argument("--json", action="store_true", help="the same for programs")


def _plain(key: str, found: Searched) -> dict[str, object]:
    records = [
        {
            "pipeline": pipeline,
            **story._asdict(),
            "chapters": [chapter._asdict() for chapter in story.chapters],
        }
        for pipeline, story in found.records
    ]
    never = {} if found.records else {"not_searched": NOT_SEARCHED}
    told = {"count": found.count, "near": found.near, **never}
    return {"key": key, "records": records, **told}


def _lines(key: str, found: Searched) -> Iterator[str]:
    if found.count == 1:
        yield from _biography(found.records[0])
    elif found.count:
        yield from _several(key, found)
    else:
        yield from _none(key, found)


def _biography(record: Biography) -> Iterator[str]:
    pipeline, story = record
    yield f"{story.title} ({pipeline})"
    for chapter in story.chapters:
        for number, line in enumerate(chapter.lines):
            yield f"  {'' if number else chapter.title:{WIDTH}} {line}"
    yield f"  {'State':{WIDTH}} {story.state}"
    yield f"  {'Next':{WIDTH}} {story.next_step}"


def _several(key: str, found: Searched) -> Iterator[str]:
    yield f"{key}: {found.count:,} records are meant; type one of these instead"
    for pipeline, story in found.records:
        yield f"  make why KEY={_typed(story.name)}"
        state = f": {story.state}" if story.state else ""
        yield f"      {story.title} ({pipeline}){state}"
    if more := found.count - len(found.records):
        yield f'  and {more:,} more; add ARGS="--pipeline NAME", or type more of it'


def _typed(name: str) -> str:
    """Return a name as a shell takes it, in the quotes that people know best."""
    return quote(name) if set(name) & set('"$`\\!') else f'"{name}"'


def _none(key: str, found: Searched) -> Iterator[str]:
    yield f"{key}: no record has it; looked into {len(found.looked_into):,} files"
    if found.run:
        yield f"  it is a run: {found.run}"
    for name in found.near:
        yield f"  near: {name}"
    yield f"  {NOT_SEARCHED}"
    yield from wrap(", ".join(found.looked_into), 86, **_INDENTED)


if __name__ == "__main__":
    raise SystemExit(stage.run(main))
