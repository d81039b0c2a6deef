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
	('L18', 'money', 'balance_is_its_transactions', 'what a provider says it holds is the sum of what moved it, or an incident says by how much', 'shopctl payment reconcile'),
	('O1', 'orders', 'order_adds_up', 'lines, discounts and taxes add up to the order''s', 'shopctl order show ORDER'),
	('O2', 'orders', 'order_has_lines', 'every order has lines', 'shopctl order why ORDER'),
	('O3', 'orders', 'paid_order_is_paid', 'a paid or authorized order has one applied payment of its whole total', 'shopctl order why ORDER'),
	('O4', 'orders', 'unpaid_order_is_unpaid', 'an order that waits or expired has no applied payment', 'shopctl order why ORDER'),
	('O5', 'orders', 'money_has_a_home', 'captured money that pays no order is on its way back, or a person was asked', 'shopctl refund create ORDER --amount AMOUNT --reason surplus'),
	('O6', 'orders', 'canceled_order_is_refunded', 'a canceled order keeps no money', 'shopctl refund create ORDER --reason canceled'),
	('O7', 'orders', 'order_history_is_a_path', 'an order''s events are a path through the allowed states', 'shopctl order why ORDER'),
	('O8', 'orders', 'line_has_an_order', 'every line, payment and contact belongs to an order', 'restore the order from the backup'),
	('O9', 'orders', 'states_follow_their_graph', 'what belongs to an order moved only along the edges of its graph', 'shopctl order why ORDER'),
	('O10', 'orders', 'discount_is_its_promotions', 'an order''s discount is what its promotions gave', 'shopctl order show ORDER'),
	('O11', 'orders', 'use_follows_its_order', 'an order gave back what it used exactly when it ended without any money', 'shopctl order why ORDER'),
	('O12', 'orders', 'uses_are_counted', 'a promotion and its coupons count the orders that use them, within their limits', 'shopctl promotion usage PROMOTION'),
	('O13', 'orders', 'use_has_its_coupon', 'a use of a promotion belongs to an order, in its currency, by a coupon of that promotion', 'shopctl order show ORDER'),
	('O14', 'orders', 'shipping_is_as_chosen', 'an order''s shipping is what the rate that its customer chose cost', 'shopctl order show ORDER'),
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
	('S10', 'stock', 'return_within_shipped', 'no more of a line comes back than left', 'shopctl return show RETURN'),
	('S11', 'stock', 'returned_stock_moved', 'what a return put on the shelf or threw away moved in stock, once', 'shopctl return show RETURN'),
	('S8', 'stock', 'transfer_is_its_movements', 'what a transfer took out is in transit, came or went back', 'shopctl transfer show TRANSFER'),
	('S12', 'stock', 'count_is_its_movements', 'what a count posted is what it found different', 'shopctl count show COUNT'),
	('S13', 'stock', 'receipt_is_its_movements', 'what a receipt says is what came in', 'shopctl stock ledger of each SKU that came with receipt RECEIPT'),
	('S14', 'stock', 'routing_follows_the_policy', 'checkouts look at addresses exactly when it matters where an order goes', 'shopctl warehouse policy priority, then the one that was meant'),
	('S9', 'stock', 'stock_has_a_place', 'stock belongs to a variant and a warehouse', 'restore the row it belonged to'),
	('C1', 'catalog', 'catalog_row_has_its_parent', 'variants, prices and pictures belong to a product that is there', 'restore the row it belonged to'),
	('C2', 'catalog', 'prices_never_overlap', 'one price of a variant and currency holds at a time', 'end the one before where the next begins'),
	('C3', 'catalog', 'sellable_follows_status', 'a variant that is not archived is sold exactly when its product is active', 'import the product again with its status'),
	('C4', 'catalog', 'attributes_fit_their_category', 'a product has the attributes that its category asks for', 'shopctl product set HANDLE attribute.NAME=VALUE'),
	('C5', 'catalog', 'category_path_is_its_place', 'the path of a category is its name below the path of its parent', 'shopctl category set PATH --name NAME'),
	('C7', 'catalog', 'pricelist_prices_never_overlap', 'one price of a variant holds at a time in a price list', 'shopctl pricelist set CODE SKU AMOUNT'),
	('C8', 'catalog', 'tax_rates_never_overlap', 'one tax rate of a place, class and priority holds at a time', 'shopctl tax rate end ID'),
	('C9', 'catalog', 'price_change_is_audited', 'every price is one that the audit log tells of', 'shopctl price history SKU; shopctl price set SKU AMOUNT'),
	('C10', 'catalog', 'shipping_rates_never_overlap', 'one rate of a shipping method holds for a weight and a total at a time', 'shopctl shipping rate remove ID'),
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
	('N5', 'messages', 'event_reaches_its_endpoints', 'every event has one message for each endpoint that hears it', 'shopctl webhook-endpoint list'),
	('N6', 'messages', 'told_endpoint_answered', 'what an endpoint was told it has taken, with a 2xx', 'shopctl webhook-endpoint deliveries --notification NOTIFICATION'),
	('R1', 'reports', 'rollup_is_what_the_ledger_says', 'sales by hour and day are what the ledger says; report rollup verify proves the rest', 'shopctl report rollup rebuild'),
	('A2', 'audit', 'change_is_audited', 'every refund and stock correction by hand has its audit row', 'shopctl order why ORDER'),
	('A3', 'audit', 'definer_is_pinned', 'no api function runs with a free search_path or for PUBLIC', 'shopctl migrate up'),
	('A4', 'audit', 'no_card_number_is_kept', 'no text that people typed holds the number of a card', 'overwrite the text: the number must not be here'),
	('A5', 'audit', 'audit_log_is_as_sealed', 'no change was edited or removed after it was sealed', 'shopctl audit verify; the backup has the row as it was'),
	('K1', 'security', 'owner_stays_out', 'nobody logs in as shop_owner or can become it but who rules the server', 'REVOKE shop_owner FROM ROLE'),
	('K2', 'security', 'role_rules_nothing', 'no role of the shop can make roles or databases, replicate or pass by rights', 'ALTER ROLE ROLE NOSUPERUSER NOCREATEROLE NOCREATEDB NOREPLICATION NOBYPASSRLS'),
	('K3', 'security', 'session_is_bounded', 'a service''s statements, locks and idle transactions end by themselves', 'shopctl migrate up'),
	('K4', 'security', 'all_is_the_owners', 'tables and functions belong to shop_owner', 'shopctl migrate up; ALTER TABLE ... OWNER TO shop_owner'),
	('K5', 'security', 'public_has_nothing', 'PUBLIC may nothing in the database, its schemas, tables and functions', 'shopctl migrate up; REVOKE ALL ON ... FROM PUBLIC'),
	('K6', 'security', 'tables_are_closed', 'nobody but the owner has a right to a table, a column or a sequence', 'REVOKE ALL ON ... FROM the role'),
	('K7', 'security', 'inside_is_closed', 'nobody but the owner may call what is not in schema api', 'shopctl migrate up'),
	('K8', 'security', 'definer_has_one_path', 'what runs with the owner''s rights finds names in shop and nowhere else, and is in schema api', 'shopctl migrate up'),
	('K9', 'security', 'nothing_runs_unseen', 'no trigger, rule, policy or event trigger runs beside the functions', 'DROP TRIGGER, RULE, POLICY or EVENT TRIGGER'),
	('K10', 'security', 'auditor_only_reads', 'an auditor calls nothing that can change anything, but the note that fsck ran', 'shopctl migrate up')
