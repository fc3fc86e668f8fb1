"""Checks values against JSON Schemas, as far as ours go: the keywords below and no others.

`strict`: an object whose members are listed may have no others, so that an answer cannot gain one
that its schema does not know."""

import re

TYPES = {"null": lambda value: value is None,
         "boolean": lambda value: isinstance(value, bool),
         "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
         "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
         "string": lambda value: isinstance(value, str),
         "array": lambda value: isinstance(value, list),
         "object": lambda value: isinstance(value, dict)}
KEYWORDS = {"$schema", "$id", "$ref", "$defs", "title", "description", "type", "const", "enum",
            "pattern", "minimum", "items", "properties", "required", "additionalProperties", "anyOf"}


def check(value, schema, root=None, strict=True, path=""):
    """The ways in which `value` is not as the schema says, each with its place."""
    root = root if root is not None else schema
    if schema is True:
        return []
    unknown = set(schema) - KEYWORDS
    assert not unknown, f"keywords that are not checked: {unknown}"
    wrong = []
    if "$ref" in schema:
        target = root
        for part in schema["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        wrong += check(value, target, root, strict, path)
    if "anyOf" in schema:
        tries = [check(value, one, root, strict, path) for one in schema["anyOf"]]
        if all(tries):
            wrong += min(tries, key=len)
    types = schema.get("type", [])
    types = [types] if isinstance(types, str) else types
    if types and not any(TYPES[one](value) for one in types):
        return wrong + [f"{path or '/'}: {value!r:.60} is not of type {' or '.join(types)}"]
    if "const" in schema and value != schema["const"]:
        wrong.append(f"{path or '/'}: {value!r:.60} is not {schema['const']!r}")
    if "enum" in schema and value not in schema["enum"]:
        wrong.append(f"{path or '/'}: {value!r:.60} is not one of {schema['enum']}")
    if isinstance(value, str) and "pattern" in schema and not re.search(schema["pattern"], value):
        wrong.append(f"{path or '/'}: {value!r:.60} does not match {schema['pattern']}")
    if TYPES["number"](value) and value < schema.get("minimum", value):
        wrong.append(f"{path or '/'}: {value} is less than {schema['minimum']}")
    if isinstance(value, list) and "items" in schema:
        for index, one in enumerate(value):
            wrong += check(one, schema["items"], root, strict, f"{path}/{index}")
    if isinstance(value, dict):
        wrong += check_members(value, schema, root, strict, path)
    return wrong


def check_members(value, schema, root, strict, path):
    wrong = [f"{path}/{key}: is missing" for key in schema.get("required", []) if key not in value]
    members = schema.get("properties", {})
    others = schema.get("additionalProperties", not (strict and members))
    for key, one in value.items():
        if key in members:
            wrong += check(one, members[key], root, strict, f"{path}/{key}")
        elif others is False:
            wrong.append(f"{path}/{key}: the schema does not know it")
        elif others is not True:
            wrong += check(one, others, root, strict, f"{path}/{key}")
    return wrong
