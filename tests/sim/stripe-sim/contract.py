#!/usr/bin/python3
"""Compare what GET /sim/state shows with the provider's own OpenAPI description.

usage: contract.py CONTRACTS <state.json    (CONTRACTS holds spec3-*.yaml and objects/)
One line a deviation; status 1 when there is one.
"""
import json
import pathlib
import sys

import jsonschema
import yaml

KINDS = ("balance_transaction", "charge", "customer", "dispute", "event",
         "payment_intent", "payment_method", "refund", "balance", "error")


def schemas(folder):
    spec = sorted(folder.glob("spec3-*.yaml"))[-1]
    with open(spec, encoding="utf-8") as f:
        return yaml.load(f, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def plain(node):
    """OpenAPI's `nullable` in the words of JSON Schema."""
    if isinstance(node, list):
        return [plain(x) for x in node]
    if not isinstance(node, dict):
        return node
    out = {k: plain(v) for k, v in node.items() if k not in ("nullable", "discriminator")}
    if node.get("nullable") is True:
        return {"anyOf": [out, {"type": "null"}]}
    return out


def newer(folder, kind):
    """Members that the description does not have yet."""
    sample = folder / "objects" / f"{kind}.json"
    return set(json.loads(sample.read_text())) if sample.exists() else set()


def every(state):
    for things in state["objects"].values():
        for thing in things:
            yield thing
            if thing["object"] == "event":
                yield thing["data"]["object"]
    yield from state.get("extra", [])


def main():
    folder = pathlib.Path(sys.argv[1])
    spec = {"components": {"schemas": plain(schemas(folder)["components"]["schemas"])}}
    resolver = jsonschema.RefResolver("", spec)
    known = {k: newer(folder, k) | set(spec["components"]["schemas"][k]["properties"])
             for k in KINDS}
    seen, wrong = {}, set()
    for thing in every(json.load(sys.stdin)):
        kind = thing.get("object", "error")
        seen[kind] = seen.get(kind, 0) + 1
        check = jsonschema.Draft4Validator(
            {"$ref": f"#/components/schemas/{kind}"}, resolver=resolver)
        for e in check.iter_errors(thing):
            best = jsonschema.exceptions.best_match([e])
            wrong.add(f"{kind}: {'.'.join(map(str, e.absolute_path))}: {best.message[:200]}")
        for extra in sorted(set(thing) - known[kind]):
            wrong.add(f"{kind}: {extra}: no such member")
    print("\n".join(sorted(wrong)))
    print("checked " + ", ".join(f"{n} {k}" for k, n in sorted(seen.items())), file=sys.stderr)
    return 1 if wrong or not seen else 0


sys.exit(main())
