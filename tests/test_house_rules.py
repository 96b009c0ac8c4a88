"""Rules of the house that no linter knows: what may stand where, and how large a room may grow."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PARTS = ("server", "skills", "intents")
SOURCES = sorted(path for part in PARTS for path in (ROOT / part).rglob("*.py"))


def _module(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _imports(tree: ast.Module) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


def _importers(*wanted: str) -> set[str]:
    """Files that import one of the packages, at the top or inside a function."""
    found = set()
    for path in SOURCES:
        if any(
            name == package or name.startswith(f"{package}.") for name in _imports(_module(path)) for package in wanted
        ):
            found.add(path.relative_to(ROOT).as_posix())
    return found


def test_no_room_is_named_for_leftovers() -> None:
    """Ours: a folder called utils collects what nobody wanted to name."""
    banned = {"src", "utils", "common", "helpers", "misc", "scripts"}
    folders = {
        path.relative_to(ROOT).as_posix() for part in PARTS for path in (ROOT / part).rglob("*") if path.is_dir()
    }
    assert not [folder for folder in folders if banned & set(folder.split("/"))]


def test_only_the_door_imports_stripe() -> None:
    """Ours: everything that reaches Stripe goes through one door, with its limits and its errors."""
    assert {path for path in _importers("stripe", "aiohttp") if not path.startswith("server/stripe_api/")} == set()


def test_only_the_store_opens_the_database() -> None:
    """Ours: the journal has one keeper; the sandbox and the index of customers have SQLite files of their own."""
    allowed = tuple(f"server/{part}/" for part in ("store", "gate", "mirror", "webhooks", "analytics"))
    assert {path for path in _importers("sqlalchemy", "alembic") if not path.startswith(allowed)} == set()
    assert {path for path in _importers("alembic") if not path.startswith("server/store/")} == set()
    keepers = ("server/store/", "server/sandbox/", "server/directory/")
    assert {path for path in _importers("sqlite3") if not path.startswith(keepers)} == set()


def test_only_settings_reads_the_environment() -> None:
    """Ours: what the operator decided can be found in one file."""
    readers = {
        path.relative_to(ROOT).as_posix()
        for path in SOURCES
        if re.search(r"os\.environ|getenv\(|import .*BaseSettings", path.read_text(encoding="utf-8"))
    }
    assert readers == {"server/settings.py"}


def test_the_sandbox_is_a_stripe_of_its_own() -> None:
    """Ours: the sandbox uses neither Stripe's library nor any other part of the server, so that it can judge them."""
    for path in sorted((ROOT / "server/sandbox").rglob("*.py")):
        foreign = {
            name
            for name in _imports(_module(path))
            if name.split(".")[0] == "stripe"
            or (
                name.startswith("paydesk.")
                and not name.startswith(("paydesk.server.sandbox", "paydesk.intents.entities.currenc"))
            )
        }
        assert not foreign, f"{path.relative_to(ROOT)} imports {sorted(foreign)}"


def test_skills_never_import_each_other() -> None:
    """Ours: one file is one thing that can be asked; what two share stands directly under skills/."""
    for path in sorted((ROOT / "skills").glob("*/*.py")):
        for name in _imports(_module(path)):
            if name.startswith("paydesk.skills."):
                assert not (ROOT / "skills" / name.split(".")[2]).is_dir(), f"{path.relative_to(ROOT)} imports {name}"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_files_stay_small_enough_to_hold_in_mind(path: Path) -> None:
    """Ours: 450 lines is where a file holds two concepts."""
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 450


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_file_and_public_thing_says_what_it_is(path: Path) -> None:
    """Ours: a module and every public class or function has a docstring."""
    tree = _module(path)
    if not tree.body:
        return
    assert ast.get_docstring(tree), f"{path.relative_to(ROOT)} does not say what it is"
    public = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    silent = [
        node.name
        for node in tree.body
        if isinstance(node, public)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
        and node.name != "Params"  # its fields say it
    ]
    assert not silent, f"{path.relative_to(ROOT)}: no docstring on {silent}"


def test_nothing_is_left_unfinished() -> None:
    """Ours: main can always be released."""
    mark = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X|NotImplemented" + r"Error)\b")
    assert not [path.relative_to(ROOT).as_posix() for path in SOURCES if mark.search(path.read_text(encoding="utf-8"))]


def test_listing_the_tools_needs_neither_stripe_nor_the_database() -> None:
    """Ours: an assistant's host starts us often; what a first answer does not need is not imported for it."""
    heavy = {"stripe", "aiohttp", "sqlalchemy", "alembic", "rich", "uvicorn", "jsonschema", "sqlite3"}
    heavy |= {"vl_convert", "typst"}
    code = (
        "import sys, paydesk.server.cli, paydesk.server.commands.serving, paydesk.server.mcp.factory, "
        "paydesk.server.wiring, paydesk.skills.catalogue as c; c.catalogue();"
        f"print(sorted({heavy!r} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    loaded = set(ast.literal_eval(done.stdout.strip()))
    by_the_sdk_itself = subprocess.run(
        [sys.executable, "-c", "import sys, mcp.server.mcpserver; print(sorted(sys.modules))"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert loaded <= set(ast.literal_eval(by_the_sdk_itself.stdout.strip()))
