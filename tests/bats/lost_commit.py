"""Ask again and again with one key until there is an answer, as every client should.

	lost_commit.py checkouts ADDRESS KEY NAME COUNT
	                                              POST /v1/checkouts, 4 clients at once
	lost_commit.py refunds ORDER COUNT            shopctl refund create, 3 at once

Prints one line an intent: its key, the number of what came of it, and whether the
answer said that it had been there before.  METHOD pays; once the file ENOUGH is there
no more is begun.
"""
import concurrent.futures
import http.client
import json
import os
import subprocess
import sys
import time


def checkout(address, api_key, name, n):
    key, method = f"{name}-{n}", os.environ.get("METHOD")
    if os.path.exists(os.environ.get("ENOUGH", "")):
        return key, 0, "skipped"
    body = json.dumps({
        **({"payment": {"method": method}} if method else {}),
        "customer": {"email": "ada@example.com"}, "currency": "EUR",
        "lines": [{"sku": "DOG-5KG", "qty": 1}],
        "expected_total": {"amount": 5000, "currency": "EUR"}})
    for _ in range(2000):
        c = http.client.HTTPConnection(address, timeout=30)
        try:
            c.request("POST", "/v1/checkouts", body, {
                "Authorization": f"Bearer {api_key}", "Idempotency-Key": key,
                "Content-Type": "application/json"})
            a = c.getresponse()
            text = a.read()
            if a.status == 201:
                was = a.getheader("Idempotency-Replayed") == "true"
                return key, json.loads(text)["id"], "replayed" if was else "first"
            if a.status != 503:
                return key, 0, f"{a.status}:{text!r}"
            time.sleep(0.02)
        except (OSError, http.client.HTTPException) as e:
            return key, 0, repr(e)
        finally:
            c.close()
    return key, 0, "gave-up"


def refund(order, n):
    key = f"refund-{n}"
    for _ in range(2000):
        p = subprocess.run(
            [os.environ["BUILD"] + "/shopctl", "refund", "create", order, "--amount",
             "0.01EUR", "--reason", "lost", "--idempotency-key", key, "--format", "json",
             "--columns", "id,replayed"],
            capture_output=True, text=True, check=False, timeout=60)
        if p.returncode == 0:
            r = json.loads(p.stdout)
            return key, r["id"], "replayed" if r["replayed"] else "first"
        if p.returncode not in (69, 75):
            return key, 0, f"{p.returncode}:{p.stderr!r}"
    return key, 0, "gave-up"


def main():
    what, rest, count = sys.argv[1], sys.argv[2:-1], int(sys.argv[-1])
    one = {"checkouts": checkout, "refunds": refund}[what]
    with concurrent.futures.ThreadPoolExecutor(4 if what == "checkouts" else 3) as pool:
        for line in pool.map(lambda n: one(*rest, n), range(count)):
            print(*line)


main()
