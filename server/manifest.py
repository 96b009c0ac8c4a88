"""What hosts read about the desk, made from the catalogue: one JSON a skill, and the lists that hosts expect.

server.json follows the MCP registry's schema of 2025-12-11, the bundle manifest MCPB 0.4, the tool lists OpenAI's
Responses API and Anthropic's Messages API.
"""

import json
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

from paydesk.server.mcp.schemas import input_schema, output_schema
from paydesk.server.settings import Settings
from paydesk.skills.base import Json, Skill
from paydesk.skills.catalogue import catalogue

_REGISTRY_NAME = "io.github.paydesk/paydesk"
_TAGLINE = "A pay desk for AI agents on Stripe: gated writes that run once, plain words, and a sandbox."
_KEY_HELP = "Stripe secret or restricted key (sk_test_..., rk_test_...). Without one, the sandbox is used."


def manifest(skill: Skill) -> Json:
    """One skill as hosts read it: name, texts, effect, toolset, schemas (JSON Schema 2020-12), examples."""
    return {
        "name": skill.name,
        "title": skill.title,
        "description": skill.description,
        "effect": str(skill.effect),
        "toolset": skill.toolset,
        "says": list(skill.says),
        "input_schema": input_schema(skill),
        "output_schema": output_schema(skill),
        "examples": list(skill.examples),
    }


def all_files() -> dict[str, str]:
    """Every generated file by its path below manifests/, as text."""
    skills = list(catalogue().values())
    values: dict[str, object] = {f"skills/{skill.name}.json": manifest(skill) for skill in skills}
    values["server.json"] = _registry()
    values["mcpb/manifest.json"] = _bundle(skills)
    values["openai_tools.json"] = [_openai(skill) for skill in skills]
    values["anthropic_tools.json"] = [_anthropic(skill) for skill in skills]
    return {path: json.dumps(value, indent=2, ensure_ascii=False) + "\n" for path, value in values.items()}


def stale_files(folder: Path) -> list[str]:
    """The generated files that are missing, differ, or should no longer be there."""
    wanted = all_files()
    differ = [path for path, text in wanted.items() if _read(folder / path) != text]
    left = [str(path.relative_to(folder)) for path in (folder / "skills").glob("*.json")]
    return sorted(differ + [path for path in left if path not in wanted])


def write_files(folder: Path) -> list[str]:
    """Write what is stale and remove what is left over; returns the paths that changed."""
    wanted = all_files()
    changed = stale_files(folder)
    for path in changed:
        target = folder / path
        if path in wanted:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(wanted[path], encoding="utf-8")
        else:
            target.unlink()
    return changed


def skills_table(skills: Iterable[Skill] | None = None) -> str:
    """The README's table of skills, in Markdown."""
    marks = {"read": "read", "desk": "the desk's own papers", "write": "write, asks", "money": "**money, asks**"}
    found = sorted(skills or catalogue().values(), key=lambda one: (one.toolset, one.name))
    rows = [f"| `{one.name}` | {one.toolset} | {marks[one.effect]} | {one.description} |" for one in found]
    return "\n".join(["| skill | toolset | effect | what it does |", "|---|---|---|---|", *rows])


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None


def _openai(skill: Skill) -> Json:
    return {
        "type": "function",
        "name": skill.name,
        "description": skill.description,
        "parameters": input_schema(skill),
        "strict": False,
    }


def _anthropic(skill: Skill) -> Json:
    return {"name": skill.name, "description": skill.description, "input_schema": input_schema(skill)}


def _registry() -> Json:
    current = version("paydesk")
    return {
        "$schema": "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json",
        "name": _REGISTRY_NAME,
        "title": "paydesk",
        "description": _TAGLINE,
        "version": current,
        "packages": [
            {
                "registryType": "pypi",
                "identifier": "paydesk",
                "version": current,
                "runtimeHint": "uvx",
                "transport": {"type": "stdio"},
                "packageArguments": [{"type": "positional", "value": "stdio"}],
                "environmentVariables": _environment(),
            }
        ],
    }


def _environment() -> list[Json]:
    fields = Settings.model_fields
    shown = ("allow_live", "read_only", "toolsets")
    first: Json = {"name": "STRIPE_SECRET_KEY", "description": _KEY_HELP, "isRequired": False, "isSecret": True}
    rest = [{"name": f"PAYDESK_{name.upper()}", "description": fields[name].description or ""} for name in shown]
    return [first, *rest]


def _bundle(skills: list[Skill]) -> Json:
    return {
        "manifest_version": "0.4",
        "name": "paydesk",
        "display_name": "paydesk",
        "version": version("paydesk"),
        "description": _TAGLINE,
        "author": {"name": "The paydesk authors"},
        "license": "MIT",
        "server": {
            "type": "uv",
            "entry_point": "server/cli.py",
            "mcp_config": {
                "command": "uv",
                "args": ["run", "--directory", "${__dirname}", "paydesk", "stdio"],
                "env": {
                    "STRIPE_SECRET_KEY": "${user_config.stripe_secret_key}",
                    "PAYDESK_READ_ONLY": "${user_config.read_only}",
                },
            },
        },
        "tools": [{"name": skill.name, "description": skill.description} for skill in skills],
        "keywords": ["stripe", "payments", "mcp", "sandbox"],
        "user_config": {
            "stripe_secret_key": {
                "type": "string",
                "title": "Stripe key",
                "description": _KEY_HELP,
                "sensitive": True,
                "required": False,
                "default": "",
            },
            "read_only": {
                "type": "boolean",
                "title": "Read only",
                "description": "Remove every tool that writes",
                "required": False,
                "default": False,
            },
        },
        "compatibility": {"platforms": ["darwin", "linux", "win32"], "runtimes": {"python": ">=3.11"}},
    }
