-- Checks of the books that came to their end, and what lets one look at recent orders
-- only: block ranges cost next to nothing where rows arrive in the order of time.

CREATE TABLE fsck_run (
	id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	scope      text NOT NULL, -- all, since last, or what was asked for
	began_at   timestamptz NOT NULL,
	ended_at   timestamptz NOT NULL DEFAULT now(),
	violations bigint NOT NULL,
	actor      text NOT NULL
);
CREATE INDEX order_event_at ON order_event USING brin (at);
CREATE INDEX ledger_entry_posted ON ledger_entry USING brin (posted_at);
