-- Carriers are asked where parcels are: a job a parcel, which puts the next one, until the
-- parcel has come to its end.

-- Ask about a parcel that has left, when it can be found.
CREATE FUNCTION shipment_watch(s shipment) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	IF s.carrier IS NOT NULL AND s.tracking IS NOT NULL AND s.poll_at IS NULL THEN
		UPDATE shipment x SET poll_at = now() + interval '15 minutes' WHERE x.id = s.id;
		PERFORM job_put('shipment.poll', s.id, now() + interval '15 minutes');
	END IF;
END $$;

CREATE FUNCTION shipment_under_way(state text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
	SELECT $1 IN ('handed_over', 'in_transit', 'exception', 'returning')
$$;

-- Whom to ask about which parcel; wanted is false when it is over, or was asked meanwhile.
CREATE FUNCTION api.shipment_poll_load(shipment_id bigint)
RETURNS TABLE (id bigint, carrier text, tracking text, wanted boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY SELECT s.id, s.carrier, s.tracking,
		shipment_under_way(s.state) AND coalesce(s.poll_at <= now(), false)
			AND s.carrier IS NOT NULL AND s.tracking IS NOT NULL
	FROM shipment s WHERE s.id = $1;
	IF NOT FOUND THEN
		PERFORM absent('shipment_exists', format('there is no shipment %s', $1),
			'shopctl shipment list');
	END IF;
END $$;

-- What the carrier said, the oldest first, and the next question: after an eighth of the
-- time without news, between pause_minutes and a day.  Two months of silence are for a
-- person.  source is the carrier; an event that it told before is there already.
CREATE FUNCTION api.shipment_poll_record(shipment_id bigint, source text, events jsonb,
	pause_minutes bigint)
RETURNS TABLE (state text, heard bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	s shipment := shipment_lock($1);
	e record;
	silent interval;
	next timestamptz;
BEGIN
	heard := 0;
	FOR e IN SELECT x.* FROM jsonb_to_recordset($3)
			AS x (ref text, status text, at timestamptz, note text, raw text)
		WHERE x.at <= now() + interval '1 day' AND tracking_rank(x.status) IS NOT NULL
			AND NOT EXISTS (SELECT FROM tracking_event t WHERE t.shipment_id = s.id
				AND t.source = $2 AND t.ref = x.ref)
		ORDER BY x.at, tracking_rank(x.status) LOOP
		PERFORM shipment_track(s, e.status, e.at, e.note, $2, e.ref,
			convert_to(e.raw, 'UTF8'));
		SELECT * INTO s FROM shipment x WHERE x.id = $1;
		heard := heard + 1;
	END LOOP;
	state := s.state;
	silent := now() - greatest(s.handed_over_at, (SELECT max(t.received_at)
		FROM tracking_event t WHERE t.shipment_id = s.id));
	IF NOT shipment_under_way(s.state) THEN
		UPDATE shipment x SET poll_at = NULL WHERE x.id = s.id;
	ELSIF s.poll_at <= now() AND silent > interval '60 days' THEN
		UPDATE shipment x SET poll_at = NULL WHERE x.id = s.id;
		PERFORM incident_open('shipment_silent', s.order_id, NULL,
			jsonb_build_object('object', s.id), s.id::text);
	ELSIF s.poll_at <= now() THEN
		next := now() + greatest($4 * interval '1 minute', least(silent / 8, interval '1 day'));
		UPDATE shipment x SET poll_at = next WHERE x.id = s.id;
		PERFORM job_trace_of(s.order_id);
		PERFORM job_put('shipment.poll', s.id, next);
	END IF;
	RETURN NEXT;
END $$;