$$;

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
		('role', 'SELECT * FROM pg_roles WHERE rolname = %L'),
		('transfer', 'SELECT * FROM shop.transfer JOIN shop.transfer_line ON transfer_id = id WHERE id = %s'),
		('count', 'SELECT * FROM shop.stock_count JOIN shop.stock_count_line ON count_id = id WHERE id = %s'),
		('receipt', 'SELECT * FROM shop.stock_receipt JOIN shop.stock_receipt_line ON receipt_id = id WHERE id = %s'),
		('warehouse', 'SELECT * FROM shop.warehouse WHERE code = %L'),
		('return', 'SELECT * FROM shop.return_request JOIN shop.return_line ON return_id = id WHERE id = %s'),
		('audit', 'SELECT * FROM shop.audit_log WHERE id = %s'),
		('seal', 'SELECT * FROM shop.audit_seal WHERE n = %s')) AS q (kind, query)
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
		WHEN 'return' THEN
			SELECT r.order_id INTO of_order FROM return_request r WHERE r.id = number::bigint;
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

-- Whether an invariant is wanted by its code (L1), by its area (stock), or because none is
-- named; security only when it is, because roles are the server's and not the shop's alone.
CREATE FUNCTION fsck_wants(only_these text[], code text, area text) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
	SELECT $2 = ANY ($1) OR $3 = ANY ($1) OR '{all+security}' && $1
		OR cardinality($1) = 0 AND $3 <> 'security'
$$;

CREATE FUNCTION fsck_areas(only_these text[]) RETURNS text[] LANGUAGE sql STABLE AS $$
	SELECT array_agg(DISTINCT c.area) FROM fsck_catalogue() c
	WHERE fsck_wants($1, c.code, c.area)
$$;

-- Violations as they are told.
CREATE FUNCTION fsck_tell(codes text[], objects text[], details text[], only_these text[])
RETURNS TABLE (code text, area text, rule text, object text, detail text, words text,
	repair text, evidence text)
LANGUAGE sql STABLE AS $$
	SELECT c.code, c.area, c.rule, v.object, v.detail, c.words, fsck_repair(c.repair, v.object),
		fsck_evidence(v.object)
	FROM unnest(codes, objects, details) AS v (code, object, detail)
	JOIN fsck_catalogue() c ON c.code = v.code
	WHERE fsck_wants($4, c.code, c.area)
	ORDER BY c.code, v.object
$$;

