-- Warehouses and what lies in them; every change of on_hand is a movement.

CREATE TABLE warehouse (
	id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	code     text NOT NULL,
	name     text NOT NULL DEFAULT '',
	country  char(2),
	priority integer NOT NULL DEFAULT 100, -- lower is asked first
	open     boolean NOT NULL DEFAULT true,
	address  jsonb NOT NULL DEFAULT '{}',
	CONSTRAINT warehouse_code_is_unique UNIQUE (code),
	CONSTRAINT warehouse_code_is_not_empty CHECK (code <> '')
);

-- available = on_hand - reserved.  slice is 0 today; a hot SKU can be split over more.
CREATE TABLE stock (
	variant_id    bigint NOT NULL,
	warehouse_id  bigint NOT NULL,
	slice         smallint NOT NULL DEFAULT 0,
	on_hand       bigint NOT NULL DEFAULT 0,
	reserved      bigint NOT NULL DEFAULT 0,
	reorder_point bigint NOT NULL DEFAULT 0,
	PRIMARY KEY (variant_id, warehouse_id, slice),
	CONSTRAINT stock_never_oversold CHECK (reserved <= on_hand),
	CONSTRAINT stock_reserved_is_not_negative CHECK (reserved >= 0)
) WITH (fillfactor = 50);

CREATE TABLE stock_movement (
	id           bigint GENERATED ALWAYS AS IDENTITY,
	at           timestamptz NOT NULL DEFAULT now(),
	variant_id   bigint NOT NULL,
	warehouse_id bigint NOT NULL,
	slice        smallint NOT NULL DEFAULT 0,
	delta        bigint NOT NULL,
	reason       text NOT NULL, -- import, adjust, set, receive, ship, return, damaged, ...
	reference    text,          -- what it belongs to: "import:88", "order:1024"
	actor        text NOT NULL,
	PRIMARY KEY (variant_id, warehouse_id, id),
	CONSTRAINT stock_movement_moves CHECK (delta <> 0)
);
