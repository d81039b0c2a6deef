-- Schedules by the calendar and what became of each due time; the seals of the audit
-- log; what housekeeping needs of the tables it keeps small.

-- A schedule repeats by the calendar (cron, in its own time zone) or after a time (every).
-- catch_up says what becomes of due times that passed while nobody ran anything: none of
-- them is made up for, one is, or all are.
ALTER TABLE job_schedule
	ALTER every DROP NOT NULL,
	ALTER next_at DROP NOT NULL, -- null: the first due time from now on
	ADD cron text,
	ADD tz text NOT NULL DEFAULT 'UTC',
	ADD catch_up text NOT NULL DEFAULT 'one',
	ADD last_due_at timestamptz,
	ADD last_run_at timestamptz,
	ADD CONSTRAINT schedule_has_one_rhythm CHECK (num_nonnulls(cron, every) = 1),
	ADD CONSTRAINT schedule_catch_up_is_known CHECK (catch_up IN ('none', 'one', 'all')),
	ADD CONSTRAINT schedule_name_is_a_word CHECK (name ~ '^[a-z][a-z0-9_.-]{0,59}$');

-- Each due time of a schedule that comes round once a minute or less often, once.
CREATE TABLE schedule_run (
	schedule    text NOT NULL,
	due_at      timestamptz NOT NULL,
	run_at      timestamptz NOT NULL DEFAULT now(),
	job_id      bigint, -- null: none was put
	missed      bigint NOT NULL DEFAULT 0, -- due times up to here that were given up
	missed_from timestamptz,
	CONSTRAINT schedule_runs_once PRIMARY KEY (schedule, due_at)
);
CREATE INDEX schedule_run_at ON schedule_run (run_at);

-- A cron expression, read: what each field allows, and which fields were stars.
CREATE TYPE cron_spec AS (
	minutes     integer[],
	hours       integer[],
	days        integer[],
	months      integer[],
	weekdays    integer[], -- 0 is Sunday
	both_days   boolean, -- a day must fit both fields, because one is a star
	every_hour  boolean -- the hour is a star: whenever the clock shows its minute
);

-- When the provider's day is closed, and nobody waits for it.
UPDATE job_schedule SET cron = '0 3 * * *', every = NULL WHERE name = 'reconcile.stripe';

-- How a task of housekeeping went.
CREATE TABLE housekeeping_run (
	task     text PRIMARY KEY,
	ended_at timestamptz NOT NULL,
	rows     bigint NOT NULL, -- of the last run
	total    bigint NOT NULL -- of all
);

-- The seals of the audit log.  A seal lists the rows it covers with the digest of each,
-- and its root is the digest of the root before it and of them: who edits or removes a row
-- would have to make all roots after it anew, and those are known elsewhere.
ALTER TABLE audit_log ADD xid xid8 NOT NULL DEFAULT pg_current_xact_id();
CREATE INDEX audit_log_sealing ON audit_log (xid, id);
CREATE TABLE audit_seal (
	n         bigint PRIMARY KEY,
	sealed_at timestamptz NOT NULL DEFAULT now(),
	ids       bigint[] NOT NULL,
	hashes    bytea NOT NULL, -- 32 bytes a row
	root      bytea NOT NULL,
	xid       xid8 NOT NULL, -- of the last row: all before (xid, last_id) are sealed
	last_id   bigint NOT NULL,
	cluster   bigint NOT NULL, -- whose transaction numbers those are
	moved_id  bigint NOT NULL, -- rows up to here came from elsewhere, and go by their ids
	moving    boolean NOT NULL, -- some of those may not be sealed yet
	CONSTRAINT audit_seal_hashes_each_row CHECK (cardinality(ids) > 0
		AND length(hashes) = 32 * cardinality(ids) AND length(root) = 32)
);

-- What a webhook said is personal data: its bytes go after a while, their digest stays.
ALTER TABLE webhook_event
	ALTER body DROP NOT NULL,
	ADD body_sha256 bytea,
	ADD body_bytes integer,
	ADD CONSTRAINT webhook_body_or_its_digest CHECK (body IS NOT NULL
		OR body_sha256 IS NOT NULL AND body_bytes IS NOT NULL);
CREATE INDEX webhook_event_kept ON webhook_event (received_at) WHERE body IS NOT NULL;
CREATE INDEX tracking_event_kept ON tracking_event (received_at) WHERE raw IS NOT NULL;

INSERT INTO job_schedule (name, kind, cron, next_at)
SELECT 'housekeeping.' || task, 'housekeeping.' || task, cron, NULL FROM (VALUES
	('audit_seal', '* * * * *'),
	('event_keep', '17 * * * *'),
	('inbox_purge', '31 1 * * *'),
	('message_purge', '37 1 * * *'),
	('schedule_purge', '47 1 * * *'),
	('tracking_purge', '29 1 * * *'),
	('webhook_purge', '23 1 * * *'),
	('worker_purge', '41 * * * *')) AS t (task, cron);
