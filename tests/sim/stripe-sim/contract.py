#!/usr/bin/python3
"""Compare what passes between the adapter and the simulator with the provider's own
OpenAPI description.

usage: contract.py CONTRACTS <state.json            what GET /sim/state shows
       contract.py CONTRACTS --wire LOG [CALL...]   what recorder.py wrote down
CONTRACTS holds spec3-*.yaml, fixtures3.json, objects/ and the requests that the
provider's own client sent.  A CALL is "POST /v1/refunds": it must have passed.  One line
a deviation; status 1 when there is one.
"""
import json
import pathlib
import re
import sys
import urllib.parse

import jsonschema
import yaml

KINDS = ("balance_transaction", "charge", "customer", "dispute", "event",
         "payment_intent", "payment_method", "payout", "refund", "balance", "error")

# What we send that is newer than the description, by its name and why it may be sent:
# both are parameters of the provider's client, whose version is the fixtures'.
NEWER_PARAMETERS = {
    "payment_method_options[card][request_multicapture]":
        "multicapture, named in the client's request types",
    "final_capture": "the other half of multicapture",
}


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
    found = set()
    sample = folder / "objects" / f"{kind}.json"
    if sample.exists():
        found |= set(json.loads(sample.read_text()))
    fixtures = folder / "fixtures3.json"
    if fixtures.exists():
        found |= set(json.loads(fixtures.read_text())["resources"].get(kind) or {})
    return found


def leaves(form):
    """a[b][0]=c as (("a", "b", "0"), "c"), decoded."""
    for pair in form.split("&") if form else ():
        name, _, value = pair.partition("=")
        name = urllib.parse.unquote_plus(name)
        head, *rest = re.split(r"\[", name)
        yield (head, *[r.rstrip("]") for r in rest]), urllib.parse.unquote_plus(value)


