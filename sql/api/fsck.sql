-- The invariants of the shop: queries that must return no rows.  STABLE, so that all
-- of them see one snapshot.  `object` names what is wrong, `detail` the two numbers.
-- A scope is the orders to look at, null for the whole shop; what is not about an order
-- is only looked at when it is null, stock when an order in scope has a line of it.

CREATE FUNCTION in_scope(scope bigint[], order_id bigint) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT $1 IS NULL OR $2 = ANY ($1) $$;

CREATE FUNCTION fsck_catalogue()
RETURNS TABLE (code text, area text, rule text, words text, repair text)
LANGUAGE sql IMMUTABLE AS $$ VALUES
	('L1', 'money', 'ledger_entry_balances', 'every entry sums to zero in each currency', 'reverse the entry and post it again'),
	('L2', 'money', 'ledger_entry_has_two_sides', 'every entry has two lines or more', 'reverse the entry and post it again'),
	('L3', 'money', 'ledger_balances', 'the whole ledger sums to zero in each currency', 'find the entry with: shopctl fsck --only L1'),
	('L4', 'money', 'ledger_currency_is_the_orders', 'a posting is in its order''s currency, unless its money pays nothing', 'reverse the entry'),
	('L5', 'money', 'capture_is_posted', 'captured money has one capture entry of that amount, or one a part', 'shopctl payment show PAYMENT; then post or correct the capture'),
	('L6', 'money', 'posting_was_captured', 'a capture entry belongs to captured money', 'reverse the entry'),
	('L7', 'money', 'refunds_payable_match', 'refund:payable equals the refunds that are requested', 'shopctl refund list --order ORDER'),
	('L8', 'money', 'deposits_match', 'customer:deposits equals captured less refunded and shipped: nothing once all has left', 'shopctl order why ORDER'),
	('L9', 'money', 'dispute_receivable_match', 'dispute:receivable equals the money that open disputes took', 'shopctl dispute list --order ORDER'),
	('L10', 'money', 'mirror_is_the_ledger', 'psp:clearing is what the provider''s transactions say, in each currency', 'shopctl payment reconcile'),
	('L11', 'money', 'txn_has_its_entry', 'each of the provider''s transactions has an entry, or an incident', 'shopctl payment reconcile'),
	('L12', 'money', 'entry_has_its_txn', 'what we booked at the provider it has booked within four days', 'shopctl payment reconcile --since 30d'),
	('L13', 'money', 'payout_is_its_transactions', 'a payout is the sum of what left with it, and is in transit until it arrives', 'shopctl payment reconcile --since 30d'),
	('L14', 'money', 'closed_period_stays', 'nothing was added to a closed period or taken out of it', 'shopctl ledger periods; reverse the entry and post it again'),
	('L15', 'money', 'reversal_mirrors', 'a reversal negates each line of what it reverses', 'reverse the entry again'),
	('L16', 'money', 'dispute_money_is_posted', 'each movement of a dispute is posted once, to the cent', 'shopctl dispute show DISPUTE'),
	('L17', 'money', 'line_takes_effect_with_its_entry', 'a line took effect when its entry did', 'reverse the entry and post it again'),
	('O1', 'orders', 'order_adds_up', 'lines, discounts and taxes add up to the order''s', 'shopctl order show ORDER'),
	('O2', 'orders', 'order_has_lines', 'every order has lines', 'shopctl order why ORDER'),
	('O3', 'orders', 'paid_order_is_paid', 'a paid or authorized order has one applied payment of its whole total', 'shopctl order why ORDER'),
	('O4', 'orders', 'unpaid_order_is_unpaid', 'an order that waits or expired has no applied payment', 'shopctl order why ORDER'),
	('O5', 'orders', 'money_has_a_home', 'captured money that pays no order is on its way back, or a person was asked', 'shopctl refund create ORDER --amount AMOUNT --reason surplus'),
	('O6', 'orders', 'canceled_order_is_refunded', 'a canceled order keeps no money', 'shopctl refund create ORDER --reason canceled'),
	('O7', 'orders', 'order_history_is_a_path', 'an order''s events are a path through the allowed states', 'shopctl order why ORDER'),
	('O8', 'orders', 'line_has_an_order', 'every line, payment and contact belongs to an order', 'restore the order from the backup'),
	('O9', 'orders', 'states_follow_their_graph', 'what belongs to an order moved only along the edges of its graph', 'shopctl order why ORDER'),
	('P1', 'money', 'refund_within_captured', 'no more is refunded than was captured', 'shopctl refund list --order ORDER'),
	('P2', 'money', 'payment_applied_once', 'at most one payment is applied to an order', 'shopctl order why ORDER'),
	('P3', 'money', 'payment_in_the_orders_currency', 'payments and refunds are in the order''s currency, unless the money pays nothing', 'shopctl order why ORDER'),
	('P4', 'money', 'refund_is_asked_of_the_provider', 'a refund that we asked for has its call recorded', 'shopctl order why ORDER'),
	('P5', 'money', 'payment_was_asked_for', 'a payment the provider knows has its call recorded', 'shopctl order why ORDER'),
	('P6', 'money', 'payment_captured_within_amount', 'no more was captured than was to be paid', 'shopctl order why ORDER'),
	('P7', 'money', 'provider_ref_is_one_things', 'a provider''s reference names one payment or refund', 'shopctl payment list'),
	('P8', 'money', 'no_call_hangs', 'no call to a provider is undecided for a day', 'shopctl order why ORDER'),
	('S1', 'stock', 'stock_is_its_movements', 'on_hand equals the sum of its movements', 'shopctl stock set SKU QTY --warehouse CODE --reason count'),
	('S2', 'stock', 'reserved_is_its_lines', 'reserved equals what open order lines hold', 'shopctl stock show SKU'),
	('S3', 'stock', 'stock_never_oversold', 'reserved lies between zero and on_hand', 'shopctl stock show SKU'),
	('S4', 'stock', 'stock_state_follows_order', 'a line''s stock state is what its order''s state says', 'shopctl order why ORDER'),
	('S5', 'stock', 'line_state_follows_units', 'a line is consumed exactly when its units left, and no more left than it has', 'shopctl order why ORDER'),
	('S6', 'stock', 'shipped_stock_moved', 'what a shipment took along left its warehouse, once', 'shopctl shipment show SHIPMENT'),
	('S7', 'stock', 'line_shipped_is_its_shipments', 'the units of a line that left are those of its shipments', 'shopctl shipment list --order ORDER'),
	('S9', 'stock', 'stock_has_a_place', 'stock belongs to a variant and a warehouse', 'restore the row it belonged to'),
	('C1', 'catalog', 'catalog_row_has_its_parent', 'variants, prices and pictures belong to a product that is there', 'restore the row it belonged to'),
	('C2', 'catalog', 'prices_never_overlap', 'one price of a variant and currency holds at a time', 'end the one before where the next begins'),
	('C3', 'catalog', 'sellable_follows_status', 'a variant is sold exactly when its product is active', 'import the product again with its status'),
	('J1', 'jobs', 'pending_order_expires', 'an order that waits for money has a live job', 'shopctl job retry, or enqueue reservation.expire for the order'),
	('J2', 'jobs', 'open_call_is_driven', 'an undecided provider call has a live job', 'shopctl dlq list; shopctl dlq retry'),
	('J4', 'jobs', 'event_is_driven', 'a received webhook has a live job', 'shopctl dlq list --kind webhook.stripe'),
	('J6', 'jobs', 'lease_ends', 'no lease is over for longer than a rescue takes', 'start a worker for its queue: shopctl queue list'),
	('J7', 'jobs', 'job_ends', 'no job is tried more often than its queue allows', 'shopctl job list --kind KIND'),
	('J9', 'jobs', 'dispute_is_driven', 'an open dispute has a live job', 'shopctl dlq list --kind dispute.sync'),
	('J8', 'jobs', 'refund_is_driven', 'a requested refund has a live job', 'shopctl dlq list --kind refund.submit'),
	('J10', 'jobs', 'queue_is_worked', 'no job of a queue that runs has been ready for an hour', 'start a worker for the queue: shopctl queue list'),
	('N1', 'messages', 'paid_order_is_confirmed', 'an order has a confirmation exactly when it was paid', 'shopctl notification resend'),
	('N2', 'messages', 'customer_hears_one_story', 'nobody is told both that it was shipped and that it was canceled', 'shopctl order why ORDER'),
	('N3', 'messages', 'notification_sent_once', 'one message for an event, a subject and a channel', 'shopctl notification list --order ORDER'),
	('N4', 'messages', 'message_is_driven', 'a queued message has a live job', 'shopctl dlq list --kind notification.send'),
	('R1', 'reports', 'rollup_is_what_the_ledger_says', 'the sums that reports read are what the ledger says', 'shopctl report rollup rebuild'),
	('A2', 'audit', 'change_is_audited', 'every refund and stock correction by hand has its audit row', 'shopctl order why ORDER'),
	('A3', 'audit', 'definer_is_pinned', 'no api function runs with a free search_path or for PUBLIC', 'shopctl migrate up'),
	('A4', 'audit', 'no_card_number_is_kept', 'no text that people typed holds the number of a card', 'overwrite the text: the number must not be here')
