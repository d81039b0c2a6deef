-- Reconciliation: the provider's books are copied here, line by line, and compared.

-- What is read again, so that nothing is skipped.  Times have a second's resolution, and
-- a transaction may be seen later than others of its second; a payout may fail weeks later.
-- PayPal lists by when something began, and a transfer from a bank takes days to succeed.
CREATE FUNCTION reconcile_overlap(provider text, action text) RETURNS interval
LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE WHEN $2 = 'payout.list' THEN interval '30 days'
		WHEN $1 = 'paypal' THEN interval '7 days' ELSE interval '1 hour' END
$$;

-- How long the provider may take to write down what we know already.
CREATE FUNCTION reconcile_patience() RETURNS interval LANGUAGE sql IMMUTABLE AS $$
	SELECT interval '1 day'
$$;

-- What is asked of a provider in each run, in the order of their names: its balance first,
-- so that all that made it up is in the lists that are read after it.
CREATE FUNCTION reconcile_actions(provider text) RETURNS TABLE (action text)
LANGUAGE sql IMMUTABLE AS $$
	SELECT x.action FROM (VALUES ('balance.get', ARRAY['paypal', 'stripe']),
		('payout.list', ARRAY['stripe']), ('txn.list', NULL)) AS x (action, only_of)
	WHERE $1 = ANY (x.only_of) OR x.only_of IS NULL
$$;

-- Begin, or go on with the one that was interrupted; since says what is compared, and
-- reread that all of it is asked for once more.  source is api, or the name of a file whose rows will be put.
CREATE FUNCTION api.reconcile_begin(provider text, source text, since timestamptz,
	reread boolean)
