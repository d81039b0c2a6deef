-- What part of a queue's rate each worker has, so that all together never have more.

CREATE TABLE queue_share (
	queue    text NOT NULL,
	owner    text NOT NULL,
	rate     double precision NOT NULL,
	taken_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (queue, owner)
);
COMMENT ON COLUMN queue_share.taken_at IS 'asked for again within 15 s, or it is nobody''s';