$$;

CREATE FUNCTION fsck_ledger(scope bigint[]) RETURNS TABLE (code text, object text, detail text)
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN QUERY SELECT 'L1', 'entry:' || l.entry_id, l.currency || ' sums to ' || sum(l.amount)
		FROM ledger_line l
		WHERE $1 IS NULL OR l.entry_id IN (SELECT e.id FROM ledger_entry e
			WHERE e.order_id = ANY ($1))
		GROUP BY l.entry_id, l.currency HAVING sum(l.amount) <> 0;
	RETURN QUERY SELECT 'L2', 'entry:' || e.id, count(l.n) || ' lines'
		FROM ledger_entry e LEFT JOIN ledger_line l ON l.entry_id = e.id
		WHERE in_scope($1, e.order_id) GROUP BY e.id HAVING count(l.n) < 2;
	RETURN QUERY SELECT 'L3', 'ledger:' || l.currency, 'sums to ' || sum(l.amount)
		FROM ledger_line l WHERE $1 IS NULL GROUP BY l.currency HAVING sum(l.amount) <> 0;
	RETURN QUERY SELECT DISTINCT 'L4', 'entry:' || e.id,
			l.currency || ' on an order in ' || o.currency
		FROM ledger_line l JOIN ledger_entry e ON e.id = l.entry_id
		JOIN orders o ON o.id = e.order_id WHERE l.currency <> o.currency
			AND in_scope($1, o.id) AND NOT payment_is_foreign(e.payment_id);
	RETURN QUERY SELECT 'L5', 'payment:' || p.id, 'captured ' || p.captured || ', posted '
			|| coalesce(sum(l.amount), 0) || ' in ' || count(DISTINCT e.id) || ' entries'
		FROM payment p LEFT JOIN ledger_entry e ON e.payment_id = p.id AND e.kind = 'capture'
		LEFT JOIN ledger_line l ON l.entry_id = e.id
			AND l.account IN ('psp:clearing', 'bank')
		WHERE p.captured > 0 AND in_scope($1, p.order_id) GROUP BY p.id
		HAVING coalesce(sum(l.amount), 0) <> p.captured
			OR count(DISTINCT e.id) > 1 AND NOT bool_and(e.key ~ '^cap:[^:]*:.*:\d+$');
	RETURN QUERY SELECT 'L6', 'entry:' || e.id, 'payment ' || coalesce(e.payment_id::text, '-')
			|| ' captured nothing'
		FROM ledger_entry e LEFT JOIN payment p ON p.id = e.payment_id
		WHERE e.kind = 'capture' AND coalesce(p.captured, 0) = 0
			AND in_scope($1, e.order_id);
	RETURN QUERY SELECT 'L17', 'entry:' || e.id, 'line ' || l.n || ' of ' || l.effective_at
			|| ', entry of ' || e.effective_at
		FROM ledger_entry e JOIN ledger_line l ON l.entry_id = e.id
		WHERE in_scope($1, e.order_id) AND l.effective_at <> e.effective_at;
	RETURN QUERY SELECT 'L14', 'entry:' || e.id, 'took effect ' || e.effective_at
			|| ', that was closed ' || c.closed_at
		FROM period_close c JOIN ledger_entry e ON e.id > c.last_entry
			AND e.effective_at < c.before WHERE in_scope($1, e.order_id);
	RETURN QUERY SELECT 'L14', 'period:' || c.before::date, 'had ' || c.entries
			|| ' entries, has ' || x.count
		FROM period_close c CROSS JOIN LATERAL (SELECT count(*) FROM ledger_entry e
			WHERE e.effective_at < c.before AND e.id <= c.last_entry) x
		WHERE $1 IS NULL AND x.count <> c.entries;
	RETURN QUERY SELECT 'L15', 'entry:' || r.id, 'does not mirror entry ' || r.reverses
		FROM ledger_entry r WHERE r.reverses IS NOT NULL AND in_scope($1, r.order_id) AND EXISTS (
			SELECT FROM (SELECT a.account, a.currency, a.amount FROM ledger_line a
					WHERE a.entry_id = r.id) a
			FULL JOIN (SELECT b.account, b.currency, -b.amount AS amount FROM ledger_line b
					WHERE b.entry_id = r.reverses) b USING (account, currency, amount)
			WHERE a IS NULL OR b IS NULL);
