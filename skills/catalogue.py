"""Finds every skill: one module a skill, named like it, in the folders beside this file."""

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from paydesk.skills.base import Skill

_HERE = Path(__file__).resolve().parent


@cache
def catalogue() -> Mapping[str, Skill]:
    """All skills by name, sorted by name. Raises TypeError where a file and its skill differ in name."""
    found: dict[str, Skill] = {}
    for folder in sorted(path.name for path in _HERE.iterdir() if (path / "__init__.py").is_file()):
        for module in pkgutil.iter_modules([str(_HERE / folder)]):
            loaded = importlib.import_module(f"paydesk.skills.{folder}.{module.name}")
            value = getattr(loaded, module.name, None)
            if not isinstance(value, Skill):
                raise TypeError(f"skills/{folder}/{module.name}.py must declare the skill {module.name}")
            found[value.name] = value
    return MappingProxyType(dict(sorted(found.items())))
