-- Housekeeping: what keeps tables small, in steps of a bounded size, so that nobody waits for
-- one.  A step may be repeated or stopped at any time: the next goes on where it ended.  Each
-- says how many rows it dealt with; fewer than were allowed means that nothing is left.

-- What webhooks said, once nobody acts on it any more: the bytes go, their digest stays.
CREATE FUNCTION api.webhook_purge(keep_days bigint, most bigint) RETURNS TABLE (done bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	UPDATE webhook_event w SET body = NULL, headers = NULL, body_sha256 = sha256(w.body),
		body_bytes = length(w.body)
	WHERE w.id = ANY (ARRAY(SELECT x.id FROM webhook_event x
		WHERE x.body IS NOT NULL AND x.received_at < now() - $1 * interval '1 day'
			AND x.state NOT IN ('received', 'parked')
		ORDER BY x.received_at LIMIT $2 FOR UPDATE SKIP LOCKED));
	GET DIAGNOSTICS done = ROW_COUNT;
	RETURN NEXT;
END $$;

-- What carriers sent, byte for byte; what it meant stays.
CREATE FUNCTION api.tracking_purge(keep_days bigint, most bigint) RETURNS TABLE (done bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	UPDATE tracking_event t SET raw = NULL
	WHERE t.id = ANY (ARRAY(SELECT x.id FROM tracking_event x
		WHERE x.raw IS NOT NULL AND x.received_at < now() - $1 * interval '1 day'
		ORDER BY x.received_at LIMIT $2 FOR UPDATE SKIP LOCKED));
	GET DIAGNOSTICS done = ROW_COUNT;
	RETURN NEXT;
END $$;

CREATE FUNCTION api.schedule_purge(keep_days bigint, most bigint) RETURNS TABLE (done bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	DELETE FROM schedule_run r WHERE r.ctid = ANY (ARRAY(SELECT x.ctid FROM schedule_run x
		WHERE x.run_at < now() - $1 * interval '1 day'
		ORDER BY x.run_at LIMIT $2 FOR UPDATE SKIP LOCKED));
	GET DIAGNOSTICS done = ROW_COUNT;
	RETURN NEXT;
END $$;

-- What programs of others were told, and how each attempt went; which answers to short messages
-- were heard.  One that is sent again later is written anew.
CREATE FUNCTION api.message_purge(keep_days bigint, most bigint) RETURNS TABLE (done bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	bodies bigint;
BEGIN
	DELETE FROM webhook_out o WHERE o.notification_id = ANY (ARRAY(
		SELECT x.notification_id FROM webhook_out x JOIN notification n
			ON n.id = x.notification_id
		WHERE n.created_at < now() - $1 * interval '1 day' AND n.state <> 'queued'
		ORDER BY x.notification_id LIMIT $2 FOR UPDATE OF x SKIP LOCKED));
	GET DIAGNOSTICS bodies = ROW_COUNT;
	DELETE FROM webhook_delivery d WHERE d.id = ANY (ARRAY(
		SELECT x.id FROM webhook_delivery x
		WHERE x.at < now() - $1 * interval '1 day'
		ORDER BY x.id LIMIT $2 - bodies FOR UPDATE SKIP LOCKED));
	GET DIAGNOSTICS done = ROW_COUNT;
	bodies := bodies + done;
	DELETE FROM sms_heard h WHERE h.sid = ANY (ARRAY(
		SELECT x.sid FROM sms_heard x WHERE x.at < now() - $1 * interval '1 day'
		ORDER BY x.at LIMIT $2 - bodies FOR UPDATE SKIP LOCKED));
	GET DIAGNOSTICS done = ROW_COUNT;
	done := done + bodies;
	RETURN NEXT;
END $$;

-- What storefronts show to customers, once it is old news.
CREATE FUNCTION api.inbox_purge(keep_days bigint, most bigint) RETURNS TABLE (done bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	DELETE FROM inbox i WHERE i.notification_id = ANY (ARRAY(
		SELECT x.notification_id FROM inbox x WHERE x.at < now() - $1 * interval '1 day'
		ORDER BY x.notification_id LIMIT $2 FOR UPDATE SKIP LOCKED));
	GET DIAGNOSTICS done = ROW_COUNT;
	RETURN NEXT;
END $$;

-- Workers that were lost without a word.
CREATE FUNCTION api.worker_purge(keep_days bigint, most bigint) RETURNS TABLE (done bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	DELETE FROM worker w WHERE w.owner = ANY (ARRAY(SELECT x.owner FROM worker x
		WHERE x.seen_at < now() - $1 * interval '1 day'
		ORDER BY x.seen_at LIMIT $2 FOR UPDATE SKIP LOCKED));
	GET DIAGNOSTICS done = ROW_COUNT;
	RETURN NEXT;
END $$;

-- Days of visitors' events: those ahead are made, those past their time are dropped.  A table
-- is dropped in a moment, unless there is a wait for it: then the next run does it.
CREATE FUNCTION api.event_keep(most bigint) RETURNS TABLE (done bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET lock_timeout = '1s' AS $$
BEGIN
	RETURN QUERY SELECT e.made + e.dropped FROM event_partitions() e;
END $$;

-- A task came to its end.
CREATE FUNCTION api.housekeeping_ran(task text, n bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	INSERT INTO housekeeping_run AS h (task, ended_at, rows, total) VALUES ($1, now(), $2, $2)
	ON CONFLICT ON CONSTRAINT housekeeping_run_pkey DO UPDATE
		SET ended_at = now(), rows = $2, total = h.total + $2;
END $$;
