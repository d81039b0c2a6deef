-- Messages to customers: asked for in the transaction that makes them true, sent by a job.

-- Message-ID is made once, from what the message is about, so that a mail which had
-- to be sent again is the same mail to every program that receives it.
CREATE FUNCTION message_id(event text, subject_id bigint, copy integer) RETURNS text
LANGUAGE sql STABLE AS $$
	SELECT format('<%s.%s.%s@%s>', copy, event, subject_id, coalesce(
		(SELECT value FROM setting WHERE name = 'message_id_host'), 'localhost'))
$$;

-- Tell the customer, once: asking again for the same event and subject does nothing.
CREATE FUNCTION notify(event text, order_id bigint, subject_id bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	id bigint;
BEGIN
	INSERT INTO notification AS n (event, order_id, subject_id, message_id)
	VALUES (notify.event, notify.order_id, notify.subject_id,
		message_id(notify.event, notify.subject_id, 1))
	ON CONFLICT ON CONSTRAINT notification_sent_once DO NOTHING
	RETURNING n.id INTO id;
	IF FOUND THEN
		PERFORM job_put('notification.send', id);
	END IF;
END $$;