END $$;

-- By payment: what disputes that are not lost took, and have not given back.
CREATE FUNCTION fsck_disputes(scope bigint[]) RETURNS TABLE (code text, object text, detail text)
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN QUERY WITH posted AS (
		SELECT e.payment_id, sum(l.amount) AS owed FROM ledger_line l
		JOIN ledger_entry e ON e.id = l.entry_id
		WHERE l.account = 'dispute:receivable' AND in_scope($1, e.order_id)
		GROUP BY e.payment_id
	), moved AS (
		SELECT d.payment_id, -sum(m.amount) AS owed FROM dispute d
		JOIN dispute_money m ON m.dispute_id = d.id
		WHERE d.state <> 'lost' AND in_scope($1, d.order_id) GROUP BY d.payment_id
	)
	SELECT 'L9', 'payment:' || payment_id, 'receivable ' || coalesce(p.owed, 0)
			|| ', disputes took ' || coalesce(m.owed, 0)
		FROM posted p FULL JOIN moved m USING (payment_id)
		WHERE coalesce(p.owed, 0) <> coalesce(m.owed, 0);
	RETURN QUERY SELECT 'L16', 'dispute:' || m.dispute_id, m.txn || ' moved '
			|| m.amount - m.fee || ', posted ' || coalesce(l.amount, 0)
		FROM dispute_money m JOIN dispute d ON d.id = m.dispute_id
		LEFT JOIN ledger_entry e ON e.key = 'disp:' || m.txn
		LEFT JOIN ledger_line l ON l.entry_id = e.id AND l.account = 'psp:clearing'
		WHERE in_scope($1, d.order_id) AND m.amount - m.fee <> coalesce(l.amount, 0);
END $$;

CREATE FUNCTION fsck_balances(scope bigint[]) RETURNS TABLE (code text, object text, detail text)
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN QUERY WITH posted AS (
		SELECT e.order_id, -sum(l.amount) FILTER (WHERE l.account = 'refund:payable') AS payable,
			-sum(l.amount) FILTER (WHERE l.account = 'customer:deposits') AS deposits
		FROM ledger_line l JOIN ledger_entry e ON e.id = l.entry_id
		WHERE l.account IN ('refund:payable', 'customer:deposits')
			AND in_scope($1, e.order_id) GROUP BY e.order_id
	), held AS (
		SELECT p.order_id, sum(p.captured) AS captured,
			sum(p.captured) FILTER (WHERE NOT p.applied) AS unmatched FROM payment p
		WHERE in_scope($1, p.order_id) GROUP BY p.order_id
	), returned AS (
		SELECT r.order_id, sum(r.amount) FILTER (WHERE r.state = 'requested') AS requested,
			sum(r.amount - r.recognised) FILTER (WHERE refund_is_live(r.state)
				AND r.state <> 'proposed') AS live,
			sum(r.amount) FILTER (WHERE NOT refund_is_live(r.state)) AS stayed
		FROM refund r WHERE in_scope($1, r.order_id) GROUP BY r.order_id
	), gone AS (
		SELECT s.order_id, sum(s.shipping - s.goodwill + x.worth) AS worth
		FROM shipment s JOIN (SELECT shipment_id, sum(sales - discount + tax) AS worth
			FROM shipment_line GROUP BY shipment_id) x ON x.shipment_id = s.id
		WHERE s.handed_over_at IS NOT NULL AND in_scope($1, s.order_id)
		GROUP BY s.order_id
	), sums AS (
		SELECT h.order_id, h.captured, coalesce(p.payable, 0) AS payable,
			coalesce(p.deposits, 0) AS deposits, coalesce(r.requested, 0) AS requested,
			h.captured - coalesce(r.live, 0) - coalesce(g.worth, 0) AS left_over, o.state,
			coalesce(h.unmatched, 0) + coalesce(r.stayed, 0) AS excused
		FROM held h LEFT JOIN posted p USING (order_id) LEFT JOIN returned r USING (order_id)
		LEFT JOIN gone g USING (order_id)
		JOIN orders o ON o.id = h.order_id
	)
	SELECT 'L7', 'order:' || s.order_id, 'payable ' || s.payable || ', requested ' || s.requested
		FROM sums s WHERE s.payable <> s.requested
	UNION ALL
	SELECT 'L8', 'order:' || s.order_id, 'deposits ' || s.deposits || ', held ' || s.left_over
		FROM sums s WHERE s.deposits <> s.left_over
			OR s.state IN ('shipped', 'delivered') AND s.deposits <> 0 AND s.excused = 0;
END $$;