RETURNS TABLE (id bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	r reconcile_run;
BEGIN
	SELECT * INTO r FROM reconcile_run x WHERE x.provider = $1 AND x.ended_at IS NULL
	FOR UPDATE;
	IF FOUND AND (r.source <> $2 OR r.begun_at < now() - interval '1 day') THEN
		UPDATE reconcile_run x SET ended_at = now() WHERE x.id = r.id; -- given up
		r := NULL;
	END IF;
	IF r.id IS NULL THEN
		INSERT INTO reconcile_run AS x (provider, source, since, actor)
		VALUES ($1, $2, $3, actor())
		ON CONFLICT (provider) WHERE ended_at IS NULL DO NOTHING RETURNING * INTO r;
		IF NOT FOUND THEN -- somebody else began this moment: it is theirs and ours
			RETURN QUERY SELECT * FROM api.reconcile_begin($1, $2, $3, $4);
			RETURN;
		END IF;
	ELSIF $3 < r.since THEN
		UPDATE reconcile_run x SET since = $3 WHERE x.id = r.id;
	END IF;
	IF $2 = 'api' THEN
		INSERT INTO reconcile_list (provider, action)
		SELECT $1, x.action FROM reconcile_actions($1) x ON CONFLICT DO NOTHING;
		UPDATE reconcile_list l SET cursor = NULL, newest = NULL,
			from_at = CASE WHEN l.read_to IS NOT NULL THEN least(l.read_to
				- reconcile_overlap(l.provider, l.action), CASE WHEN $4 THEN $3 END, (SELECT min(p.created) FROM payout p
				WHERE p.provider = $1 AND l.action = 'payout.list'
					AND p.state IN ('pending', 'in_transit'))) END
		WHERE l.provider = $1 AND (l.cursor IS NULL OR $4 AND $3 < l.from_at);
	END IF;
	RETURN QUERY SELECT r.id;
END $$;

-- What to ask the provider next, or none.  Payouts before transactions, because these
-- name them; then what we lost: the objects whose money has no entry here.
CREATE FUNCTION api.reconcile_load(run_id bigint)
RETURNS TABLE (action text, provider text, ref text, cursor text, since timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	r reconcile_run;
BEGIN
	SELECT * INTO r FROM reconcile_run x WHERE x.id = $1 AND x.ended_at IS NULL;
	IF NOT FOUND THEN
		PERFORM absent('reconcile_run_exists', format('no reconciliation %s is under way',
			$1), 'shopctl payment reconcile');
	END IF;
	RETURN QUERY
	(SELECT l.action, r.provider, NULL, l.cursor, l.from_at FROM reconcile_list l
		WHERE l.provider = r.provider AND l.done_run IS DISTINCT FROM r.id
			AND r.source = 'api' ORDER BY l.action LIMIT 1)
	UNION ALL
	(SELECT 'txn.list', r.provider, p.provider_ref, p.members_cursor, NULL FROM payout p
		WHERE p.provider = r.provider AND p.itemised AND p.members_at IS NULL
			AND p.state NOT IN ('failed', 'canceled') AND r.source = 'api'
		ORDER BY p.id LIMIT 1)
	UNION ALL
	(SELECT k.action, r.provider, CASE k.action WHEN 'payment.get' THEN t.payment_ref
			ELSE t.source_ref END, NULL, NULL
		FROM provider_txn t JOIN reconcile_looks(r.provider) k
			ON k.category = t.reporting_category
		WHERE t.provider = r.provider AND t.entry_id IS NULL AND t.fee_entry_id IS NULL
			AND r.source = 'api' AND t.asks < 5 AND t.asked_run IS DISTINCT FROM r.id
			AND (t.payment_ref IS NOT NULL OR k.action <> 'payment.get')
			AND (t.source_ref IS NOT NULL OR k.action = 'payment.get')
		ORDER BY t.created, t.txn_id LIMIT 1)
	UNION ALL SELECT 'none', r.provider, NULL, NULL, NULL LIMIT 1;
END $$;

-- What to ask for when a transaction has no entry.  PayPal's transactions name captures,
-- not orders nor disputes.
CREATE FUNCTION reconcile_looks(provider text) RETURNS TABLE (category text, action text)
LANGUAGE sql IMMUTABLE AS $$
	SELECT k.category, CASE $1 WHEN 'paypal' THEN k.by_capture ELSE k.action END
	FROM (VALUES ('charge', 'payment.get', 'payment.of_capture'),
		('refund', 'refund.get', 'refund.get'), ('refund_failure', 'refund.get', 'refund.get'),
		('dispute', 'dispute.get', 'dispute.of_capture'),
		('dispute_reversal', 'dispute.get', 'dispute.of_capture'))
		AS k (category, action, by_capture)
$$;

-- Keep what an answer told, and how far the list is now; next is null on its last page,
-- and facts where there is no such page.
CREATE FUNCTION api.reconcile_record(run_id bigint, action text, ref text, cursor text,
	facts jsonb, next text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	r reconcile_run;
BEGIN
	SELECT * INTO STRICT r FROM reconcile_run x WHERE x.id = $1 FOR KEY SHARE;
	IF r.ended_at IS NOT NULL THEN
		RETURN; -- somebody else ended it: what is on this page is the next one's to read
	ELSIF $2 IN (SELECT k.action FROM reconcile_looks(r.provider) k) THEN
		PERFORM reconcile_found(r, $2, $3, $5);
		RETURN;
	ELSIF $4 IS NOT NULL AND $5 IS NULL THEN
		PERFORM reconcile_restart(r, $2, $3, $4);
		RETURN;
	ELSIF $2 = 'balance.get' THEN
		PERFORM balance_keep(r, $5) WHERE $5 IS NOT NULL; -- who asks may not be told
	ELSIF $2 = 'payout.list' THEN
		PERFORM payout_apply(r.provider, f)
		FROM jsonb_populate_recordset(NULL::payout_facts, $5) f ORDER BY f.ref;
	ELSE
		PERFORM txn_keep(r.provider, $5, $3);
		PERFORM txn_paid_out(r.provider, $5) WHERE r.provider = 'paypal';
	END IF;
	IF $3 IS NOT NULL THEN
		UPDATE payout p SET members_cursor = $6,
			members_at = CASE WHEN $6 IS NULL THEN now() END
		WHERE p.provider = r.provider AND p.provider_ref = $3;
	ELSE
		PERFORM reconcile_advance(r, $2, $4, $6, (SELECT max(f.created)
			FROM jsonb_populate_recordset(NULL::txn_facts, $5) f WHERE $2 <> 'balance.get'));
	END IF;
END $$;

-- The provider does not know any more where we were: its list is read from its beginning,
-- or what is missing would be taken for read.
CREATE FUNCTION reconcile_restart(r reconcile_run, action text, ref text, cursor text)
RETURNS void
LANGUAGE sql AS $$
	UPDATE payout p SET members_cursor = NULL
	WHERE p.provider = r.provider AND p.provider_ref = $3 AND p.members_cursor = $4;
	UPDATE reconcile_list l SET cursor = NULL, newest = NULL
	WHERE l.provider = r.provider AND l.action = $2 AND $3 IS NULL AND l.cursor = $4
$$;

-- A page is done.  Only when the sweep has arrived does read_to move, to where it began:
-- what was created meanwhile is newer, and the next sweep's.  Somebody else's page, at
-- another place of the list, moves nothing.
CREATE FUNCTION reconcile_advance(r reconcile_run, action text, cursor text, next text,
	newest timestamptz) RETURNS void
LANGUAGE sql AS $$
	UPDATE reconcile_list l SET cursor = $4,
		begun_run = CASE WHEN $3 IS NULL THEN r.id ELSE l.begun_run END,
		begun_at = CASE WHEN $3 IS NULL THEN now() ELSE l.begun_at END,
		newest = CASE WHEN $4 IS NOT NULL THEN coalesce(l.newest, $5) END,
		read_to = CASE WHEN $4 IS NOT NULL THEN l.read_to
			ELSE greatest(l.read_to, l.newest, $5) END,
		done_run = CASE WHEN $4 IS NULL THEN r.id ELSE l.done_run END
	WHERE l.provider = r.provider AND l.action = $2 AND l.cursor IS NOT DISTINCT FROM $3
$$;

-- Transactions into the mirror: what is known already only learns what it did not say.
CREATE FUNCTION txn_keep(provider text, facts jsonb, payout_ref text) RETURNS void
LANGUAGE sql AS $$
	INSERT INTO provider_txn AS t (provider, txn_id, type, reporting_category, source_ref,
		payment_ref, order_hint, currency, amount, fee, net, created, available_on, payout_ref,
		seen_at)
	SELECT DISTINCT ON (f.ref) $1, f.ref, f.type, f.reporting_category, f.source_ref,
		f.payment_ref, f.order_hint, f.currency, f.amount, f.fee, f.net, f.created,
		f.available_on, coalesce($3, f.payout_ref), now()
	FROM jsonb_populate_recordset(NULL::txn_facts, $2) f ORDER BY f.ref
	ON CONFLICT (provider, txn_id) DO UPDATE SET
		source_ref = coalesce(t.source_ref, excluded.source_ref),
		payment_ref = coalesce(t.payment_ref, excluded.payment_ref),
		order_hint = coalesce(t.order_hint, excluded.order_hint),
		payout_ref = coalesce(excluded.payout_ref, t.payout_ref)
	WHERE (t.source_ref, t.payment_ref, t.order_hint, t.payout_ref) IS DISTINCT FROM
		(coalesce(t.source_ref, excluded.source_ref), coalesce(t.payment_ref, excluded.payment_ref),
		coalesce(t.order_hint, excluded.order_hint), coalesce(excluded.payout_ref, t.payout_ref))
$$;

-- An object whose money has no entry here, as the provider shows it now: applied as if
-- a webhook had told of it.
CREATE FUNCTION reconcile_found(r reconcile_run, action text, ref text, facts jsonb)
RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	IF $4->>'ref' IS NOT NULL AND $2 = 'refund.get' THEN
		PERFORM webhook_refund(r.provider, $4);
	ELSIF $4->>'ref' IS NOT NULL AND $2 LIKE 'dispute.%' THEN
		PERFORM webhook_dispute(r.provider, $4);
	ELSIF $4->>'ref' IS NOT NULL THEN
		PERFORM webhook_payment(r.provider, $4);
	END IF;
	UPDATE provider_txn t SET asks = t.asks + 1, asked_run = r.id
	WHERE t.provider = r.provider AND t.entry_id IS NULL AND t.fee_entry_id IS NULL
		AND t.reporting_category IN (SELECT k.category FROM reconcile_looks(r.provider) k
			WHERE k.action = $2)
		AND CASE $2 WHEN 'payment.get' THEN t.payment_ref = $3 ELSE t.source_ref = $3 END;
END $$;

-- Rows of a file, as txn_facts.
CREATE FUNCTION api.reconcile_put(run_id bigint, facts jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	PERFORM txn_keep((SELECT r.provider FROM reconcile_run r WHERE r.id = $1), $2, NULL);
	UPDATE reconcile_run r SET file_from = least(r.file_from, f.first),
		file_to = greatest(r.file_to, f.last)
	FROM (SELECT min(x.created) AS first, max(x.created) AS last
		FROM jsonb_populate_recordset(NULL::txn_facts, $2) x) f
	WHERE r.id = $1;
END $$;
