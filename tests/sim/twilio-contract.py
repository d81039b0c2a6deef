#!/usr/bin/python3
"""Holds recorded calls for short messages against their provider's own description.

    tests/sim/twilio-contract.py DESCRIPTION WIRE [METHOD...]

DESCRIPTION is the provider's OpenAPI file, WIRE what twilio-sim has written.  Says what is
not as described, a line each, and which METHOD (post, get) was never seen; fails then.
"""
import json
import pathlib
import re
import sys

import jsonschema

TEMPLATE = "/2010-04-01/Accounts/{AccountSid}/Messages.json"


def strict(node):
    """OpenAPI 3.0 as JSON schema: null where it may be, and no member that is not named."""
    if isinstance(node, list):
        return [strict(n) for n in node]
    if not isinstance(node, dict):
        return node
    out = {k: strict(v) for k, v in node.items() if k not in ("nullable", "format", "example")}
    if node.get("nullable"):
        return {"anyOf": [{"type": "null"}, out]}
    if node.get("type") == "object" and "properties" in node:
        out["additionalProperties"] = False
    return out


def parameters(operation):
    if "requestBody" not in operation:
        return {p["name"]: p["schema"] for p in operation["parameters"] if p["in"] == "query"}, []
    schema = operation["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]
    return schema["properties"], schema.get("required", [])


def asked(name, operation, form):
    known, required = parameters(operation)
    for field in required:
        if field not in form:
            yield f"{name}: no {field}"
    for field, value in form.items():
        schema = known.get(field)
        if schema is None:
            yield f"{name}: {field}: no such parameter"
        elif schema.get("type") == "integer" and not value.isdigit():
            yield f"{name}: {field}={value}: no integer"
        elif not re.search(schema.get("pattern", ""), value):
            yield f"{name}: {field}={value}: not like {schema['pattern']}"


def answered(name, operation, call, document):
    """A refusal has no schema of its own: the manual says what is in it."""
    response = operation["responses"].get(str(call["status"]))
    if response:
        schema = strict(response["content"]["application/json"]["schema"])
    elif 400 <= call["status"] < 500:
        schema = {"type": "object", "required": ["code", "message", "more_info", "status"],
                  "properties": {"code": {"type": "integer"}, "message": {"type": "string"},
                                 "more_info": {"type": "string"}, "status": {"const": call["status"]}}}
    elif call["status"] >= 500:
        return
    else:
        yield f"{name}: {call['status']}: no such answer"
        return
    resolver = jsonschema.RefResolver.from_schema({"components": strict(document["components"])})
    for error in jsonschema.Draft202012Validator(schema, resolver=resolver).iter_errors(call["answer"]):
        deepest = jsonschema.exceptions.best_match([error])
        yield f"{name}: {call['status']}: {'.'.join(map(str, deepest.path)) or 'answer'}: {deepest.message}"


def main():
    document = json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
    item = document["paths"][TEMPLATE]
    seen, faults = set(), set()
    for line in pathlib.Path(sys.argv[2]).read_text(encoding="utf-8").splitlines():
        call = json.loads(line)
        name = call["method"]
        seen.add(name)
        if re.fullmatch(TEMPLATE.replace("{AccountSid}", "AC[0-9a-fA-F]{32}"), call["path"]) is None:
            faults.add(f"{name}: {call['path']}: no such path")
        faults.update(asked(name, item[name], call["form"]))
        if call["answer"] is not None:
            faults.update(answered(name, item[name], call, document))
    faults.update(f"{name}: never seen" for name in sys.argv[3:] if name not in seen)
    print("\n".join(sorted(faults)), end="\n" if faults else "")
    return 1 if faults else 0


if len(sys.argv) < 3:
    sys.exit(__doc__)
sys.exit(main())
