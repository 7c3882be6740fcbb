"""Print the settings in force, each with its value, its source and its meaning."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser
from collections.abc import Sequence

from src.config.settings import SETTINGS, parse, sources
from src.kit import stage
from src.kit.settings import BadSetting, shown_value


def main(argv: Sequence[str] | None = None) -> int:
    """Print every setting with its value, its source and its meaning."""
    ArgumentParser("python -m src.config", description=__doc__).parse_args(argv)
    try:
        found = sources(os.environ)
        parse(found)
    except BadSetting as error:
        print(error, file=sys.stderr)
        return 2
    width = max(len(setting.name) for setting in SETTINGS)
    for setting in SETTINGS:
        text, place = found[setting.name]
        text = shown_value(setting, text)
        print(f"{setting.name:{width}} {text:40} {place:12} {setting.meaning}")
    return 0


if __name__ == "__main__":
    raise SystemExit(stage.run(main))