CREATE FUNCTION fsck_orders(scope bigint[]) RETURNS TABLE (code text, object text, detail text)
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN QUERY SELECT 'O1', 'order:' || o.id, 'lines ' || l.subtotal || ' less ' || l.discount
			|| ' plus ' || l.tax || ', order ' || o.subtotal || ' less ' || o.discount
			|| ' plus ' || o.tax
		FROM orders o JOIN (SELECT order_id, sum(qty * unit_price) AS subtotal,
			sum(order_line.discount) AS discount, sum(order_line.tax) AS tax
			FROM order_line WHERE in_scope($1, order_id) GROUP BY order_id) l
			ON l.order_id = o.id
		WHERE (l.subtotal, l.discount, l.tax) <> (o.subtotal, o.discount, o.tax)
			OR o.total <> o.subtotal - o.discount + o.shipping + o.tax OR o.total < 0;
	RETURN QUERY SELECT 'O2', 'order:' || o.id, 'no lines' FROM orders o
		WHERE in_scope($1, o.id) AND NOT EXISTS (SELECT FROM order_line l WHERE l.order_id = o.id);
	RETURN QUERY SELECT 'O3', 'order:' || o.id, o.state || ', total ' || o.total || ', '
			|| count(p.id) || ' applied payments of ' || coalesce(sum(p.captured), 0)
		FROM orders o LEFT JOIN payment p ON p.order_id = o.id AND p.applied
		WHERE o.state IN ('paid', 'on_hold', 'shipped', 'delivered')
			AND in_scope($1, o.id) GROUP BY o.id
		HAVING count(p.id) <> 1 OR sum(p.captured) <> o.total AND NOT EXISTS (
			SELECT FROM order_line l WHERE l.order_id = o.id AND l.dropped > 0);
	RETURN QUERY SELECT 'O4', 'order:' || o.id, o.state || ' with applied payment ' || p.id
		FROM orders o JOIN payment p ON p.order_id = o.id AND p.applied
		WHERE o.state IN ('pending', 'expiring', 'expired') AND in_scope($1, o.id);
	RETURN QUERY SELECT 'O3', 'order:' || o.id, 'authorized, but payment '
			|| coalesce(p.id || ' is ' || p.state || ' over ' || p.amount, 'is missing')
		FROM orders o LEFT JOIN payment p ON p.order_id = o.id AND p.applied
		WHERE o.state = 'authorized' AND in_scope($1, o.id) AND (p.id IS NULL OR p.amount <> o.total
			OR p.state <> 'authorized' AND NOT EXISTS (SELECT FROM incident i
				WHERE i.order_id = o.id AND i.closed_at IS NULL));
	RETURN QUERY SELECT CASE WHEN o.state = 'canceled' THEN 'O6' ELSE 'O5' END,
			'payment:' || p.id, 'captured ' || p.captured || ', on its way back '
			|| coalesce(r.back, 0)
		FROM payment p JOIN orders o ON o.id = p.order_id
		LEFT JOIN LATERAL (SELECT sum(f.amount) AS back FROM refund f
			WHERE f.payment_id = p.id AND (refund_is_live(f.state) AND f.state <> 'proposed'
				OR EXISTS (SELECT FROM incident i WHERE i.order_id = f.order_id
					AND i.closed_at IS NULL))) r ON true
		WHERE p.captured > 0 AND (NOT p.applied OR o.state = 'canceled')
			AND in_scope($1, o.id)
			AND p.captured > coalesce(r.back, 0) + payment_lost(p.id)
			AND NOT payment_disputed(p.id);
	RETURN QUERY SELECT 'O7', 'order:' || e.order_id, coalesce(e.was, '-') || ' then '
			|| e.from_state || ' to ' || e.to_state
		FROM (SELECT v.*, lag(v.to_state, 1, 'pending') OVER (PARTITION BY v.order_id
			ORDER BY v.id) AS was FROM order_event v
			WHERE v.machine = 'order' AND in_scope($1, v.order_id)) e
		WHERE e.from_state IS DISTINCT FROM e.was OR NOT EXISTS (SELECT FROM state_edge g
			WHERE g.machine = 'order' AND g.event = e.event
			AND g.from_state = e.from_state AND g.to_state = e.to_state);
	RETURN QUERY SELECT 'O7', 'order:' || o.id, 'state ' || o.state || ', last event '
			|| coalesce(e.to_state, 'pending')
		FROM orders o LEFT JOIN (SELECT DISTINCT ON (v.order_id) v.order_id, v.to_state
			FROM order_event v
			WHERE v.machine = 'order' AND in_scope($1, v.order_id)
			ORDER BY v.order_id, v.id DESC) e ON e.order_id = o.id
		WHERE o.state <> coalesce(e.to_state, 'pending') AND in_scope($1, o.id);
	RETURN QUERY SELECT 'O9', v.machine || ':' || v.subject_id, coalesce(v.was, '-')
			|| ' then ' || v.from_state || ' to ' || v.to_state
		FROM (SELECT e.*, lag(e.to_state) OVER (PARTITION BY e.machine, e.subject_id
			ORDER BY e.id) AS was FROM order_event e
			WHERE e.subject_id IS NOT NULL AND in_scope($1, e.order_id)) v
		WHERE v.was <> v.from_state OR NOT EXISTS (SELECT FROM state_edge g
			WHERE (g.machine, g.from_state, g.event, g.to_state)
				= (v.machine, v.from_state, v.event, v.to_state));
	RETURN QUERY SELECT 'O9', x.machine || ':' || x.id, 'state ' || x.state
			|| ', last moved to ' || v.to_state
		FROM (SELECT 'payment', p.id, p.order_id, p.state FROM payment p
			UNION ALL SELECT 'refund', r.id, r.order_id, r.state FROM refund r
			UNION ALL SELECT 'shipment', h.id, h.order_id, h.state FROM shipment h)
			AS x (machine, id, order_id, state)
		JOIN (SELECT DISTINCT ON (e.machine, e.subject_id) e.machine, e.subject_id,
				e.to_state FROM order_event e
			WHERE e.subject_id IS NOT NULL AND in_scope($1, e.order_id)
			ORDER BY e.machine, e.subject_id, e.id DESC) v
			ON v.machine = x.machine AND v.subject_id = x.id
		WHERE v.to_state <> x.state;
	RETURN QUERY SELECT 'O8', 'payment:' || x.payment_id, 'part without a payment'
		FROM payment_part x WHERE $1 IS NULL
			AND NOT EXISTS (SELECT FROM payment p WHERE p.id = x.payment_id);
	RETURN QUERY SELECT 'O8', 'order:' || x.order_id, x.what || ' without an order'
		FROM (SELECT order_id, 'line' AS what FROM order_line
			UNION SELECT order_id, 'payment' FROM payment
			UNION SELECT order_id, 'contact' FROM order_contact) x
		WHERE in_scope($1, x.order_id)
			AND NOT EXISTS (SELECT FROM orders o WHERE o.id = x.order_id);
END $$;

-- Money that came in another currency pays nothing here: it waits to go back as it came.
CREATE FUNCTION payment_is_foreign(payment_id bigint) RETURNS boolean
LANGUAGE sql STABLE AS $$
	SELECT coalesce((SELECT p.captured > 0 AND NOT p.applied FROM payment p
		WHERE p.id = $1), false)
