"""Finds every skill: one module a skill, named like it, in the folders beside this file."""

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from paydesk.skills.base import Skill

_HERE = Path(__file__).resolve().parent


class _Catalogue(Mapping[str, Skill]):
    """Skills by name, in the order of their names. A skill is imported when it is first asked for.

    Raises TypeError where a file and its skill differ in name.
    """

    def __init__(self, folders: Mapping[str, str]) -> None:
        self._folders = folders
        self._loaded: dict[str, Skill] = {}

    def __getitem__(self, name: str) -> Skill:
        if name not in self._loaded:
            self._loaded[name] = _load(self._folders[name], name)
        return self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._folders)

    def __len__(self) -> int:
        return len(self._folders)

    def __contains__(self, name: object) -> bool:
        return name in self._folders


@cache
def catalogue() -> Mapping[str, Skill]:
    """All skills by name, sorted by name. Only the names are known at once: listing a few tools loads no others."""
    folders = {
        module.name: folder
        for folder in (path.name for path in _HERE.iterdir() if (path / "__init__.py").is_file())
        for module in pkgutil.iter_modules([str(_HERE / folder)])
    }
    return _Catalogue(dict(sorted(folders.items())))


def _load(folder: str, name: str) -> Skill:
    value = getattr(importlib.import_module(f"paydesk.skills.{folder}.{name}"), name, None)
    if not isinstance(value, Skill) or value.name != name:
        raise TypeError(f"skills/{folder}/{name}.py must declare the skill {name}")
    return value
