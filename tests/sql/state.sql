-- The graphs of all machines as graphs: what their states promise to whoever reads them.
BEGIN;
SELECT plan(4);

CREATE TEMP VIEW state AS SELECT machine, from_state AS name FROM shop.state_edge
	UNION SELECT machine, to_state FROM shop.state_edge;

-- Where something begins; a machine of one circle begins where its noun says.
CREATE TEMP VIEW first AS SELECT s.* FROM state s WHERE NOT EXISTS (SELECT FROM shop.state_edge e
	WHERE e.machine = s.machine AND e.to_state = s.name AND e.from_state <> s.name)
	UNION VALUES ('webhook', 'received'), ('refund', 'requested'), ('dispute', 'needs_response'),
		('redemption', 'used');

CREATE TEMP TABLE reached AS WITH RECURSIVE r AS (
	SELECT * FROM first
	UNION SELECT e.machine, e.to_state FROM r JOIN shop.state_edge e
		ON e.machine = r.machine AND e.from_state = r.name)
SELECT * FROM r;

SELECT is_empty('SELECT * FROM state EXCEPT SELECT * FROM reached',
	'every state can be reached');
SELECT results_eq($$ SELECT machine, string_agg(name, ' ' ORDER BY name) FROM state s
	WHERE NOT EXISTS (SELECT FROM shop.state_edge e WHERE e.machine = s.machine
		AND e.from_state = s.name AND e.to_state <> s.name) GROUP BY 1 ORDER BY 1 $$,
	$$ VALUES ('count', 'canceled posted'), ('dispute', 'lost prevented won'), ('incident', 'closed'), ('line', 'consumed'),
		('order', 'canceled delivered'), ('payment', 'captured'), ('payout', 'canceled failed'),
		('refund', 'canceled failed rejected'), ('return', 'canceled closed rejected'),
		('shipment', 'canceled delivered returned'), ('transfer', 'canceled received') $$,
	'only these states are for good');
SELECT is_empty($$ SELECT machine FROM state GROUP BY 1 EXCEPT SELECT machine FROM first $$,
	'every machine begins somewhere');
-- What money did is told late, twice and out of order: it never goes back by itself.
SELECT is_empty($$ SELECT * FROM shop.state_edge WHERE (machine, from_state) IN
	(('payment', 'captured'), ('refund', 'failed'), ('dispute', 'won'), ('dispute', 'lost'))
	AND to_state <> from_state $$, 'captured, failed, won and lost are absorbing');
SELECT * FROM finish();
ROLLBACK;