$$;

CREATE FUNCTION fsck_payments(scope bigint[]) RETURNS TABLE (code text, object text, detail text)
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN QUERY SELECT 'P1', 'payment:' || p.id, 'captured ' || p.captured || ', refunds '
			|| sum(r.amount)
		FROM payment p JOIN refund r ON r.payment_id = p.id
			AND r.state NOT IN ('failed', 'rejected', 'canceled')
		WHERE in_scope($1, p.order_id) GROUP BY p.id HAVING sum(r.amount) > p.captured;
	RETURN QUERY SELECT 'P2', 'order:' || p.order_id, count(*) || ' applied payments'
		FROM payment p WHERE p.applied AND in_scope($1, p.order_id)
		GROUP BY p.order_id HAVING count(*) > 1;
	RETURN QUERY SELECT 'P3', x.what, x.currency || ' on an order in ' || o.currency
		FROM (SELECT 'payment:' || id AS what, order_id, currency, id AS payment_id
				FROM payment
			UNION ALL SELECT 'refund:' || id, order_id, currency, payment_id
				FROM refund) x
		JOIN orders o ON o.id = x.order_id
		WHERE x.currency <> o.currency AND in_scope($1, o.id)
			AND NOT payment_is_foreign(x.payment_id);
	RETURN QUERY SELECT 'P4', 'refund:' || r.id, 'provider_ref ' || r.provider_ref || ', no call'
		FROM refund r WHERE r.provider_ref IS NOT NULL AND in_scope($1, r.order_id)
			AND r.key <> 'provider:' || r.provider_ref -- nobody here asked
			AND NOT EXISTS (SELECT FROM provider_op o WHERE o.refund_id = r.id);
	RETURN QUERY SELECT 'P5', 'payment:' || p.id, 'provider_ref ' || p.provider_ref || ', no call'
		FROM payment p WHERE p.provider_ref IS NOT NULL AND p.provider <> 'manual'
			AND in_scope($1, p.order_id)
			AND NOT EXISTS (SELECT FROM provider_op o WHERE o.payment_id = p.id)
			AND NOT EXISTS (SELECT FROM incident i WHERE i.payment_id = p.id);
	RETURN QUERY SELECT 'P6', 'payment:' || p.id, 'captured ' || p.captured || ' of '
			|| p.amount
		FROM payment p WHERE p.captured > p.amount AND in_scope($1, p.order_id);
	RETURN QUERY SELECT 'P7', 'provider:' || x.provider_ref, count(*) || ' things'
		FROM (SELECT provider_ref FROM payment UNION ALL SELECT provider_ref FROM refund) x
		WHERE x.provider_ref IS NOT NULL AND $1 IS NULL
		GROUP BY x.provider_ref HAVING count(*) > 1;
	RETURN QUERY SELECT 'P8', 'op:' || o.id, o.kind || ' ' || o.state || ' since '
			|| o.last_sent_at
		FROM provider_op o WHERE o.state IN ('sent', 'unknown')
			AND o.last_sent_at < now() - interval '24 hours' AND in_scope($1, o.order_id)
			AND NOT EXISTS (SELECT FROM incident i WHERE i.order_id = o.order_id
				AND i.closed_at IS NULL);
END $$;

CREATE FUNCTION fsck_stock(scope bigint[]) RETURNS TABLE (code text, object text, detail text)
LANGUAGE plpgsql STABLE AS $$
DECLARE
	touched bigint[] := CASE WHEN $1 IS NOT NULL THEN ARRAY(SELECT DISTINCT l.variant_id
		FROM order_line l WHERE l.order_id = ANY ($1)) END;
BEGIN
	RETURN QUERY SELECT 'S1', 'stock:' || variant_id || '@' || warehouse_id,
			'on_hand ' || coalesce(s.on_hand, 0) || ', movements ' || coalesce(m.delta, 0)
		FROM stock s FULL JOIN (SELECT variant_id, warehouse_id, slice, sum(delta) AS delta
			FROM stock_movement WHERE in_scope(touched, variant_id) GROUP BY 1, 2, 3) m USING (variant_id, warehouse_id, slice)
		WHERE in_scope(touched, variant_id) AND coalesce(s.on_hand, 0) <> coalesce(m.delta, 0);
	RETURN QUERY SELECT 'S2', 'stock:' || variant_id || '@' || warehouse_id,
			'reserved ' || coalesce(s.reserved, 0) || ', lines hold ' || coalesce(l.qty, 0)
		FROM stock s FULL JOIN (SELECT variant_id, warehouse_id, slice,
			sum(qty - shipped - dropped) AS qty
			FROM order_line WHERE stock_state IN ('active', 'committed')
				AND in_scope(touched, variant_id) GROUP BY 1, 2, 3) l
			USING (variant_id, warehouse_id, slice)
		WHERE in_scope(touched, variant_id)
			AND coalesce(s.reserved, 0) <> coalesce(l.qty, 0);
	RETURN QUERY SELECT 'S3', 'stock:' || s.variant_id || '@' || s.warehouse_id,
			'reserved ' || s.reserved || ' of ' || s.on_hand
		FROM stock s WHERE in_scope(touched, s.variant_id) AND s.reserved NOT BETWEEN 0 AND s.on_hand;
	RETURN QUERY SELECT 'S4', 'order:' || o.id, o.state || ', line ' || l.n || ' is '
			|| l.stock_state
		FROM orders o JOIN order_line l ON l.order_id = o.id
		WHERE in_scope($1, o.id) AND l.stock_state <> CASE
			WHEN o.state = 'canceling' AND EXISTS (SELECT FROM payment p
				WHERE p.order_id = o.id AND p.applied) THEN 'committed'
			WHEN o.state IN ('pending', 'expiring', 'canceling') THEN 'active'
			WHEN o.state IN ('expired', 'canceled') THEN 'released'
			WHEN o.state IN ('shipped', 'delivered') THEN
				CASE l.shipped WHEN 0 THEN 'released' ELSE 'consumed' END
			WHEN l.shipped > 0 AND l.shipped + l.dropped = l.qty THEN 'consumed'
			ELSE 'committed' END;
	RETURN QUERY SELECT 'S9', 'stock:' || s.variant_id || '@' || s.warehouse_id,
			'no such variant or warehouse'
		FROM stock s WHERE $1 IS NULL AND (NOT EXISTS (SELECT FROM variant v
				WHERE v.id = s.variant_id)
			OR NOT EXISTS (SELECT FROM warehouse w WHERE w.id = s.warehouse_id));
