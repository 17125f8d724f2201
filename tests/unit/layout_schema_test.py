#!/usr/bin/env python3
"""The published schema and the loader agree: same keys, same choices, same files accepted and refused.

usage: layout_schema_test.py LAYOUT_KEYS SOURCE_ROOT
"""
import json
import pathlib
import re
import subprocess
import sys

try:
    import jsonschema
    import yaml
except ImportError as error:
    print(f"1..0 # SKIP {error.name} for python3 is not installed")
    sys.exit(0)  # for TAP, the plan says skipped


class CoreLoader(yaml.SafeLoader):
    """YAML 1.2's core schema: "no" and "0042" are what they look like."""


CoreLoader.yaml_implicit_resolvers = {}
for tag, pattern, first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|false", list("tf")),
    ("int", r"[-+]?[0-9]+", list("-+0123456789")),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", list("-+.0123456789")),
):
    CoreLoader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(f"^(?:{pattern})$"), first)
# "0042" would be octal to PyYAML.
CoreLoader.add_constructor("tag:yaml.org,2002:int", lambda loader, node: int(node.value))

results = []


def check(name, faults):
    results.append(not faults)
    print(f"{'not ok' if faults else 'ok'} {len(results)} - {name}")
    for fault in faults:
        print(f"# {fault}")


def node_at(node, path):
    for step in path:
        if isinstance(node, yaml.MappingNode):
            node = next(value for key, value in node.value if key.value == str(step))
        else:
            node = node.value[step]
    return node


def place(node):
    return node.start_mark.line + 1, node.start_mark.column + 1


def refused_places(validator, tree, data):
    """Line and column of every fault, down to the deepest alternatives; of unknown keys and names, that of the key."""
    places = set()
    queue = list(validator.iter_errors(data))
    while queue:
        error = queue.pop()
        queue.extend(error.context or [])
        node = node_at(tree, error.absolute_path)
        places.add(place(node))
        if not isinstance(node, yaml.MappingNode):
            continue
        for key, _ in node.value:
            is_unknown = error.validator == "additionalProperties" and key.value not in error.schema["properties"]
            is_misnamed = error.instance == key.value  # an error of propertyNames lies at its map
            if is_unknown or is_misnamed:
                places.add(place(key))
    return places


def load(path):
    text = path.read_text()
    return yaml.compose(text, CoreLoader), yaml.load(text, CoreLoader)


def alternatives(schema, root):
    """A schema's own form and those behind $ref and anyOf."""
    yield schema
    if "$ref" in schema:
        yield from alternatives(root["$defs"][schema["$ref"].rsplit("/", 1)[1]], root)
    for other in schema.get("anyOf", []):
        yield from alternatives(other, root)


def names_of(schema, root):
    names = set()
    for form in alternatives(schema, root):
        names |= {str(item) for item in form.get("enum", []) if item is not None}
        if "items" in form:
            names |= names_of(form["items"], root)
    return names


def compare_keys(keys, schema):
    faults = []
    for table, rows in keys.items():
        form = schema if table == "layout" else schema["$defs"].get(table)
        if form is None:
            faults.append(f"the schema has no definition of \"{table}\"")
            continue
        known = set(form["properties"])
        faults += [f"{table}: the schema lacks \"{key}\"" for key in rows.keys() - known]
        faults += [f"{table}: the loader does not know \"{key}\"" for key in known - rows.keys()]
        for key in rows.keys() & known:
            wanted = set(rows[key].get("choices", []))
            offered = names_of(form["properties"][key], schema) if wanted else set()
            if wanted != offered:
                faults.append(f"{table}.{key}: loader {sorted(wanted)}, schema {sorted(offered)}")
            if not any("description" in part for part in alternatives(form["properties"][key], schema)):
                faults.append(f"{table}.{key}: has no description")
    overlay = set(schema["properties"]) - {"binnacle", "include", "profiles"}
    if set(schema["$defs"]["overlay"]["properties"]) != overlay:
        faults.append("a profile's keys differ from a layout's")
    return faults


STRUCTURAL = re.compile(r"unknown key|expected |is not a|cannot be a name|must not be empty|no shell splits"
                        r"|signal's text must|has no place in a profile")
# Known to the loader only: what a pattern cannot say.
SEMANTIC = re.compile(r"no built-in filler|reaches|depends")


def structural_places(path):
    places = set()
    for line in path.with_suffix(".expected").read_text().splitlines():
        match = re.match(r"[^:]+:(\d+):(\d+): error: (.*)", line)
        if match and STRUCTURAL.search(match[3]) and not SEMANTIC.search(match[3]):
            places.add((int(match[1]), int(match[2])))
    return places


def main():
    program, root = sys.argv[1], pathlib.Path(sys.argv[2])
    schema = json.loads((root / "layouts/binnacle.schema.json").read_text())
    data = root / "tests/data/layouts"
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    keys = json.loads(subprocess.run([program], check=True, capture_output=True).stdout)

    check("keys-and-choices-are-the-same", compare_keys(keys, schema))
    paths = [path for path in sorted([*data.glob("good/**/*.yaml"), *root.glob("layouts/**/*.yaml")])
             if path.parent.name != "demo"]  # a drive, not a layout
    merged = subprocess.run([program, *paths], check=True, capture_output=True, text=True).stdout
    for path in paths:
        name = path.relative_to(root)
        check(f"validates-{name}", [error.message for error in validator.iter_errors(load(path)[1])])
        value, end = json.JSONDecoder().raw_decode(merged)
        merged = merged[end:].lstrip()
        check(f"merged-validates-{name}",
              [f"{list(error.absolute_path)}: {error.message}" for error in validator.iter_errors(value)])
    refused = 0
    for path in sorted(data.glob("bad/*.yaml")):
        wanted = structural_places(path)
        if not wanted:
            continue
        try:
            tree, value = load(path)
        except (yaml.YAMLError, ValueError):
            continue  # not YAML: no business of a schema
        if "overridden" in path.name or "include" in path.name:
            check(f"refuses-{path.name}", [] if not validator.is_valid(value) else ["accepted"])
            continue
        missing = wanted - refused_places(validator, tree, value)
        refused += len(wanted)
        check(f"refuses-{path.name}", [f"line {line}, column {column} is accepted"
                                       for line, column in sorted(missing)])
    check("the-corpus-has-structural-faults", [] if refused > 50 else [f"only {refused}"])
    print(f"1..{len(results)}")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
