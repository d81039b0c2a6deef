"""A collector of OpenTelemetry that takes nothing for granted.

	collector.py PORT FILE STATUS...   answers the requests with these, the last one for ever;
	                                   each request becomes a line of FILE: what is wrong with it,
	                                   its headers, its spans
It decodes as https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding has it: members
by their lowerCamelCase names, hex ids, enums as integers, 64-bit integers as strings.
"""
import http.server
import json
import re
import sys

FAULTS = []


def wrong(where, what):
    FAULTS.append(f"{where}: {what}")


def hexes(n):
    return lambda v: isinstance(v, str) and re.fullmatch(f"[0-9a-f]{{{n}}}", v) and set(v) != {"0"}


def text(v):
    return isinstance(v, str)


def int64(v):
    return isinstance(v, str) and re.fullmatch("-?[0-9]{1,19}", v)


def enum(most):
    return lambda v: isinstance(v, int) and not isinstance(v, bool) and 0 <= v <= most


def message(fields):
    def check(v, where="body"):
        if not isinstance(v, dict):
            wrong(where, f"{v!r} is no object")
            return
        for name, value in v.items():
            kind = fields.get(name)
            if kind is None:
                wrong(where, f"there is no {name}")
            elif isinstance(kind, list):
                for i, one in enumerate(value):
                    kind[0](one, f"{where}.{name}[{i}]")
            elif kind.__name__ == "check":
                kind(value, f"{where}.{name}")
            elif not kind(value):
                wrong(f"{where}.{name}", repr(value))
    return check


ANY = message({"stringValue": text, "intValue": int64})
PAIR = message({"key": text, "value": ANY})
SPAN = message({"traceId": hexes(32), "spanId": hexes(16), "parentSpanId": hexes(16), "name": text,
                "kind": enum(5), "startTimeUnixNano": int64, "endTimeUnixNano": int64,
                "attributes": [PAIR], "status": message({"code": enum(2), "message": text})})
SCOPE = message({"scope": message({"name": text, "version": text}), "spans": [SPAN]})
REQUEST = message({"resourceSpans": [message({"resource": message({"attributes": [PAIR]}),
                                              "scopeSpans": [SCOPE]})]})


def spans_of(body):
    for resource in body["resourceSpans"]:
        service = {a["key"]: a["value"]["stringValue"] for a in resource["resource"]["attributes"]}
        for scope in resource["scopeSpans"]:
            for span in scope["spans"]:
                if int(span["endTimeUnixNano"]) < int(span["startTimeUnixNano"]):
                    wrong("span", "ends before it begins")
                tags = {a["key"]: next(iter(a["value"].values())) for a in span["attributes"]}
                yield {**span, "attributes": tags, "resource": service}


class Collector(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        FAULTS.clear()
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        REQUEST(body)
        statuses = self.server.statuses
        status = statuses.pop(0) if len(statuses) > 1 else statuses[0]
        with open(sys.argv[2], "a", encoding="utf-8") as f:
            f.write(json.dumps({"path": self.path, "status": status, "faults": list(FAULTS),
                                "headers": {k.lower(): v for k, v in self.headers.items()},
                                "spans": list(spans_of(body))}) + "\n")
        answer = b"{}"
        self.send_response(status)
        self.send_header("Retry-After", "1")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Collector)
server.statuses = [int(s) for s in sys.argv[3:]]
server.serve_forever()
