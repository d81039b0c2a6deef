-- Imports: every run that came to an end.  The rows of a running one lie in
-- temporary tables of its session, so a killed import leaves nothing behind.

CREATE TABLE import_run (
	id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	kind        text NOT NULL DEFAULT 'product',
	dialect     text NOT NULL,
	source      text NOT NULL,   -- the file's name as it was given
	sha256      text NOT NULL,
	currency    text NOT NULL,   -- of amounts that named none
	warehouse   text,            -- of quantities that named none
	state       text NOT NULL,
	actor       text NOT NULL,
	finished_at timestamptz NOT NULL DEFAULT now(),
	rows        bigint NOT NULL DEFAULT 0,
	created     bigint NOT NULL DEFAULT 0,
	updated     bigint NOT NULL DEFAULT 0,
	unchanged   bigint NOT NULL DEFAULT 0,
	rejected    bigint NOT NULL DEFAULT 0,
	CONSTRAINT import_state_is_known CHECK (state IN ('done', 'refused'))
);
CREATE INDEX import_run_sha ON import_run (sha256) WHERE state = 'done';