END $$;

CREATE FUNCTION fsck_shipments(scope bigint[]) RETURNS TABLE (code text, object text, detail text)
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN QUERY SELECT 'S5', 'order:' || l.order_id, 'line ' || l.n || ' is '
			|| l.stock_state || ', ' || l.shipped || ' shipped and ' || l.dropped
			|| ' dropped of ' || l.qty
		FROM order_line l WHERE in_scope($1, l.order_id) AND (
			l.shipped < 0 OR l.dropped < 0 OR l.shipped + l.dropped > l.qty
			OR l.shipped > 0 AND l.stock_state NOT IN ('committed', 'consumed')
			OR l.stock_state = 'consumed'
				AND (l.shipped = 0 OR l.shipped + l.dropped < l.qty));
	RETURN QUERY SELECT 'S6', 'shipment:' || k.id, 'variant ' || k.variant_id
			|| ': moved ' || coalesce(k.moved, 0) || ', took ' || coalesce(k.took, 0)
		FROM (SELECT coalesce(x.id, m.id) AS id, variant_id, m.moved, x.took,
				coalesce(x.order_id, (SELECT s.order_id FROM shipment s WHERE s.id = m.id))
					AS order_id
			FROM (SELECT s.id, s.order_id, l.variant_id, l.warehouse_id, l.slice,
					sum(y.qty) AS took
				FROM shipment s JOIN shipment_line y ON y.shipment_id = s.id
				JOIN order_line l ON l.order_id = s.order_id AND l.n = y.n
				WHERE s.handed_over_at IS NOT NULL AND in_scope($1, s.order_id)
				GROUP BY s.id, l.variant_id, l.warehouse_id, l.slice) x
			FULL JOIN (SELECT split_part(v.reference, ':', 2)::bigint AS id, v.variant_id,
					v.warehouse_id, v.slice, -sum(v.delta) AS moved
				FROM stock_movement v WHERE v.reason = 'ship'
					AND ($1 IS NULL OR v.reference IN (SELECT 'shipment:' || t.id
						FROM shipment t WHERE t.order_id = ANY ($1)))
				GROUP BY 1, 2, 3, 4) m USING (id, variant_id, warehouse_id, slice)) k
		WHERE in_scope($1, k.order_id) AND coalesce(k.moved, 0) <> coalesce(k.took, 0);
	RETURN QUERY SELECT 'S7', 'order:' || l.order_id, 'line ' || l.n || ' shipped '
			|| l.shipped || ', in shipments that left ' || coalesce(x.qty, 0)
		FROM order_line l LEFT JOIN (SELECT s.order_id, y.n, sum(y.qty) AS qty
			FROM shipment s JOIN shipment_line y ON y.shipment_id = s.id
			WHERE s.handed_over_at IS NOT NULL AND in_scope($1, s.order_id)
			GROUP BY 1, 2) x
			ON x.order_id = l.order_id AND x.n = l.n
		WHERE in_scope($1, l.order_id) AND l.shipped <> coalesce(x.qty, 0);
END $$;

-- What is wrong with the queues themselves; one is late when nobody works on it.
CREATE FUNCTION fsck_queues() RETURNS TABLE (code text, object text, detail text)
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN QUERY SELECT 'J6', 'lease:' || l.id, l.n || ' jobs of ' || l.owner
			|| ', over since ' || l.expires_at
		FROM job_lease l WHERE l.expires_at < now() - interval '10 minutes';
	RETURN QUERY SELECT 'J7', 'job:' || j.id, j.kind || ' was tried ' || j.attempt
			|| ' times of ' || q.max_attempts
		FROM queue q JOIN job_any j ON split_part(j.kind, '.', 1) = q.name
		WHERE j.state <> 'dead' AND j.attempt >= q.max_attempts;
	RETURN QUERY SELECT 'J10', 'queue:' || q.name, count(*) || ' jobs, the oldest since '
			|| min(j.created_at)
		FROM queue q JOIN job_any j ON split_part(j.kind, '.', 1) = q.name
		WHERE q.paused_at IS NULL AND j.state = 'ready'
			AND j.created_at < now() - interval '1 hour'
		GROUP BY q.name;
END $$;

-- A job is live while it waits, runs or is put off; a dead one drives nothing.
CREATE FUNCTION fsck_jobs(scope bigint[]) RETURNS TABLE (code text, object text, detail text)
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN QUERY WITH live AS MATERIALIZED (
		SELECT DISTINCT j.kind, j.subject FROM job_any j WHERE j.state <> 'dead'
	)
	SELECT 'J1', 'order:' || o.id, o.state || ' since ' || o.created_at || ', no job'
		FROM orders o WHERE o.state IN ('pending', 'expiring', 'canceling')
			AND in_scope($1, o.id)
			AND NOT EXISTS (SELECT FROM live j WHERE j.kind = 'reservation.expire'
				AND j.subject = o.id)
			AND NOT EXISTS (SELECT FROM live j JOIN payment p ON p.id = j.subject
				WHERE j.kind IN ('payment.submit', 'payment.sync') AND p.order_id = o.id)
	UNION ALL
	SELECT 'J2', 'op:' || o.id, o.kind || ' ' || o.state || ', no job'
		FROM provider_op o WHERE o.state IN ('new', 'sent', 'unknown')
			AND in_scope($1, o.order_id)
			AND NOT EXISTS (SELECT FROM live j WHERE j.kind IN ('payment.submit',
					'payment.sync') AND j.subject = o.payment_id)
			AND NOT EXISTS (SELECT FROM live j WHERE j.kind = 'reservation.expire'
				AND j.subject = o.order_id)
			AND NOT EXISTS (SELECT FROM live j WHERE j.kind = 'refund.submit'
				AND j.subject = o.refund_id)
			AND NOT EXISTS (SELECT FROM live j WHERE j.kind = 'dispute.sync'
				AND j.subject = o.dispute_id)
	UNION ALL
	SELECT 'J4', 'webhook:' || w.id, w.type || ' received ' || w.received_at || ', no job'
		FROM webhook_event w WHERE $1 IS NULL
			AND w.state IN ('received', 'parked') AND NOT EXISTS (
			SELECT FROM live j WHERE j.kind = 'webhook.' || w.provider AND j.subject = w.id)
	UNION ALL
	SELECT 'J8', 'refund:' || r.id, 'requested ' || r.created_at || ', no job'
		FROM refund r WHERE r.state = 'requested' AND in_scope($1, r.order_id)
			AND (SELECT p.provider <> 'manual' FROM payment p WHERE p.id = r.payment_id)
			AND NOT EXISTS (SELECT FROM live j
			WHERE j.kind = 'refund.submit' AND j.subject = r.id)
	UNION ALL
	SELECT 'J9', 'dispute:' || d.id, d.state || ' since ' || d.opened_at || ', no job'
		FROM dispute d WHERE d.closed_at IS NULL AND in_scope($1, d.order_id)
			AND NOT EXISTS (SELECT FROM live j
			WHERE j.kind = 'dispute.sync' AND j.subject = d.id)
	UNION ALL
	SELECT 'N4', 'notification:' || n.id, n.event || ' queued ' || n.created_at || ', no job'
		FROM notification n WHERE n.state = 'queued' AND in_scope($1, n.order_id)
			AND NOT EXISTS (SELECT FROM live j
			WHERE j.kind = 'notification.send' AND j.subject = n.id);
