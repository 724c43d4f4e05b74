#!/usr/bin/env python3
"""Names what a change takes from the callers of an API: `compare-api.py RELEASED NOW`, two images of buf as JSON.

Looks at what the options of methods promise: the bindings of `google.api.http`, of which /openapi.json is made, and the
roles and scopes of `warung.access.v1.access`. What is added passes. Messages, fields and enums are buf's to compare.
"""

import json
import sys
from pathlib import Path
from typing import Any, Iterator

VERBS = ("get", "put", "post", "delete", "patch")


def methods(image: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The options of all methods, by their names as gRPC calls them."""
    return {
        f"{file['package']}.{service['name']}/{method['name']}": method.get("options", {})
        for file in image["file"]
        for service in file.get("service", [])
        for method in service.get("method", [])
    }


def bindings(options: dict[str, Any]) -> dict[str, str]:
    """The ways to call a method by HTTP, and what is body in each."""
    rule = options.get("[google.api.http]")
    if rule is None:
        return {}
    return {
        f"{verb.upper()} {each[verb]}": f"body {each.get('body') or 'none'}, answer {each.get('responseBody') or 'whole'}"
        for each in [rule, *rule.get("additionalBindings", [])]
        for verb in VERBS
        if verb in each
    }


def taken(name: str, released: dict[str, Any], now: dict[str, Any]) -> Iterator[str]:
    """What a caller of the method had and has no more."""
    ways = bindings(now)
    for way, body in bindings(released).items():
        if way not in ways:
            yield f"{name}: {way} is gone; now: {', '.join(ways) or 'no HTTP'}"
        elif ways[way] != body:
            yield f"{name}: {way} has {ways[way]}; released: {body}"
    before, after = (options.get("[warung.access.v1.access]", {}) for options in (released, now))
    for kind in ("role", "scope"):
        left = after.get(f"{kind}s", [])
        for each in before.get(f"{kind}s", []):
            if each not in left:
                yield f"{name}: the {kind} {each} may call no more; now: {', '.join(left) or 'none'}"


def main() -> int:
    released, now = (methods(json.loads(Path(path).read_text())) for path in sys.argv[1:3])
    faults = [f"{name}: the method is gone" for name in released if name not in now]
    for name in released.keys() & now.keys():
        faults.extend(taken(name, released[name], now[name]))
    for fault in sorted(faults):
        print(f"compare-api: {fault}", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
