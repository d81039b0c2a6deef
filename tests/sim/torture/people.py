"""Who uses the shop: shoppers who insist, and operators who give money back."""
import http.client
import json
import os
import random
import subprocess
import time

from world import BUILD, SEED, SKUS, price


class People:
    def __init__(self, world, shopping):
        self.world, self.shopping = world, shopping

    def insist(self, method, path, body=None, key=None):
        """Repeat until there is an answer that is not "try again"."""
        while not self.world.over.is_set():
            try:
                status, answer = self.world.call(method, path, body, key)
                if status not in (429, 500, 503):
                    return status, answer
            except (OSError, http.client.HTTPException, ValueError):
                pass
            time.sleep(0.05)
        return 0, {}

    def order_by_hand(self, rnd, *args):
        """shopctl until it is done or refused: its exit status and answer."""
        w = self.world
        while not w.over.is_set():
            host = w.path("line") if rnd.random() < 0.5 else w.cluster.dir
            p = subprocess.run([f"{BUILD}/shopctl", *args, "--format", "json"], text=True,
                               capture_output=True, check=False,
                               env=dict(os.environ, PGHOST=host))
            if p.returncode not in (69, 75):
                return p.returncode, p.stdout, p.stderr
            with w.lock:
                w.counts["(asked again by hand)"] += 1
            time.sleep(0.1)
        return -1, "", ""

    # -- shoppers --------------------------------------------------------------------

    def confirm_in_browser(self, order, rnd):
        """What the storefront does when the payment is the customer's to confirm."""
        for _ in range(100):
            status, answer = self.insist("GET", f"/v1/checkouts/{order}")
            secret = (answer.get("payment") or {}).get("client_secret")
            if status != 200 or answer.get("state") != "pending" or not self.shopping.is_set():
                return
            if secret:
                break
            time.sleep(0.1)
        else:
            return
        method = rnd.choice(["pm_card_visa", "pm_card_visa", "pm_card_chargeDeclined"])
        c = http.client.HTTPConnection("127.0.0.1", self.world.sim_port, timeout=10)
        try:
            c.request("POST", f"/v1/payment_intents/{secret.split('_secret')[0]}/confirm",
                      f"client_secret={secret}&payment_method={method}",
                      {"Content-Type": "application/x-www-form-urlencoded",
                       "Stripe-Version": "2023-08-16",
                       "Authorization": "Bearer pk_test_torture"})
            c.getresponse().read()
            with self.world.lock:
                self.world.counts["(confirmed in a browser)"] += 1
        except (OSError, http.client.HTTPException):
            pass  # the browser never hears; the shop learns by webhook or by asking
        finally:
            c.close()

    def basket(self, n, rnd, paid_by):
        lines = [{"sku": f"T-{s}", "qty": rnd.randint(1, 3)}
                 for s in rnd.sample(range(SKUS), rnd.randint(1, 3))]
        total = sum(line["qty"] * price(int(line["sku"][2:])) for line in lines)
        order = {"customer": {"email": f"shopper{n}@example.com", "name": "S"},
                 "currency": "EUR", "lines": lines,
                 "expected_total": {"amount": total, "currency": "EUR"}}
        if paid_by == "when shipped":
            order["payment"] = {"method": "pm_card_visa", "capture": "manual"}
        elif paid_by.startswith("pm_"):
            order["payment"] = {"method": paid_by}
        return json.dumps(order)

    def buy(self, n, rnd, key):
        w = self.world
        paid_by = rnd.choice(["pm_card_visa", "pm_card_visa", "browser", "browser",
                              "when shipped", "pm_card_chargeDeclined", "nobody"])
        body = self.basket(n, rnd, paid_by)
        status, answer = self.insist("POST", "/v1/checkouts", body, key)
        if status in (0, 409):
            return
        if status not in (200, 201):
            w.problems.append(f"{key}: {status} {answer}")
            return
        w.acknowledge(key, {"what": "order", "id": answer["id"]})
        if rnd.random() < 0.2:
            again, second = self.insist("POST", "/v1/checkouts", body, key)
            if again and second.get("id") != answer["id"]:
                w.problems.append(f"{key}: {answer['id']} then {again} {second}")
        if paid_by == "browser":
            self.confirm_in_browser(answer["id"], rnd)

    def shop(self, n):
        rnd, count = random.Random(SEED * 1000 + n), 0
        while not self.world.over.is_set():
            if self.shopping.wait(0.1):
                count += 1
                self.buy(n, rnd, f"s{n}-{count}")

    # -- operators -------------------------------------------------------------------

    def refund(self, rnd, key):
        w = self.world
        paid = w.sql("SELECT id FROM orders WHERE state = 'paid' ORDER BY id DESC LIMIT 20")
        if not paid:
            return
        minor = rnd.randint(100, 300)
        code, out, err = self.order_by_hand(
            rnd, "refund", "create", rnd.choice(paid.split()), "--amount",
            f"{minor / 100:.2f}EUR", "--reason", "torture", "--idempotency-key", key,
            "--columns", "id")
        if code == 0:
            w.acknowledge(key, {"what": "refund", "id": str(json.loads(out)["id"]),
                                "minor": minor})
        elif code not in (-1, 4):  # 4: more than is left
            w.problems.append(f"refund {key}: {code} {err}")

    def cancel(self, rnd, key):
        w = self.world
        state = rnd.choice(["pending", "paid"])
        found = w.sql(f"SELECT id FROM orders WHERE state = '{state}' ORDER BY id DESC LIMIT 20")
        if not found:
            return
        order = rnd.choice(found.split())
        code, _, err = self.order_by_hand(rnd, "order", "cancel", order, "--reason", "torture")
        if code == 0:
            w.acknowledge(key, {"what": "cancel", "id": order})
        elif code not in (-1, 4):
            w.problems.append(f"cancel of {order}: {code} {err}")

    def one_of(self, rnd, query):
        found = self.world.sql(query + " ORDER BY id DESC LIMIT 20").split()
        return rnd.choice(found) if found else None

    def by_hand(self, rnd, key, what, subject, *args):
        """One command about a thing; acknowledged, refused, or a problem."""
        if subject is None:
            return
        code, _, err = self.order_by_hand(rnd, *args)
        if code == 0:
            self.world.acknowledge(key, {"what": what, "id": subject})
        elif code not in (-1, 4):
            self.world.problems.append(f"{' '.join(args)}: {code} {err}")

    def pack(self, rnd, key):
        order = self.one_of(rnd, "SELECT id FROM orders WHERE state IN ('paid', 'authorized')")
        self.by_hand(rnd, key, "pack", order, "shipment", "create", str(order),
                     "--tracking", key)

    def hand_over(self, rnd, key):
        parcel = self.one_of(rnd, "SELECT id FROM shipment WHERE state IN ('draft', 'labeled')")
        self.by_hand(rnd, key, "ship", parcel, "shipment", "ship", str(parcel))

    def deliver(self, rnd, key):
        parcel = self.one_of(rnd, "SELECT id FROM shipment WHERE state IN ('handed_over', 'in_transit')")
        self.by_hand(rnd, key, "deliver", parcel, "shipment", "deliver", str(parcel))

    def capture(self, rnd, key):
        order = self.one_of(rnd, "SELECT id FROM orders WHERE state = 'authorized'")
        self.by_hand(rnd, key, "capture", order, "payment", "capture", str(order),
                     "--reason", "torture")

    def void(self, rnd, key):
        order = self.one_of(rnd, "SELECT id FROM orders WHERE state = 'authorized'")
        if rnd.random() < 0.5:
            self.by_hand(rnd, key, "void", order, "payment", "void", str(order),
                         "--reason", "torture")

    def operate(self, n):
        rnd, count = random.Random(SEED * 2000 + n), 0
        work = [self.refund, self.refund, self.cancel, self.pack, self.hand_over,
                self.hand_over, self.deliver, self.capture, self.void, self.bank]
        while not self.world.over.is_set():
            if self.shopping.wait(0.1):
                count += 1
                rnd.choice(work)(rnd, f"o{n}-{count}")
                time.sleep(0.02)

    # -- banks -----------------------------------------------------------------------

    def bank(self, rnd, key):
        """A customer disputes a charge, a dispute ends, or a refund fails weeks later."""
        w = self.world
        objects = w.sim("GET", "/sim/state")["objects"]
        what = rnd.choice(["opened", "closed", "refund failed"])
        wish = None
        if what == "opened":
            charges = [c["id"] for c in objects["charges"]
                       if c["status"] == "succeeded" and c.get("captured") and not c.get("disputed")]
            wish = charges and {"charge": rnd.choice(charges[-20:])}
        elif what == "closed":
            open_ = [d["id"] for d in objects["disputes"] if d["status"] not in ("won", "lost")]
            wish = open_ and {"dispute": rnd.choice(open_), "outcome": rnd.choice(["won", "lost"])}
        else:
            refunds = [r["id"] for r in objects["refunds"] if r["status"] == "succeeded"]
            wish = refunds and {"refund": rnd.choice(refunds)}
        if wish:
            try:
                w.sim("POST", "/sim/refunds/fail" if "refund" in wish else "/sim/disputes", wish)
            except RuntimeError as e:
                if " 409 " not in str(e):
                    raise
                return  # another one was faster
        with w.lock:
            w.counts["bank: " + what] += bool(wish)
