-- Payouts: money that goes from the provider to the bank, and sometimes comes back.

-- The one way in which what a provider says changes a payout.  Its money leaves the
-- balance when it is made, arrives when it is paid, and can come back even then.
CREATE FUNCTION payout_apply(provider text, f payout_facts) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
	p payout;
	e state_edge;
BEGIN
	INSERT INTO payout (id, provider, provider_ref, currency, amount, automatic, created,
		arrival)
	SELECT new_id(), $1, f.ref, f.currency, f.amount, f.automatic, f.created, f.arrival
	WHERE NOT EXISTS (SELECT FROM payout x WHERE x.provider = $1 AND x.provider_ref = f.ref)
	ON CONFLICT ON CONSTRAINT payout_known_once DO NOTHING;
	SELECT * INTO p FROM payout x WHERE x.provider = $1 AND x.provider_ref = f.ref FOR UPDATE;
	PERFORM payout_post(p, 'po', 'payout', '{in_transit,psp:clearing}');
	IF f.itemised AND NOT p.itemised THEN
		UPDATE payout SET itemised = true WHERE id = p.id;
	END IF;
	IF p.state = f.status OR NOT state_may('payout', p.state, f.status) THEN
		RETURN p.id; -- a late word, or none of ours
	END IF;
	e := state_move('payout', p.id, NULL, p.state, f.status,
		jsonb_build_object('ref', f.ref, 'error', f.error));
	UPDATE payout SET state = e.to_state, arrival = coalesce(f.arrival, arrival),
		error = f.error WHERE id = p.id;
	IF e.to_state = 'paid' THEN
		PERFORM payout_post(p, 'popaid', 'payout_paid', '{bank,in_transit}');
	ELSIF e.to_state IN ('failed', 'canceled') THEN
		PERFORM payout_post(p, 'pofail', 'payout_' || e.to_state, ARRAY['psp:clearing',
			CASE p.state WHEN 'paid' THEN 'bank' ELSE 'in_transit' END]);
	END IF;
	RETURN p.id;
END $$;

CREATE FUNCTION payout_post(p payout, prefix text, kind text, accounts text[])
RETURNS void LANGUAGE sql AS $$
	SELECT post($2 || ':' || p.provider_ref, $3, NULL, NULL, NULL, p.currency, $4,
		ARRAY[p.amount, -p.amount]) WHERE p.amount <> 0
$$;
