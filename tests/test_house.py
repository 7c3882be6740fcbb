"""The house stands: every import goes downstairs, or to the standard library."""

import ast
import graphlib
import sys
from functools import lru_cache
from pathlib import Path

import pytest

from src import config

SRC = config.ROOT / "src"
FILES = sorted(path for path in SRC.rglob("*.py") if path.name != "__init__.py")
FLOORS = {"kit": 0, "config": 1, "adapters": 2, "office": 3}
ROOM, DOOR = 2, 4


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(SRC).with_suffix("").parts)


def is_module(name: str) -> bool:
    return (SRC / name.replace(".", "/")).with_suffix(".py").exists()


@lru_cache(maxsize=None)
def imports(path: Path) -> list[tuple[str, str]]:
    """Return (module, name in it) of every import, wherever it stands."""
    found = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found += [(alias.name, "") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: relative import"
            found += [(node.module, alias.name) for alias in node.names]
    return found


@lru_cache(maxsize=None)
def own_imports(path: Path) -> set[str]:
    """Return the modules of the house that are imported, as `kit.cells`."""
    found = set()
    for module, name in imports(path):
        if module.split(".")[0] == "src":
            whole = f"{module}.{name}".removeprefix("src.")
            found.add(whole if is_module(whole) else whole.rpartition(".")[0])
    return found


def floor(module: str) -> int:
    top = module.split(".")[0]
    return FLOORS.get(top, ROOM if (SRC / top).is_dir() else DOOR)


def is_in_a_room(path: Path) -> bool:
    return floor(name_of(path)) == ROOM and not name_of(path).startswith("adapters.")


def taken_from_config(path: Path) -> list[str]:
    attributes = [
        node.attr
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "config"
    ]
    return attributes + [
        name for module, name in imports(path) if module == "src.config"
    ]


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_module_imports_only_from_its_room_and_from_downstairs(path):
    own = name_of(path)
    for other in own_imports(path):
        is_own_room = floor(own) < DOOR and own.split(".")[0] == other.split(".")[0]
        assert is_own_room or floor(other) < floor(own), f"{own} imports {other}"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_only_the_standard_library_comes_from_outside(path):
    tops = {module.split(".")[0] for module, _ in imports(path)}

    assert tops - {"src"} <= sys.stdlib_module_names


@pytest.mark.parametrize("path", list(filter(is_in_a_room, FILES)), ids=name_of)
def test_a_room_takes_only_rules_and_constants_from_config(path):
    for name in taken_from_config(path):
        assert name.startswith("normalize_") or name.isupper()


def test_no_module_imports_itself_in_a_circle():
    order = graphlib.TopologicalSorter(
        {name_of(path): own_imports(path) for path in FILES}
    )

    assert len(list(order.static_order())) >= len(FILES)
