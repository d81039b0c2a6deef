-- Imports of any kind, each with a stage that outlives the process that filled it.

-- The stages of imports under way: a table run_88 each, unlogged, dropped when its import
-- came to its end.  Who may import fills its own and reads none.
CREATE SCHEMA stage;

ALTER TABLE import_run
	ADD products bigint NOT NULL DEFAULT 0,
	ADD archived bigint NOT NULL DEFAULT 0,
	ADD staged_at timestamptz,                 -- all rows of the file are in the stage
	ADD options jsonb NOT NULL DEFAULT '{}',   -- as it was asked for, to go on with
	ADD header text[] NOT NULL DEFAULT '{}',
	ADD started_at timestamptz NOT NULL DEFAULT now(),
	ADD undone_at timestamptz,
	ADD xid bigint,                            -- the transaction that wrote it
	ADD undo_xid bigint,                       -- and the one that took it back
	ADD new_products int8multirange NOT NULL DEFAULT '{}',
	ADD new_variants int8multirange NOT NULL DEFAULT '{}',
	ALTER finished_at DROP NOT NULL,
	DROP CONSTRAINT import_state_is_known,
	ADD CONSTRAINT import_state_is_known CHECK (state IN
		('staging', 'staged', 'done', 'refused', 'abandoned', 'undone'));

-- What a kind counts; null is not counted by it.
CREATE TYPE import_counts AS (products bigint, created bigint, updated bigint,
	unchanged bigint, archived bigint);

-- The rows of a run that were refused: what is wrong with each, and its cells.
CREATE TABLE import_rejected (
	run_id   bigint NOT NULL,
	line     bigint NOT NULL,
	columns  text[] NOT NULL,
	rules    text[] NOT NULL,
	problems text[] NOT NULL,
	hints    text[] NOT NULL,
	cells    text,  -- as CSV; null: whoever had the file did not come to say
	CONSTRAINT import_rejected_once PRIMARY KEY (run_id, line)
);

-- What a run changed that was there before: the columns that differ, as they were and as
-- it left them.  What is new is in import_run.
CREATE TABLE import_before (
	run_id bigint NOT NULL,
	n      bigint GENERATED ALWAYS AS IDENTITY,
	noun   text NOT NULL,             -- the table
	id     bigint NOT NULL,           -- of its row; of a price, place or image whose it is
	key    text NOT NULL DEFAULT '',  -- the currency, the warehouse, the URL
	name   text NOT NULL,             -- the SKU, the handle: for a person
	before jsonb,                     -- null: it was not there
	after  jsonb NOT NULL,
	PRIMARY KEY (run_id, n)
);

INSERT INTO job_schedule (name, kind, every) VALUES
	('housekeeping.import_stage_purge', 'housekeeping.import_stage_purge', '1 hour'),
	('housekeeping.import_undo_purge', 'housekeeping.import_undo_purge', '1 day');