class Contract:
    def __init__(self, folder):
        spec = sorted(folder.glob("spec3-*.yaml"))[-1]
        with open(spec, encoding="utf-8") as f:
            whole = yaml.load(f, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        self.paths = whole["paths"]
        self.spec = {"components": {"schemas": plain(whole["components"]["schemas"])}}
        self.resolver = jsonschema.RefResolver("", self.spec)
        self.known = {
            k: newer(folder, k) | set(self.spec["components"]["schemas"][k]["properties"])
            for k in KINDS}
        self.seen, self.wrong, self.lists = {}, set(), 0

    def object(self, thing):
        kind = thing.get("object", "error")
        if kind in ("list", "search_result"):
            self.list(thing)
            return
        if kind not in self.known:
            self.wrong.add(f"{kind}: no such object")
            return
        self.seen[kind] = self.seen.get(kind, 0) + 1
        check = jsonschema.Draft4Validator(
            {"$ref": f"#/components/schemas/{kind}"}, resolver=self.resolver)
        for e in check.iter_errors(thing):
            best = jsonschema.exceptions.best_match([e])
            self.wrong.add(
                f"{kind}: {'.'.join(map(str, e.absolute_path))}: {best.message[:200]}")
        for extra in sorted(set(thing) - self.known[kind]):
            self.wrong.add(f"{kind}: {extra}: no such member")
        if kind == "event":
            self.object(thing["data"]["object"])

    def list(self, thing):
        self.lists += 1
        search = thing["object"] == "search_result"
        members = {"object", "data", "has_more", "url"} | ({"next_page"} if search else set())
        for extra in sorted(set(thing) ^ members):
            self.wrong.add(f"{thing['object']}: {extra}: missing or no such member")
        if not isinstance(thing.get("has_more"), bool):
            self.wrong.add(f"{thing['object']}: has_more is no boolean")
        for one in thing.get("data", ()):
            self.object(one)

    # Requests.

    def operation(self, method, path):
        for template, item in self.paths.items():
            shape = re.sub(r"\\{[^}]*\\}", "[^/]+", re.escape(template))
            exact = "{" not in template
            if method.lower() in item and re.fullmatch(shape, path):
                if exact or path not in self.paths:
                    return template, item[method.lower()]
        return None, None

    def parameters(self, op, body):
        """The schema of what this call takes: of its form, or of its query."""
        if body is not None:
            content = op.get("requestBody", {}).get("content", {})
            return content.get("application/x-www-form-urlencoded", {}).get("schema", {})
        return {"type": "object", "properties": {
            p["name"]: p.get("schema", {}) for p in op.get("parameters", ())
            if p["in"] == "query"},
            "required": [p["name"] for p in op.get("parameters", ())
                         if p["in"] == "query" and p.get("required")]}

    def leaf(self, schema, where, value):
        """Why the value does not fit, or None."""
        if "anyOf" in schema:
            why = [self.leaf(s, where, value) for s in schema["anyOf"]]
            return None if None in why else why[0]
        if where:
            head, *rest = where
            if schema.get("type") == "array":
                return ("no number" if not head.isdigit() else
                        self.leaf(schema.get("items", {}), rest, value))
            inner = schema.get("properties", {}).get(head)
            if inner is None and isinstance(schema.get("additionalProperties"), dict):
                inner = schema["additionalProperties"]
            return "no such parameter" if inner is None else self.leaf(inner, rest, value)
        kind = schema.get("type")
        if kind == "integer" and not re.fullmatch(r"-?\d+", value):
            return "no integer"
        if kind == "boolean" and value not in ("true", "false"):
            return "no boolean"
        if kind in ("object", "array"):
            return f"no {kind}"
        if "enum" in schema and value not in schema["enum"]:
            return "none of " + ", ".join(map(str, schema["enum"]))
        if len(value) > schema.get("maxLength", 1 << 20):
            return "too long"
        return None

    def request(self, call):
        path, _, query = call["path"].partition("?")
        template, op = self.operation(call["method"], path)
        if op is None:
            self.wrong.add(f"{call['method']} {path}: no such call")
            return None
        name = f"{call['method']} {template}"
        form = call["body"] if call["method"] == "POST" else query
        schema = self.parameters(op, form if call["method"] == "POST" else None)
        given = set()
        for where, value in leaves(form):
            given.add(where[0])
            text = where[0] + "".join(f"[{w}]" for w in where[1:])
            why = None if text in NEWER_PARAMETERS else self.leaf(schema, where, value)
            if why:
                self.wrong.add(f"{name}: {text}={value[:60]}: {why}")
        for missing in sorted(set(schema.get("required", ())) - given):
            self.wrong.add(f"{name}: {missing} is missing")
        self.headers(name, call)
        return name

    def headers(self, name, call):
        have = {k.lower(): v for k, v in call["headers"].items()}
        if not re.fullmatch(r"\d{4}-\d\d-\d\d(\..*)?", have.get("stripe-version", "")):
            self.wrong.add(f"{name}: no Stripe-Version")
        if not have.get("authorization", "").startswith("Bearer "):
            self.wrong.add(f"{name}: no key")
        if call["method"] == "POST":
            if not 1 <= len(have.get("idempotency-key", "")) <= 255:
                self.wrong.add(f"{name}: no Idempotency-Key")
            if have.get("content-type") != "application/x-www-form-urlencoded":
                self.wrong.add(f"{name}: not a form")


def recorded(folder):
    """The requests of the provider's own client: "POST /v1/refunds" and its form."""
    for file in sorted(folder.glob("npm-stripe-*/requests/*.http.bin")):
        head, _, body = file.read_bytes().decode().partition("\r\n\r\n")
        method, path, _ = head.split("\r\n")[0].split(" ")
        path, _, query = path.partition("?")
        yield method, path, body if method == "POST" else query


def spelling(contract, folder, calls):
    """Where we and the provider's client say the same thing, it is written the same."""
    theirs = {}
    for method, path, form in recorded(folder):
        template, _ = contract.operation(method, path)
        for pair in form.split("&") if form else ():
            name, _, value = pair.partition("=")
            decoded = (urllib.parse.unquote_plus(name), urllib.parse.unquote_plus(value))
            theirs[(method, template, decoded)] = f"{name}={value}"
    compared = 0
    for call in calls:
        path, _, query = call["path"].partition("?")
        template, _ = contract.operation(call["method"], path)
        form = call["body"] if call["method"] == "POST" else query
        for pair in form.split("&") if form else ():
            name, _, value = pair.partition("=")
            key = (call["method"], template,
                   (urllib.parse.unquote_plus(name), urllib.parse.unquote_plus(value)))
            if key in theirs:
                compared += 1
                # brackets may be escaped or not: both are read the same
                if theirs[key] != pair.replace("%5B", "[").replace("%5D", "]"):
                    contract.wrong.add(f"{template}: {pair}, and the client writes {theirs[key]}")
    return compared


def wire(contract, folder, log, wanted):
    with open(log, encoding="utf-8") as f:
        calls = [json.loads(line) for line in f]
    passed = {}
    for call in calls:
        name = contract.request(call)
        passed[name] = passed.get(name, 0) + 1
        if call["answer"].startswith("{"):
            contract.object(json.loads(call["answer"]))
    for name in wanted:
        if name not in passed:
            contract.wrong.add(f"{name}: never seen")
    compared = spelling(contract, folder, calls)
    print(f"{len(calls)} calls of {len(passed)} kinds, {compared} parameters as the "
          f"provider's client writes them, {contract.lists} lists", file=sys.stderr)


def state(contract, everything):
    for things in everything["objects"].values():
        for thing in things:
            contract.object(thing)
    for thing in everything.get("extra", []):
        contract.object(thing)


def main():
    folder = pathlib.Path(sys.argv[1])
    contract = Contract(folder)
    if sys.argv[2:3] == ["--wire"]:
        wire(contract, folder, sys.argv[3], sys.argv[4:])
    else:
        state(contract, json.load(sys.stdin))
    print("\n".join(sorted(contract.wrong)))
    print("checked " + ", ".join(f"{n} {k}" for k, n in sorted(contract.seen.items())),
          file=sys.stderr)
    return 1 if contract.wrong or not contract.seen else 0


sys.exit(main())
