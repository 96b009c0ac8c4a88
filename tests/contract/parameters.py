"""What each operation takes, here and by Stripe's document, side by side, down to the last nested parameter."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from paydesk.server.sandbox.params import Declaration, Param
from paydesk.server.sandbox.routes import Route

# By our shape, the documented ones that it reads; a filter by time is an integer to the document.
FITS = {
    "string": {"string", "decimal"},
    "words": {"words"},
    "integer": {"integer"},
    "number": {"number", "decimal"},
    "boolean": {"boolean"},
    "timestamp": {"timestamp", "integer"},
    "file": {"file"},
    "object": {"object"},
    "table": {"table"},
    "array": {"array"},
    "unserved": set[str](),
}


@dataclass(frozen=True)
class Difference:
    """One: where, of what sort (unknown, invented, type, words, required, demanded), and how."""

    operation: str
    path: str
    sort: str
    how: str = ""

    def __str__(self) -> str:
        return f"{self.operation} {self.path}: {self.sort}{f' {self.how}' if self.how else ''}"


class Comparison:
    """Reads the document once; compares one operation after the other."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._schemas = document["components"]["schemas"]
        self._operations = {
            (method.upper(), _shape(path)): declared
            for path, methods in document["paths"].items()
            for method, declared in methods.items()
            if method in ("get", "post", "delete")
        }

    def __contains__(self, route: Route) -> bool:
        return (route.method, _shape(route.template)) in self._operations

    def differences(self, route: Route) -> list[Difference]:
        """Everything in which an operation's parameters differ from the document's."""
        operation = f"{route.method} {route.template}"
        found = self._inside(route.takes, self._takes(route), "")
        return [Difference(operation, path, sort, how) for path, sort, how in found]

    def _takes(self, route: Route) -> list[dict[str, Any]]:
        declared = self._operations[route.method, _shape(route.template)]
        sent = next(iter(declared.get("requestBody", {}).get("content", {}).values()), {}).get("schema", {})
        queried = [one for one in declared.get("parameters", []) if one["in"] == "query"]
        properties = {**sent.get("properties", {}), **{one["name"]: one["schema"] for one in queried}}
        required = [*sent.get("required", []), *(one["name"] for one in queried if one.get("required"))]
        return [{"properties": properties, "required": required}]

    def _inside(self, ours: Declaration, theirs: list[dict[str, Any]], at: str) -> Iterator[tuple[str, str, str]]:
        """Compare a hash with all the hashes that the document allows in its place."""
        documented: dict[str, list[dict[str, Any]]] = {}
        for one in theirs:
            for name, schema in one.get("properties", {}).items():
                documented.setdefault(name, []).append(schema)
        required = set.intersection(*(set(one.get("required", [])) for one in theirs))
        # `expand` is taken everywhere here; Stripe's document leaves it out of a few.
        for name in sorted(ours.keys() | documented.keys() - {"expand"}):
            path = f"{at}[{name}]" if at else name
            if name not in ours:
                yield path, "unknown", ""
            elif name not in documented:
                if name != "expand":
                    yield path, "invented", ""
            else:
                yield from self._one(ours[name], {"anyOf": documented[name]}, path)
                if ours[name].is_required != (name in required) and ours[name].shape.type != "unserved":
                    yield path, "demanded" if ours[name].is_required else "required", ""

    def _one(self, param: Param, schema: dict[str, Any], at: str) -> Iterator[tuple[str, str, str]]:
        ours, theirs = list(_ours(param)), list(self._theirs(schema))
        if param.shape.type == "unserved":
            return
        kinds, documented = {_kind(one) for one in ours}, {kind for kind, _ in theirs}
        strange = {kind for kind in kinds if not FITS[kind] & documented}
        lacking = {kind for kind in documented - {"clear"} if not any(kind in FITS[one] for one in kinds)}
        # A hash of which the document tells no names.
        if strange == {"object"} and lacking == {"table"}:
            return
        if strange or lacking:
            yield at, "type", f"{sorted(kinds)} for {sorted(documented)}"
        if "clear" in documented and not param.is_clearable:
            yield at, "type", "cannot be cleared"
        words = {word for one in ours for word in one.shape.words}
        known = {word for kind, one in theirs if kind == "words" for word in one["enum"]} - {""}
        if words and known and words != known:
            yield at, "words", f"ours {sorted(words - known)}, Stripe's {sorted(known - words)}"
        for one in ours:
            yield from self._deeper(one, theirs, at)

    def _deeper(
        self, param: Param, theirs: list[tuple[str, dict[str, Any]]], at: str
    ) -> Iterator[tuple[str, str, str]]:
        same = [schema for kind, schema in theirs if kind == param.shape.type]
        inner = param.shape.inner
        if isinstance(inner, Mapping):
            if same:
                yield from self._inside(inner, same, at)
        elif param.shape.type in ("array", "table") and same:
            name = "items" if param.shape.type == "array" else "additionalProperties"
            schemas = [one[name] for one in same if isinstance(one.get(name), dict)]
            if schemas:
                yield from self._one(inner[0], {"anyOf": schemas}, f"{at}[]")

    def _theirs(self, schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
        """What a schema may be, each by the name of its kind."""
        if "$ref" in schema:
            yield from self._theirs(self._schemas[schema["$ref"].rsplit("/", 1)[1]])
        elif "anyOf" in schema:
            for choice in schema["anyOf"]:
                yield from self._theirs(choice)
        else:
            yield _documented_kind(schema), schema


def _documented_kind(schema: dict[str, Any]) -> str:
    kind, form = schema.get("type", ""), schema.get("format")
    if schema.get("enum"):
        return "clear" if schema["enum"] == [""] else "words"
    if kind == "object":
        return "object" if schema.get("properties") else "table"
    named = {"decimal": "decimal", "binary": "file", "unix-time": "timestamp"}
    return named.get(form or "", kind) if kind in ("string", "integer") else kind


def _ours(param: Param) -> Iterator[Param]:
    if param.shape.type == "either":
        for one in param.shape.inner:
            yield from _ours(one)
    else:
        yield param


def _kind(param: Param) -> str:
    return "words" if param.shape.words else param.shape.type


def _shape(template: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", template)


def unserved(declaration: Declaration, at: str = "") -> Iterator[str]:
    """The parameters that are refused in plain words, with all that they stand in."""
    for name, param in declaration.items():
        path = f"{at}[{name}]" if at else name
        for one in _ours(param):
            if one.shape.type == "unserved":
                yield path
            elif isinstance(one.shape.inner, Mapping):
                yield from unserved(one.shape.inner, path)
            elif one.shape.type in ("array", "table"):
                yield from unserved({"": one.shape.inner[0]}, path)
