#!/usr/bin/python3
"""A proxy that writes down what passes, for contract.py --wire.

usage: recorder.py TARGET-HOST:PORT PORT-FILE LOG
One JSON object a line: method, path (with its query), headers, body, status, answer.
"""
import http.client
import http.server
import json
import os
import sys
import threading

target, port_file, log = sys.argv[1:]
lock = threading.Lock()
HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "expect"}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def relay(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        upstream = http.client.HTTPConnection(target, timeout=30)
        try:
            upstream.request(self.command, self.path, body or None,
                             {k: v for k, v in self.headers.items() if k.lower() not in HOP})
            answer = upstream.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException):
            self.close_connection = True  # the target broke off: so do we
            self.note(body, 0, b"")
            return
        finally:
            upstream.close()
        self.note(body, answer.status, text)
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in HOP:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = do_DELETE = relay

    def note(self, body, status, text):
        line = json.dumps({"method": self.command, "path": self.path,
                           "headers": dict(self.headers), "body": body.decode("latin-1"),
                           "status": status, "answer": text.decode("utf-8", "replace")})
        with lock, open(log, "a", encoding="utf-8") as f:
            f.write(line + "\n")

    def log_message(self, *args):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
with open(port_file + ".new", "w", encoding="utf-8") as f:
    f.write(str(server.server_port))
os.rename(port_file + ".new", port_file)
server.serve_forever()