-- Every violation of the invariants, or of those named: codes (L1) or areas (stock); of
-- the whole shop, of one order, or of the orders touched since then.  One statement, so
-- one snapshot.
CREATE FUNCTION api.fsck(only_these text[], only_order bigint, since timestamptz)
RETURNS TABLE (code text, area text, rule text, object text, detail text, words text,
	repair text, evidence text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT
SET plan_cache_mode = force_custom_plan SET work_mem = '128MB' AS $$
DECLARE
	scope bigint[] := CASE WHEN since IS NOT NULL THEN fsck_touched(since) END;
	areas text[] := fsck_areas(only_these);
BEGIN
	IF only_order <> 0 THEN
		RETURN QUERY SELECT * FROM api.fsck_order(only_these, only_order);
		RETURN;
	END IF;
	RETURN QUERY SELECT t.* FROM (
		SELECT array_agg(v.code) AS codes, array_agg(v.object) AS objects,
			array_agg(v.detail) AS details
		FROM (SELECT * FROM fsck_ledger(scope) WHERE 'money' = ANY (areas)
			UNION ALL SELECT * FROM fsck_balances(scope) WHERE 'money' = ANY (areas)
			UNION ALL SELECT * FROM fsck_disputes(scope) WHERE 'money' = ANY (areas)
			UNION ALL SELECT * FROM fsck_payments(scope) WHERE areas && '{money,orders}'
			UNION ALL SELECT * FROM fsck_mirror() WHERE scope IS NULL AND 'money' = ANY (areas)
			UNION ALL SELECT * FROM fsck_orders(scope) WHERE 'orders' = ANY (areas)
			UNION ALL SELECT * FROM fsck_history(scope) WHERE 'orders' = ANY (areas)
			UNION ALL SELECT * FROM fsck_redemptions(scope) WHERE 'orders' = ANY (areas)
			UNION ALL SELECT * FROM fsck_choices(scope) WHERE 'orders' = ANY (areas)
			UNION ALL SELECT * FROM fsck_uses() WHERE scope IS NULL AND 'orders' = ANY (areas)
			UNION ALL SELECT * FROM fsck_stock(scope) WHERE 'stock' = ANY (areas)
			UNION ALL SELECT * FROM fsck_shipments(scope) WHERE 'stock' = ANY (areas)
			UNION ALL SELECT * FROM fsck_returns(scope) WHERE 'stock' = ANY (areas)
			UNION ALL SELECT * FROM fsck_goods() WHERE scope IS NULL AND 'stock' = ANY (areas)
			UNION ALL SELECT * FROM fsck_catalog() WHERE scope IS NULL AND 'catalog' = ANY (areas)
			UNION ALL SELECT * FROM fsck_prices() WHERE scope IS NULL AND 'catalog' = ANY (areas)
			UNION ALL SELECT * FROM fsck_rates() WHERE scope IS NULL AND 'catalog' = ANY (areas)
			UNION ALL SELECT * FROM fsck_queues() WHERE scope IS NULL AND 'jobs' = ANY (areas)
			UNION ALL SELECT * FROM fsck_jobs(scope) WHERE areas && '{jobs,messages}'
			UNION ALL SELECT * FROM fsck_keeping(scope)
				WHERE areas && '{audit,messages,reports}'
			UNION ALL SELECT * FROM fsck_security()
				WHERE scope IS NULL AND 'security' = ANY (areas)) v) f
	CROSS JOIN LATERAL fsck_tell(f.codes, f.objects, f.details, only_these) t;
END $$;

-- The same of one order, cheap enough to be asked after every transaction.
CREATE FUNCTION api.fsck_order(only_these text[], order_id bigint)
RETURNS TABLE (code text, area text, rule text, object text, detail text, words text,
	repair text, evidence text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
	scope bigint[] := ARRAY[order_id];
	codes text[];
	objects text[];
	details text[];
BEGIN
	SELECT array_agg(v.code), array_agg(v.object), array_agg(v.detail)
	INTO codes, objects, details
	FROM (SELECT * FROM fsck_ledger_of(scope) UNION ALL SELECT * FROM fsck_balances_of(scope)
		UNION ALL SELECT * FROM fsck_disputes_of(scope)
		UNION ALL SELECT * FROM fsck_payments_of(scope)
		UNION ALL SELECT * FROM fsck_orders_of(scope)
		UNION ALL SELECT * FROM fsck_history_of(scope)
		UNION ALL SELECT * FROM fsck_redemptions_of(scope)
		UNION ALL SELECT * FROM fsck_choices_of(scope)
		UNION ALL SELECT * FROM fsck_stock_of(scope)
		UNION ALL SELECT * FROM fsck_shipments_of(scope)
		UNION ALL SELECT * FROM fsck_returns_of(scope)
		UNION ALL SELECT * FROM fsck_jobs_of(scope)
		UNION ALL SELECT * FROM fsck_keeping_of(scope)) v;
	IF codes IS NOT NULL THEN
		RETURN QUERY SELECT * FROM fsck_tell(codes, objects, details, only_these);
	END IF;
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
