"""What was agreed: one snapshot a skill, and generated lists that are current. `make agree` renews them on purpose."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from paydesk.server.manifest import all_files, stale_files
from paydesk.skills.catalogue import catalogue

ROOT = Path(__file__).resolve().parent.parent
AGREED = ROOT / "tests/agreed"


def _renewal() -> ModuleType:
    spec = importlib.util.spec_from_file_location("agreed_renew", AGREED / "renew.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", sorted(catalogue()))
def test_a_skills_contract_is_what_was_agreed(name: str) -> None:
    """Ours: names, texts and schemas are a promise to hosts and models; changing one is a decision."""
    path = AGREED / f"{name}.json"
    assert path.exists(), f"no snapshot of {name}: run `make agree` and look at what it wrote"
    assert path.read_text("utf-8") == _renewal().snapshots()[path], f"{name} changed: `make agree` if it was meant"


def test_no_snapshot_is_left_of_a_skill_that_is_gone() -> None:
    """Ours: a renamed skill keeps an alias, and a removed one is removed everywhere."""
    assert {path.stem for path in AGREED.glob("*.json")} == set(catalogue())


def test_the_lists_in_the_documents_are_current() -> None:
    """Ours: documentation is checked by tests."""
    stale = [path.name for path, text in _renewal().documents().items() if path.read_text("utf-8") != text]
    assert not stale, f"stale: {stale}; run `make agree`"


def test_the_manifests_are_current() -> None:
    """Ours: what hosts read is made from the same skills as the tools."""
    assert stale_files(ROOT / "manifests") == [], "run `make agree`"
    assert set(all_files()) >= {"server.json", "mcpb/manifest.json", "openai_tools.json", "anthropic_tools.json"}
