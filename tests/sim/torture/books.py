"""What must be true when all has come to rest: the shop, the provider, the shoppers agree."""
import collections
import os
import subprocess

from world import BUILD


def rows(world, text):
    return [line.split("|") for line in world.sql(text).splitlines()]


def number(world, text):
    return int(world.sql(text) or 0)


def same(ours, theirs):
    return ours == theirs or {"ours": ours, "theirs": theirs}


def no(found):
    return not found or found


def lost(world):
    """Acknowledged, and not there or not what was said."""
    orders = {i: (key, state) for i, key, state in rows(
        world, "SELECT id, key, state FROM orders")}
    refunds = {i: int(minor) for i, minor in rows(world, "SELECT id, amount FROM refund")}
    parcels = dict(rows(world, "SELECT id, state FROM shipment"))
    bad = []
    for key, a in world.acked.items():
        if a["what"] == "order" and orders.get(a["id"], ("",))[0] != key:
            bad.append((key, a))
        elif a["what"] == "refund" and refunds.get(a["id"]) != a["minor"]:
            bad.append((key, a))
        elif a["what"] in ("ship", "deliver") and \
                parcels.get(a["id"]) not in ("handed_over", "in_transit", "exception", "delivered"):
            bad.append((key, a, parcels.get(a["id"])))
        elif a["what"] == "cancel" and orders[a["id"]][1] not in ("canceled", "expired"):
            bad.append((key, a, orders[a["id"]]))
    return bad


def clearing(world, objects):
    """X1: what the ledger says lies at the provider is the provider's own balance."""
    ours = number(world, "SELECT sum(amount) FROM ledger_line WHERE account = 'psp:clearing'")
    known = objects.get("balance_transactions")
    if known is None:
        return True
    return same(ours, sum(t["net"] for t in known))


def books(world):
    """The comparisons: (name, True or why not)."""
    state = world.last_state = world.sim("GET", "/sim/state")
    objects = state["objects"]
    intents, refunds = objects["payment_intents"], objects["refunds"]
    per_payment = collections.Counter(p["metadata"].get("payment_id") for p in intents)
    taken = collections.Counter(p["metadata"].get("payment_id") for p in intents
                                if p["status"] == "succeeded")
    twice = rows(world, "SELECT client_id, key FROM orders GROUP BY 1, 2 HAVING count(*) > 1 "
                 "UNION ALL SELECT payment_id, key FROM refund GROUP BY 1, 2 HAVING count(*) > 1")
    per_refund = collections.Counter(r["metadata"].get("refund_id") for r in refunds
                                     if r["metadata"].get("refund_id"))
    booked = number(world, "SELECT sum(l.amount) FROM ledger_line l JOIN ledger_entry e "
                    "ON e.id = l.entry_id WHERE e.kind = 'capture' AND l.account = 'psp:clearing'")
    returned = sum(r["amount"] for r in refunds if r["status"] in ("succeeded", "pending"))
    given = number(world, "SELECT sum(amount) FROM refund WHERE state IN ('succeeded', 'pending')")
    dead = world.sql("SELECT kind || ' ' || coalesce(subject::text, '') || ': ' || rule "
                     "|| ': ' || message FROM job_dead")
    fsck = subprocess.run([f"{BUILD}/shopctl", "fsck"], text=True, capture_output=True,
                          check=False, env=dict(os.environ, PGUSER="postgres"))
    return [
        ("no acknowledged work is lost", no(lost(world))),
        ("no key did two things", no(twice)),
        ("no payment has two intents", no({k: n for k, n in per_payment.items() if n > 1})),
        ("no payment was charged twice", max(taken.values(), default=0) <= 1 or taken),
        ("no refund went out twice", no({k: n for k, n in per_refund.items() if n > 1})),
        ("the ledger holds what the provider captured",
         same(booked, sum(p.get("amount_received", 0) for p in intents))),
        ("the provider returned what we refunded", same(given, returned)),
        ("the clearing account is the provider's balance", clearing(world, objects)),
        ("no job died", no(dead)),
        ("every message was sent", same(number(
            world, "SELECT count(*) FROM notification WHERE state NOT IN ('sent', 'suppressed')"), 0)),
        ("the books are clean", fsck.returncode == 0 or fsck.stdout + fsck.stderr),
    ]
