"""Stripe's OpenAPI document as a judge of what the sandbox answers. It is read beside the checkout, never copied.

Every answer that any test gets from a sandbox through `talk` is judged (tests/conftest.py), whatever the test is about.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from paydesk.server.sandbox.catalogue import ROUTES
from paydesk.server.sandbox.errors import StripeError
from tests.contract.differences import BEYOND_THE_DOCUMENT

LOOKED_AT = 4


@dataclass(frozen=True)
class Operation:
    """One operation of the document: its path template, what it takes, and the schema of its 200."""

    template: str
    takes: frozenset[str]
    requires: frozenset[str]
    answer: dict[str, Any]


def shape(template: str) -> str:
    """A path template without the names of its parameters."""
    return re.sub(r"\{[^}]*\}", "{}", template)


class Judge:
    """Compares answers and declarations with the document."""

    shape = staticmethod(shape)

    def __init__(self, document: dict[str, Any]) -> None:
        self._schemas = document["components"]["schemas"]
        listening = document["paths"]["/v1/webhook_endpoints"]["post"]["requestBody"]["content"]
        hooks = next(iter(listening.values()))["schema"]["properties"]["enabled_events"]
        self.event_types = frozenset(hooks["items"]["enum"])
        self.operations: dict[tuple[str, str], Operation] = {}
        for path, methods in document["paths"].items():
            for method, declared in methods.items():
                if method in ("get", "post", "delete"):
                    self.operations[method.upper(), shape(path)] = self._operation(path, declared)

    @staticmethod
    def _operation(path: str, declared: dict[str, Any]) -> Operation:
        sent = declared.get("requestBody", {}).get("content", {})
        body = next(iter(sent.values()), {}).get("schema", {})
        queried = [one for one in declared.get("parameters", []) if one["in"] == "query"]
        return Operation(
            path,
            frozenset(body.get("properties", {})) | {one["name"] for one in queried},
            frozenset(body.get("required", [])) | {one["name"] for one in queried if one.get("required")},
            next(iter(declared["responses"]["200"]["content"].values()))["schema"],
        )

    def faults(self, method: str, template: str, body: Any) -> list[str]:
        """Everything in a 200 answer that the document does not allow; empty where it agrees."""
        return self._check(body, self.operations[method, shape(template)].answer, "")

    def faults_of_answer(self, method: str, path: str, body: Any) -> list[str]:
        """The same for what was answered at a path; of a long list only its ends, which is enough and quick."""
        try:
            template = ROUTES.match(method, path.partition("?")[0])[0].template
        except StripeError:
            return []
        if template.startswith("/_sandbox/") and body.get("object") in self._schemas:
            return [f"{method} {template} {fault}" for fault in self.faults_of(body["object"], body)]
        if (method, shape(template)) not in self.operations:
            return []
        if isinstance(body.get("data"), list) and len(body["data"]) > LOOKED_AT:
            body = {**body, "data": [*body["data"][: LOOKED_AT - 1], body["data"][-1]]}
        return [f"{method} {template} {fault}" for fault in self.faults(method, template, body)]

    def faults_of(self, name: str, body: Any) -> list[str]:
        """The same for one object by the name of its schema."""
        return self._check(body, self._schemas[name], name)

    def expandable(self, name: str) -> list[str]:
        """The dotted fields of an object that hold ids and may be expanded; none for what is not Stripe's."""
        schema = self._schemas.get(name, {})
        return sorted(set(self._expandable(schema, "", ())))

    def _expandable(self, schema: dict[str, Any], at: str, above: tuple[str, ...]) -> Iterator[str]:
        if "$ref" in schema:
            if schema["$ref"] in above:
                return
            above, schema = (*above, schema["$ref"]), self._resolve(schema)
        for choice in schema.get("anyOf", ()):
            yield from self._expandable(choice, at, above)
        if schema.get("type") == "array":
            yield from self._expandable(schema["items"], at, above)
        properties = schema.get("properties", {})
        if at and "object" in properties:
            return
        for name, one in properties.items():
            path = f"{at}.{name}" if at else name
            if "x-expansionResources" in one.get("items", one):
                yield path
            else:
                yield from self._expandable(one, path, above)

    def _resolve(self, schema: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in schema:
            schema = self._schemas[schema["$ref"].rsplit("/", 1)[1]]
        return schema

    def _check(self, value: Any, schema: dict[str, Any], at: str) -> list[str]:
        schema = self._resolve(schema)
        if value is None:
            return [] if schema.get("nullable") else [f"{at}: null"]
        if "anyOf" in schema:
            return self._check_any(value, schema["anyOf"], at)
        kind = schema.get("type")
        python = {
            "integer": int,
            "string": str,
            "boolean": bool,
            "number": (int, float),
            "array": list,
            "object": dict,
        }.get(kind or "", object)
        if not isinstance(value, python) or (kind in ("integer", "number") and isinstance(value, bool)):
            return [f"{at}: {type(value).__name__} instead of {kind}"]
        if "enum" in schema and value not in schema["enum"] and not schema.get("x-stripeBypassValidation"):
            return [f"{at}: {value!r} is none of {schema['enum'][:8]}"]
        if isinstance(value, list):
            return [fault for i, one in enumerate(value) for fault in self._check(one, schema["items"], f"{at}[{i}]")]
        return self._check_object(value, schema, at) if isinstance(value, dict) else []

    def _check_any(self, value: Any, choices: list[dict[str, Any]], at: str) -> list[str]:
        resolved = [self._resolve(one) for one in choices]
        if isinstance(value, dict) and "object" in value:
            named = [
                one
                for one in resolved
                if value["object"] in one.get("properties", {}).get("object", {}).get("enum", [])
                and bool(value.get("deleted")) == ("deleted" in one.get("properties", {}))
            ]
            resolved = named or resolved
        tries = [self._check(value, one, at) for one in resolved]
        return min(tries, key=len)

    def _check_object(self, value: dict[str, Any], schema: dict[str, Any], at: str) -> list[str]:
        properties = schema.get("properties", {})
        found = [f"{at}.{name}: missing" for name in schema.get("required", []) if name not in value]
        for name, one in value.items():
            if name in properties:
                found += self._check(one, properties[name], f"{at}.{name}")
            elif isinstance(schema.get("additionalProperties"), dict):
                found += self._check(one, schema["additionalProperties"], f"{at}.{name}")
            elif properties and not self._is_recorded(value, name, at):
                found.append(f"{at}.{name}: unknown to the document")
        return found

    @staticmethod
    def _is_recorded(value: dict[str, Any], name: str, at: str) -> bool:
        holder = re.sub(r"\[[0-9]+\]", "", at).rsplit(".", 1)[-1]
        return any(one in BEYOND_THE_DOCUMENT for one in (name, f"{value.get('object')}.{name}", f"{holder}.{name}"))


@cache
def document_at(path: Path) -> dict[str, Any]:
    """Stripe's OpenAPI document; 8 MB, so read once."""
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


@cache
def judge_at(path: Path) -> Judge:
    """The judge by the document in this file."""
    return Judge(document_at(path))