END $$;

-- Whether digits in a text, grouped by blanks or dashes or not, are a card's: 15 to 19 of
-- them, from a range that is issued, and the check digit fits (ISO/IEC 7812-1, Luhn).
CREATE FUNCTION has_card_number(words text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT EXISTS (SELECT FROM regexp_matches($1, '[0-9](?:[ -]?[0-9]){14,18}', 'g') AS m,
		replace(replace(m[1], ' ', ''), '-', '') AS d
		WHERE d ~ '^(3[47]|4|5[1-5]|2[2-7]|6)' AND (SELECT sum(CASE
				WHEN (length(d) - i) % 2 = 0 THEN n WHEN n > 4 THEN 2 * n - 9 ELSE 2 * n END)
			FROM generate_series(1, length(d)) AS i, CAST(substr(d, i, 1) AS int) AS n) % 10 = 0)
$$;

CREATE FUNCTION fsck_keeping(scope bigint[]) RETURNS TABLE (code text, object text, detail text)
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN QUERY SELECT 'N1', 'order:' || coalesce(p.order_id, n.order_id),
			CASE WHEN n.order_id IS NULL THEN 'paid, never confirmed'
			ELSE 'confirmed, never paid' END
		FROM (SELECT order_id FROM payment WHERE applied AND in_scope($1, order_id)) p
		FULL JOIN (SELECT order_id FROM notification WHERE event = 'order_confirmed'
			AND in_scope($1, order_id)) n
			ON n.order_id = p.order_id
		WHERE p.order_id IS NULL OR n.order_id IS NULL;
	RETURN QUERY SELECT 'N2', 'order:' || n.order_id, 'told of ' || string_agg(
			DISTINCT n.event, ' and ')
		FROM notification n WHERE n.event IN ('shipped', 'order_canceled')
			AND in_scope($1, n.order_id)
		GROUP BY n.order_id HAVING count(DISTINCT n.event) > 1;
	RETURN QUERY SELECT 'N3', 'order:' || n.order_id, count(*) || ' of ' || n.event
			|| ' by ' || n.channel
		FROM notification n WHERE in_scope($1, n.order_id)
		GROUP BY n.order_id, n.event, n.channel, n.subject_id HAVING count(*) > 1;
	RETURN QUERY SELECT 'R1', 'rollup:' || concat_ws(':', d.rollup, d.period,
			nullif(d.item, ''), d.currency), d.stored || '; the ledger says '
			|| d.recomputed
		FROM rollup_differences(NULL) d WHERE $1 IS NULL;
	RETURN QUERY SELECT 'A2', 'refund:' || r.id, 'no audit row'
		FROM refund r WHERE NOT r.automatic AND in_scope($1, r.order_id)
			AND NOT EXISTS (SELECT FROM audit_log a
			WHERE a.object IN ('refund:' || r.id, 'order:' || r.order_id));
	RETURN QUERY SELECT 'A3', 'function:' || p.oid::regprocedure,
			'search_path not pinned, or PUBLIC may call it'
		FROM pg_proc p JOIN pg_namespace s ON s.oid = p.pronamespace
		WHERE $1 IS NULL AND s.nspname = 'api' AND p.prosecdef
			AND (NOT coalesce(array_to_string(p.proconfig, ',') LIKE '%search_path=%', false)
			OR has_function_privilege('public', p.oid, 'EXECUTE'));
	RETURN QUERY SELECT 'A4', x.object, 'digits that are a card''s'
		FROM (SELECT 'order:' || c.order_id, concat_ws(' ', c.name, c.email, c.address::text)
				FROM order_contact c WHERE in_scope($1, c.order_id)
			UNION ALL SELECT 'refund:' || r.id, r.reason FROM refund r
				WHERE in_scope($1, r.order_id)
			UNION ALL SELECT 'customer:' || c.id, c.name FROM customer c WHERE $1 IS NULL
			UNION ALL SELECT 'audit:' || a.id, a.reason FROM audit_log a WHERE $1 IS NULL)
			AS x (object, words)
		WHERE x.words ~ '[0-9]([ -]?[0-9]){14}' AND has_card_number(x.words);
END $$;

-- Where the rows are that a violation is about: a query for psql.
CREATE FUNCTION fsck_evidence(object text) RETURNS text LANGUAGE sql STABLE AS $$
	SELECT format(q.query, VARIADIC string_to_array(split_part($1, ':', 2), '@')) FROM (VALUES
		('entry', 'SELECT * FROM shop.ledger_entry JOIN shop.ledger_line ON entry_id = id WHERE id = %s'),
		('ledger', 'SELECT account, sum(amount) FROM shop.ledger_line WHERE currency = %L GROUP BY 1'),
		('order', 'SELECT * FROM shop.orders JOIN shop.order_line ON order_id = id WHERE id = %s'),
		('payment', 'SELECT * FROM shop.payment WHERE id = %s'),
		('refund', 'SELECT * FROM shop.refund WHERE id = %s'),
		('txn', 'SELECT * FROM shop.provider_txn WHERE txn_id = %L'),
		('payout', 'SELECT * FROM shop.payout LEFT JOIN shop.provider_txn t ON t.payout_ref = provider_ref WHERE provider_ref = %L'),
		('op', 'SELECT * FROM shop.provider_op WHERE id = %s'),
		('provider', 'SELECT id, order_id FROM shop.payment WHERE provider_ref = %L'),
		('period', 'SELECT * FROM shop.period_close WHERE before::date = %L'),
		('stock', 'SELECT * FROM shop.stock_movement WHERE (variant_id, warehouse_id) = (%s, %s)'),
		('webhook', 'SELECT * FROM shop.webhook_event WHERE id = %s'),
		('notification', 'SELECT * FROM shop.notification WHERE id = %s'),
		('dispute', 'SELECT * FROM shop.dispute WHERE id = %s'),
		('shipment', 'SELECT * FROM shop.shipment JOIN shop.shipment_line ON shipment_id = id WHERE id = %s'),
		('return', 'SELECT * FROM shop.return_request WHERE id = %s')) AS q (kind, query)
	WHERE q.kind = split_part($1, ':', 1)
$$;

-- The repair with the numbers of the thing in the place of its words.
CREATE FUNCTION fsck_repair(repair text, object text) RETURNS text
LANGUAGE plpgsql STABLE AS $$
DECLARE
	kind text := split_part(object, ':', 1);
	number text := split_part(split_part(object, ':', 2), '@', 1);
	of_order text;
	item text;
	place text;
BEGIN
	CASE kind
		WHEN 'order' THEN of_order := number;
		WHEN 'payment' THEN
			SELECT p.order_id INTO of_order FROM payment p WHERE p.id = number::bigint;
		WHEN 'refund' THEN
			SELECT r.order_id INTO of_order FROM refund r WHERE r.id = number::bigint;
		WHEN 'dispute' THEN
			SELECT d.order_id INTO of_order FROM dispute d WHERE d.id = number::bigint;
		WHEN 'shipment' THEN
			SELECT s.order_id INTO of_order FROM shipment s WHERE s.id = number::bigint;
		WHEN 'op' THEN
			SELECT k.order_id INTO of_order FROM provider_op k WHERE k.id = number::bigint;
		WHEN 'entry' THEN
			SELECT e.order_id INTO of_order FROM ledger_entry e WHERE e.id = number::bigint;
		WHEN 'stock' THEN
			SELECT v.sku INTO item FROM variant v WHERE v.id = number::bigint;
			SELECT w.code INTO place FROM warehouse w
			WHERE w.id = split_part(object, '@', 2)::bigint;
		ELSE NULL;
	END CASE;
	repair := replace(repair, 'ORDER', coalesce(of_order, 'ORDER'));
	repair := replace(repair, upper(kind), coalesce(number, upper(kind)));
	repair := replace(repair, 'SKU', coalesce(item, 'SKU'));
	RETURN replace(repair, 'CODE', coalesce(place, 'CODE'));
END $$;

-- The orders that something happened to since then.
CREATE FUNCTION fsck_touched(since timestamptz) RETURNS bigint[] LANGUAGE sql STABLE AS $$
	SELECT coalesce(array_agg(x.order_id), '{}') FROM (
		SELECT o.id FROM orders o WHERE o.created_at >= $1
		UNION SELECT v.order_id FROM order_event v WHERE v.at >= $1
		UNION SELECT e.order_id FROM ledger_entry e WHERE e.posted_at >= $1) AS x (order_id)
	WHERE x.order_id IS NOT NULL
$$;

-- Every violation of the invariants, or of those named: codes (L1) or areas (stock);
-- of the whole shop, of one order, or of the orders touched since then.
CREATE FUNCTION api.fsck(only_these text[], only_order bigint, since timestamptz)
RETURNS TABLE (code text, area text, rule text, object text, detail text, words text,
	repair text, evidence text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT
SET plan_cache_mode = force_custom_plan SET work_mem = '64MB' AS $$
DECLARE
	scope bigint[] := CASE WHEN only_order <> 0 THEN ARRAY[only_order]
		WHEN since IS NOT NULL THEN fsck_touched(since) END;
BEGIN
	RETURN QUERY SELECT c.code, c.area, c.rule, v.object, v.detail, c.words,
		fsck_repair(c.repair, v.object), fsck_evidence(v.object)
	FROM (SELECT * FROM fsck_ledger(scope) UNION ALL SELECT * FROM fsck_balances(scope)
		UNION ALL SELECT * FROM fsck_disputes(scope)
		UNION ALL SELECT * FROM fsck_mirror() WHERE scope IS NULL
		UNION ALL SELECT * FROM fsck_orders(scope) UNION ALL SELECT * FROM fsck_payments(scope)
		UNION ALL SELECT * FROM fsck_stock(scope)
		UNION ALL SELECT * FROM fsck_shipments(scope)
		UNION ALL SELECT * FROM fsck_catalog() WHERE scope IS NULL
		UNION ALL SELECT * FROM fsck_queues() WHERE scope IS NULL
		UNION ALL SELECT * FROM fsck_jobs(scope)
		UNION ALL SELECT * FROM fsck_keeping(scope)) v
	JOIN fsck_catalogue() c ON c.code = v.code
	WHERE cardinality(only_these) = 0 OR c.code = ANY (only_these)
		OR c.area = ANY (only_these)
	ORDER BY c.code, v.object;
END $$;

-- Remember that a check came to its end; a standby cannot, and need not.
CREATE FUNCTION api.fsck_ran(scope text, began timestamptz, violations bigint)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	IF NOT pg_is_in_recovery() THEN
		INSERT INTO fsck_run (scope, began_at, violations, actor)
		VALUES ($1, $2, $3, actor());
	END IF;
END $$;

-- When a check begins, and since when an incremental one must look: the beginning of the
-- last that came to its end, less the longest that a transaction of ours may take.
-- Null: at the whole shop.
CREATE FUNCTION api.fsck_begin() RETURNS TABLE (last timestamptz, now timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
	SELECT max(r.began_at) - interval '5 minutes', now() FROM fsck_run r
	WHERE r.scope IN ('all', 'since last')
$$;

-- The invariants themselves.
CREATE FUNCTION api.fsck_list()
RETURNS TABLE (code text, area text, rule text, words text, repair text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT
AS $$ SELECT * FROM fsck_catalogue() $$;
