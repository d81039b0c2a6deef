#!/usr/bin/python3
"""Compare what was asked of the simulator, and what it answered, with PayPal's OpenAPI.

usage: contract.py CONTRACTS <seen.json     (CONTRACTS holds checkout_orders_v2.json ...)
seen.json: {"requests": [{"route", "body"}], "objects": {"order": [...], ...}}
One line a deviation; status 1 when there is one.
"""
import json
import pathlib
import sys
import warnings

import jsonschema

warnings.filterwarnings("ignore", category=DeprecationWarning)

ORDERS, PAYMENTS, EVENTS = "checkout_orders_v2", "payments_payment_v2", "notifications_webhooks_v1"
DISPUTES = "customer_disputes_v1"
REQUESTS = {
    "POST /v2/checkout/orders": (ORDERS, "order_request"),
    "POST /v2/checkout/orders/:id/capture": (ORDERS, "order_capture_request"),
    "POST /v2/checkout/orders/:id/authorize": (ORDERS, "order_authorize_request"),
    "POST /v2/payments/authorizations/:id/capture": (PAYMENTS, "capture_request"),
    "POST /v2/payments/authorizations/:id/reauthorize": (PAYMENTS, "reauthorize_request"),
    "POST /v2/payments/captures/:id/refund": (PAYMENTS, "refund_request"),
}
# The published description knows the files of these only, and their parts by name.
PARTS = {
    "POST /v1/customer/disputes/:id/provide-evidence": ("evidences", "evidence"),
    "POST /v1/customer/disputes/:id/accept-claim": ("accept_claim_type", "accept_claim_type"),
}
EMPTY = {"POST /v2/payments/authorizations/:id/void"}
OBJECTS = {
    "order": (ORDERS, "order"),
    "capture": (PAYMENTS, "capture-2"),
    "authorization": (PAYMENTS, "authorization-2"),
    "refund": (PAYMENTS, "refund"),
    "dispute": (DISPUTES, "dispute"),
    "event": (EVENTS, "event"),
    "error": (ORDERS, "error_422"),
}


def plain(node):
    """OpenAPI's `nullable` in the words of JSON Schema."""
    if isinstance(node, list):
        return [plain(x) for x in node]
    if not isinstance(node, dict):
        return node
    out = {k: plain(v) for k, v in node.items() if k not in ("nullable", "discriminator")}
    return {"anyOf": [out, {"type": "null"}]} if node.get("nullable") is True else out


class Spec:
    def __init__(self, file):
        with open(file, encoding="utf-8") as f:
            self.doc = plain(json.load(f))
        self.resolver = jsonschema.RefResolver("", self.doc)

    def follow(self, schema):
        while "$ref" in schema:
            schema = self.resolver.resolve(schema["$ref"])[1]
        return schema

    def members(self, schema):
        """Every member that a schema knows, through its parts; None: any may be there."""
        schema = self.follow(schema)
        known = dict(schema.get("properties", {}))
        if schema.get("additionalProperties") is True:
            return None
        for part in schema.get("allOf", []) + schema.get("anyOf", []) + schema.get("oneOf", []):
            more = self.members(part)
            if more is None:
                return None
            known.update(more)
        return known

    def extras(self, schema, value, path):
        schema = self.follow(schema)
        if isinstance(value, list) and "items" in schema:
            for i, item in enumerate(value):
                yield from self.extras(schema["items"], item, f"{path}.{i}")
        if not isinstance(value, dict):
            return
        known = self.members(schema)
        if not known:
            return
        for name, inner in value.items():
            if name not in known:
                yield f"{path}.{name}: no such member"
            else:
                yield from self.extras(known[name], inner, f"{path}.{name}")

    def wrong(self, name, what, value):
        schema = {"$ref": f"#/components/schemas/{name}"}
        check = jsonschema.Draft4Validator(schema, resolver=self.resolver)
        for e in check.iter_errors(value):
            best = jsonschema.exceptions.best_match([e])
            yield f"{what}: {'.'.join(map(str, e.absolute_path))}: {best.message[:200]}"
        yield from self.extras(schema, value, what)


def main():
    folder = pathlib.Path(sys.argv[1])
    specs = {name: Spec(folder / f"{name}.json") for name in (ORDERS, PAYMENTS, EVENTS, DISPUTES)}
    seen = json.load(sys.stdin)
    count, wrong = {}, set()
    for request in seen["requests"]:
        route, body = request["route"], request["body"]
        if not route.startswith("POST "):
            continue
        count[route] = count.get(route, 0) + 1
        if route in EMPTY:
            wrong |= {f"{route}: a body"} if body else set()
        elif route in PARTS:
            member, name = PARTS[route]
            for one in body[member] if isinstance(body[member], list) else [body[member]]:
                wrong |= set(specs[DISPUTES].wrong(name, route, one))
        else:
            spec, name = REQUESTS[route]
            wrong |= set(specs[spec].wrong(name, route, body))
    for kind, things in seen["objects"].items():
        spec, name = OBJECTS[kind]
        count[kind] = len(things)
        for thing in things:
            wrong |= set(specs[spec].wrong(name, kind, thing))
    print("\n".join(sorted(wrong)))
    print("checked " + ", ".join(f"{n} {k}" for k, n in sorted(count.items())), file=sys.stderr)
    return 1 if wrong or not count else 0


sys.exit(main())
