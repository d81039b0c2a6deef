-- What became of jobs, which go first, how many run, and when a provider is not asked.

ALTER TABLE queue
	ADD history_days int CONSTRAINT queue_history_positive CHECK (history_days > 0),
	ADD rate double precision CONSTRAINT queue_rate_positive CHECK (rate > 0);
COMMENT ON COLUMN queue.history_days IS 'finished jobs are kept so long; null: they leave no trace';
COMMENT ON COLUMN queue.rate IS 'jobs a second over all workers; null: any';

-- The levels of priority that a queue has seen: most have one, and pay for one.
ALTER TABLE queue_head ADD levels smallint[] NOT NULL DEFAULT '{0}';
COMMENT ON COLUMN job.priority IS '-2 first .. 0 as usual .. 2 last; 9 quarantine';

-- Null is 0, none, and the queue of the kind: nothing is written for what is usual.
ALTER TABLE job_lease ADD level smallint, ADD moved bit varying;
COMMENT ON COLUMN job_lease.moved IS 'bit i: jobs[i + 1] went elsewhere and is not done';
ALTER TABLE job_later ADD priority smallint, ADD queue text;
ALTER TABLE job_dead ADD priority smallint;

-- Finished jobs of the queues that keep them, a partition a day (UTC).  What comes on a
-- day that nobody made a partition for waits in the rest until somebody does.
CREATE TABLE job_done (
	finished_at timestamptz NOT NULL,
	id          bigint NOT NULL,
	priority    smallint NOT NULL,
	attempt     smallint NOT NULL, -- the tries before the last
	crashes     smallint NOT NULL,
	queue       text NOT NULL,
	kind        text NOT NULL,
	subject     bigint,
	created_at  timestamptz NOT NULL,
	claimed_at  timestamptz NOT NULL,
	owner       text NOT NULL,
	dedupe      text,
	trace       text,
	payload     jsonb,
	PRIMARY KEY (id, finished_at)
) PARTITION BY RANGE (finished_at);
CREATE INDEX job_done_subject ON job_done (subject);
CREATE TABLE job_done_rest PARTITION OF job_done DEFAULT;

CREATE OR REPLACE VIEW job_any AS
SELECT j.id, j.kind, j.subject,
	CASE j.priority WHEN 9 THEN 'quarantined' ELSE 'ready' END AS state,
	j.attempt::int, j.crashes::int, j.created_at, NULL::timestamptz AS due_at,
	NULL AS owner, j.dedupe, j.trace, j.payload, NULL AS rule, NULL AS message,
	h.queue, j.priority::int
FROM job j LEFT JOIN queue_head h ON h.base = j.slot / 4 * 4
UNION ALL
SELECT j.id, j.kind, j.subject, 'running', j.attempt, j.crashes, j.created_at, l.expires_at,
	l.owner, j.dedupe, j.trace, j.payload, NULL, NULL, h.queue, coalesce(l.level, 0)
FROM job_lease l LEFT JOIN queue_head h ON h.base = l.slot / 4 * 4,
	unnest(l.jobs) WITH ORDINALITY
	j (id, subject, created_at, attempt, crashes, kind, dedupe, trace, payload, ix)
WHERE l.acked IS NULL OR get_bit(l.acked, ix::int - 1) = 0
UNION ALL
SELECT id, kind, subject, 'later', attempt, crashes, created_at, run_at, NULL, dedupe, trace,
	payload, rule, message, coalesce(queue, split_part(kind, '.', 1)), coalesce(priority, 0)
FROM job_later
UNION ALL
SELECT id, kind, subject, 'dead', attempt, crashes, created_at, died_at, NULL, dedupe, trace,
	payload, rule, message, queue, coalesce(priority, 0)
FROM job_dead;

-- Finished jobs as job_any has the others.
CREATE VIEW job_ended AS
SELECT d.id, d.kind, d.subject, 'done' AS state, d.attempt + 1 AS attempt,
	d.crashes::int AS crashes, d.created_at, d.finished_at AS due_at, d.owner, d.dedupe,
	d.trace, d.payload, NULL AS rule, NULL AS message, d.queue,
	d.priority::int AS priority
FROM job_done d;

-- Whether a provider is asked.  Written when that changes, and at most once a second by
-- each worker while calls fail; jobs read it before a call.
CREATE TABLE breaker (
	provider text PRIMARY KEY,
	state    text NOT NULL DEFAULT 'closed'
		CONSTRAINT breaker_state_is_known CHECK (state IN ('closed', 'open', 'half_open')),
	failures int NOT NULL DEFAULT 0, -- in a row, as far as was told
	probes   int NOT NULL DEFAULT 0, -- that failed since it opened
	since    timestamptz NOT NULL DEFAULT now(),
	probe_at timestamptz, -- when one call may try; of half-open: when that one is lost
	reason   text, -- of who opened it by hand; then only a probe or a reset closes it
	error    text,
	CONSTRAINT breaker_tries_again CHECK (state = 'closed' OR probe_at IS NOT NULL)
);
INSERT INTO breaker (provider) VALUES ('paypal'), ('stripe');

INSERT INTO job_schedule (name, kind, every)
VALUES ('housekeeping.job_history', 'housekeeping.job_history', '1 hour');
