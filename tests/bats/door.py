"""What the door's tests need beyond curl: raw bytes, many at once, a signature.

	door.py raw ADDRESS FILE        the statuses of the answers, then "closed", or "open" after $WAIT
	door.py same ADDRESS N          standard input N times at once, by one socket each
	door.py load ADDRESS N SECONDS  checkouts over N kept connections; see load()
	door.py sign SECRET TIME        a Stripe-Signature of standard input
	door.py slow ADDRESS N          N connections that never finish their requests, half of them in
	                                the head; says "held", and how many heads were let go with 408
	door.py huge ADDRESS BYTES      a body of so many bytes: the status, and how many were taken
	door.py json ADDRESS KEY TEST FOLDER  each file of a JSON suite as a checkout; see json_suite()
	door.py check FILE              fails when an answer is not as /openapi.json says
"""
import collections
import hashlib
import hmac
import http.client
import json
import os
import pathlib
import re
import resource
import socket
import sys
import threading
import time


def connect(address):
    if address.startswith("unix:"):
        s = socket.socket(socket.AF_UNIX)
        s.connect(address[5:])
    else:
        host, port = address.rsplit(":", 1)
        s = socket.create_connection((host, int(port)))
    s.settimeout(15)
    return s


class Reader:
    """Answers of one connection, one after the other."""

    def __init__(self, s):
        self.s, self.bytes = s, b""

    def more(self):
        try:
            got = self.s.recv(65536)
        except ConnectionResetError:
            return False
        self.bytes += got
        return bool(got)

    def answer(self):
        """(status, head, body), or None when the connection ended before it."""
        while b"\r\n\r\n" not in self.bytes:
            if not self.more():
                return None
        head, rest = self.bytes.split(b"\r\n\r\n", 1)
        n = int(re.search(rb"content-length: (\d+)", head, re.I).group(1))
        while len(rest) < n:
            if not self.more():
                return None
            rest = self.bytes.split(b"\r\n\r\n", 1)[1]
        self.bytes = rest[n:]
        return int(head.split()[1]), head, rest[:n]


def raw(address, file):
    """A connection still open $WAIT seconds (0.5) after the last answer counts as open."""
    s = connect(address)
    s.sendall(open(file, "rb").read())
    r, statuses = Reader(s), []
    s.settimeout(float(os.environ.get("WAIT", 0.5)))
    try:
        while (answer := r.answer()) is not None:
            statuses.append(str(answer[0]))
        end = "closed"
    except TimeoutError:
        end = "open"
    print(*statuses, end)


def same(address, n):
    """Everything is connected and all but sent first, so that they do arrive together."""
    text = sys.stdin.buffer.read()
    sockets = [connect(address) for _ in range(int(n))]
    for s in sockets:
        s.sendall(text[:-1])
    time.sleep(0.2)
    for s in sockets:
        s.sendall(text[-1:])
    for s in sockets:
        status, head, body = Reader(s).answer()
        replayed = b"\nIdempotency-Replayed: true" in head
        print(status, "replayed" if replayed else "first", body.decode())


def post(key, name, sku):
    body = json.dumps({
        "customer": {"email": "load@example.org"}, "currency": "EUR",
        "lines": [{"sku": sku, "qty": 1}],
        "expected_total": {"amount": 2999, "currency": "EUR"}}).encode()
    return (b"POST /v1/checkouts HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\n"
            b"Authorization: Bearer %s\r\nIdempotency-Key: %s\r\nContent-Length: %d\r\n\r\n"
            % (key.encode(), name.encode(), len(body))) + body


def load(address, n, seconds):
    """
    Writes one line a request: its key and the status, or "refused" when no
    connection was made, "idle" when a kept connection ended before the request
    was taken, "lost" when the answer to a request was cut.
    """
    key, end = os.environ["API_KEY"], time.time() + float(seconds)
    lines, lock = [], threading.Lock()

    def one(worker):
        s = r = None
        i = 0
        while time.time() < end:
            i += 1
            name = f"load-{worker}-{i}"
            try:
                fresh = s is None
                s = s or connect(address)
                r = Reader(s) if fresh else r
            except OSError:
                result = "refused"
            else:
                try:
                    s.sendall(post(key, name, os.environ.get("SKU", "DOG-5KG")))
                    answer = r.answer()
                    result = answer[0] if answer else "cut" if fresh or r.bytes else "idle"
                    if not answer or b"\nConnection: close" in answer[1]:
                        s = None
                except (ConnectionResetError, BrokenPipeError):
                    result, s = "cut" if fresh else "idle", None
            with lock:
                lines.append(f"{name} {result}")
            if result == "refused":
                time.sleep(0.05)

    threads = [threading.Thread(target=one, args=(w,)) for w in range(int(n))]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    print("\n".join(lines))


