-- Imports: every run, and every row that was refused, with its line, column and rule.

CREATE TABLE import_run (
	id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	kind        text NOT NULL DEFAULT 'product',
	dialect     text NOT NULL,
	source      text NOT NULL,   -- the file's name as it was given
	sha256      text NOT NULL,
	state       text NOT NULL DEFAULT 'staging',
	actor       text NOT NULL,
	started_at  timestamptz NOT NULL DEFAULT now(),
	finished_at timestamptz,
	rows        bigint NOT NULL DEFAULT 0,
	created     bigint NOT NULL DEFAULT 0,
	updated     bigint NOT NULL DEFAULT 0,
	unchanged   bigint NOT NULL DEFAULT 0,
	rejected    bigint NOT NULL DEFAULT 0,
	CONSTRAINT import_state_is_known CHECK (state IN ('staging', 'done', 'refused',
		'abandoned'))
);
CREATE INDEX import_run_sha ON import_run (sha256) WHERE state = 'done';
