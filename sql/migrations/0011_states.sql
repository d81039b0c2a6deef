-- The graphs of everything that has a state, and the log of what moved along them.

-- One row an edge.  The function of a noun changes its state only through state_move(),
-- which does nothing that is not written here.  effect is what else the edge does: for an
-- order the event that its lines' stock goes through.
CREATE TABLE state_edge (
	machine    text NOT NULL, -- order, line, payment, refund, dispute, shipment, ...
	from_state text NOT NULL,
	event      text NOT NULL,
	to_state   text NOT NULL,
	effect     text NOT NULL DEFAULT 'keep',
	PRIMARY KEY (machine, from_state, event)
);
INSERT INTO state_edge SELECT 'order', from_state, event, to_state, stock FROM order_edge;
DROP TABLE order_edge;

INSERT INTO state_edge VALUES
	('line', 'active',    'commit',  'committed', 'keep'),
	('line', 'active',    'release', 'released',  'keep'),
	('line', 'committed', 'consume', 'consumed',  'keep'),
	('line', 'committed', 'release', 'released',  'keep'),
	('line', 'released',  'reserve', 'committed', 'keep');

-- The log of an order now tells of everything that belongs to it.  subject_id is what
-- moved, of the kind that machine names; for the order itself it is null.
ALTER TABLE order_event ADD machine text NOT NULL DEFAULT 'order',
	ADD subject_id bigint;
