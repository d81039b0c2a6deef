#!/usr/bin/env bats
# fsck as an operator meets it: scopes, evidence, repairs.  That each invariant finds
# what it is for is proven in tests/sql/fsck.sql.
load helper

setup_file() {
	shop_up
	sql "INSERT INTO warehouse (code) VALUES ('AMS');
		INSERT INTO product (handle, title, status) VALUES ('dog', 'Dog', 'active');
		INSERT INTO variant (product_id, sku, title, sellable) SELECT id, 'DOG', 'Dog', true FROM product;
		INSERT INTO price (variant_id, currency, amount) SELECT id, 'EUR', 5000 FROM variant"
	shopctl stock set DOG 10 --warehouse AMS --reason count >/dev/null
	FIRST=$(shopctl order place --line DOG:1 --email a@example.com --field order)
	SECOND=$(shopctl order place --line DOG:2 --email a@example.com --field order)
	export FIRST SECOND
}

found() { shopctl fsck --quiet "$@" --format tsv --no-header --columns code,object; }

@test "a whole check is clean, is remembered, and the next one need only look at what moved" {
	run -0 shopctl fsck
	assert_output --partial 'fsck: clean'
	assert_equal "$(sql 'SELECT scope, violations FROM fsck_run ORDER BY id DESC LIMIT 1')" 'all|0'
	# Both orders, and the check itself, are made to be of an hour ago.
	sql "UPDATE orders SET created_at = created_at - interval '1 h';
		UPDATE fsck_run SET began_at = began_at - interval '30 min'"
	sql "UPDATE orders SET total = total + 1, subtotal = subtotal + 1 WHERE id = $FIRST"
	run -0 found --incremental
	run -1 found --since 2h
	assert_line "O1	order:$FIRST"
	run -1 found
	sql "INSERT INTO order_event (order_id, event, actor, machine) VALUES ($FIRST, 'touched', 't', 'note')"
	run -1 found --incremental
	assert_line "O1	order:$FIRST"
	sql "UPDATE orders SET total = total - 1, subtotal = subtotal - 1 WHERE id = $FIRST"
	sql "DELETE FROM order_event"
}

@test "one order is looked at alone, with the stock of its lines" {
	sql "UPDATE orders SET total = total + 1, subtotal = subtotal + 1 WHERE id = $FIRST;
		UPDATE stock SET on_hand = on_hand + 1"
	run -1 found --order "$SECOND"
	assert_output --regexp '^S1	stock:[0-9]+@[0-9]+$'
	run -1 found --order "$FIRST"
	assert_line "O1	order:$FIRST"
	run -1 found --only orders --order "$FIRST"
	assert_output "O1	order:$FIRST"
	run -0 found --only orders --order "$SECOND"
	sql "UPDATE orders SET total = total - 1, subtotal = subtotal - 1 WHERE id = $FIRST;
		UPDATE stock SET on_hand = on_hand - 1"
}

@test "a violation comes with the query that shows it and the command that repairs it" {
	sql "UPDATE stock SET on_hand = on_hand + 1"
	run -1 shopctl fsck --quiet --format json --columns +evidence
	local query
	query=$(jq -r '.items[] | select(.code == "S1") | .evidence' <<<"$output")
	assert_equal "$(sql "SELECT sum(delta) FROM ($query) m")" 10
	run -1 shopctl fsck --repair-plan
	assert_line --partial '# S1 stock:'
	assert_line 'shopctl stock set DOG QTY --warehouse AMS --reason count'
	sql "UPDATE stock SET on_hand = on_hand - 1"
	run -0 shopctl fsck --repair-plan
	refute_line --partial shopctl
}

@test "roles and rights are proven on demand" {
	shopctl migrate up --quiet # a copy of a database has not the rights of its template
	run -0 shopctl fsck --security
	assert_equal "$(sql 'SELECT scope FROM fsck_run ORDER BY id DESC LIMIT 1')" all
	sql "GRANT SELECT ON payment TO op_support"
	run -0 shopctl fsck
	run -1 found --security
	assert_output "K6	table:payment"
	run -1 shopctl fsck --only security
	assert_output --partial 'op_support has SELECT'
	sql "REVOKE SELECT ON payment FROM op_support"
	run -64 shopctl fsck --security --order 1024
	assert_output --partial security_is_the_shops
}

@test "an invariant that is not known proves nothing" {
	run -64 shopctl fsck --only L99
	assert_output --partial 'invariant_is_known'
	run -64 shopctl fsck --only stok
	assert_output --partial 'did you mean "stock"?'
}
