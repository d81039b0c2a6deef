-- What is bought together: in how many baskets each product was, and each pair of them.

-- Baskets that are not counted yet.  The fold of sales and the import of history put them
-- here in the transaction that counts the sale, so that each is counted once.
CREATE TABLE together_todo (
	id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	order_id   bigint,
	history_id bigint,
	CONSTRAINT basket_is_of_one_order CHECK (num_nonnulls(order_id, history_id) = 1)
);
CREATE TABLE together_total (
	one     boolean PRIMARY KEY DEFAULT true,
	baskets bigint NOT NULL DEFAULT 0,
	skipped bigint NOT NULL DEFAULT 0, -- larger than recommend.basket_max
	at      timestamptz NOT NULL DEFAULT now(),
	CONSTRAINT together_total_is_one CHECK (one)
);
INSERT INTO together_total DEFAULT VALUES;
CREATE TABLE together_item (
	id      integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	sku     text COLLATE "C" NOT NULL,
	baskets bigint NOT NULL,
	CONSTRAINT together_item_is_one_product UNIQUE (sku)
);
CREATE TABLE together_pair (
	a       integer NOT NULL, -- the lesser number of two products
	b       integer NOT NULL,
	baskets bigint NOT NULL,
	PRIMARY KEY (a, b),
	CONSTRAINT pair_is_in_order CHECK (a < b)
) WITH (fillfactor = 85);
CREATE INDEX together_pair_b ON together_pair (b);
-- What each customer bought: a number of ours, or SOURCE:NUMBER of an imported one.
CREATE TABLE together_customer (
	customer text COLLATE "C" NOT NULL,
	sku      text COLLATE "C" NOT NULL,
	PRIMARY KEY (customer, sku)
);

-- A basket of more products says nothing about what belongs together, and its pairs are
-- many; a pair in a smaller share of the baskets is chance; a product has no more than
-- pairs_max recommendations.
INSERT INTO setting VALUES ('recommend.basket_max', '100'),
	('recommend.min_support', '0.0005'), ('recommend.pairs_max', '50');
INSERT INTO job_schedule (name, kind, every) VALUES ('rollup.pairs', 'rollup.pairs', '1 min');