def slow(address, n):
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    head = b"POST /v1/checkouts HTTP/1.1\r\nHost: t\r\nX: "
    body = (b"POST /v1/checkouts HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\n"
            b"Authorization: Bearer %s\r\nIdempotency-Key: slow\r\nContent-Length: 9999\r\n\r\n{"
            % os.environ["API_KEY"].encode())
    heads, bodies = [], []
    for i in range(int(n)):
        (bodies if i % 2 else heads).append(connect(address))
    for s in bodies:
        s.sendall(body)
    for s in heads:
        s.sendall(head)
    print("held", flush=True)
    statuses = collections.Counter()
    for s in heads:
        while True:
            try:
                s.settimeout(0.001 if len(statuses) else 1)
                got = s.recv(12)
                statuses[got[9:12].decode()] += 1
                break
            except TimeoutError:
                try:
                    s.sendall(b"a")
                except OSError:
                    pass
            except OSError:
                statuses["reset"] += 1
                break
    print(statuses["408"], flush=True)


def huge(address, n):
    s, sent, left = connect(address), 0, int(n)
    s.sendall(b"POST /v1/checkouts HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\n"
              b"Authorization: Bearer %s\r\nIdempotency-Key: huge\r\nContent-Length: %d\r\n\r\n"
              % (os.environ["API_KEY"].encode(), left))
    try:
        while left > sent:
            sent += s.send(bytes(1 << 20))
    except OSError:
        pass  # it has heard enough
    try:
        answer = Reader(s).answer()
    except OSError:
        answer = None
    print(answer[0] if answer else "closed", sent)


def sign(secret, at):
    mac = hmac.new(secret.encode(), at.encode() + b"." + sys.stdin.buffer.read(), hashlib.sha256)
    print(f"t={at},v1={mac.hexdigest()}")


def resolve(document, node):
    while "$ref" in node:
        at = document
        for step in node["$ref"][2:].split("/"):
            at = at[step]
        node = at
    return node


def check(file):
    """FILE has a line of JSON an answer: method, path, status, type, body."""
    import jsonschema
    document = json.load(open(file + ".openapi"))
    wrong = 0
    for line in open(file):
        a = json.loads(line)
        paths = [p for p in document["paths"]
                 if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", p), a["path"].split("?")[0])]
        if not paths:
            continue
        operation = document["paths"][paths[0]].get(a["method"].lower())
        if operation is None:
            continue
        answer = resolve(document, operation["responses"].get(str(a["status"]), {}))
        content = answer.get("content", {}).get(a["type"])
        if not answer or (a["body"] and content is None):
            print("undocumented:", a)
            wrong += 1
            continue
        if content:
            schema = {"components": document["components"], **content["schema"]}
            for e in jsonschema.Draft202012Validator(schema).iter_errors(json.loads(a["body"])):
                print(a["method"], a["path"], a["status"], e.message)
                wrong += 1
    sys.exit(wrong > 0)


def json_suite(address, key, test, folder):
    """400 and 413 refuse the text itself, 422 only what it says; TEST lists which do."""
    with open(test, encoding="utf-8") as f:
        listed = re.search(r"decided\[\] =\n(.*?);", f.read(), re.S).group(1)
    otherwise = set(re.findall(r"[^|\"\s]+\.json", listed))
    host, port = address.rsplit(":", 1)
    door = http.client.HTTPConnection(host, int(port), timeout=15)
    files, wrong = sorted(pathlib.Path(folder).glob("*/*.json")), 0
    for n, file in enumerate(files):
        door.request("POST", "/v1/checkouts", file.read_bytes(), {
            "Authorization": f"Bearer {key}", "Content-Type": "application/json",
            "Idempotency-Key": f"json-{n}"})
        answer = door.getresponse()
        answer.read()
        wanted = (file.name[0] == "y") != (file.name in otherwise)
        if answer.status not in ((422,) if wanted else (400, 413)):
            wrong += 1
            print(file.name, answer.status)
        if answer.getheader("Connection") == "close":
            door.close()
    print(f"{len(files)} files, {wrong} decided otherwise")


if __name__ == "__main__":
    {"json": json_suite}.get(sys.argv[1], globals().get(sys.argv[1]))(*sys.argv[2:])
