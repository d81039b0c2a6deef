# make install puts things where a Debian system looks for them.

load helper

setup_file() {
	export DEST=$RUN/dest
	make -s -C "$ROOT" SANITIZE=1 install DESTDIR="$DEST" PREFIX=/usr >"$RUN/install.log" 2>&1 || {
		cat "$RUN/install.log" >&2
		return 1
	}
}

teardown_file() { :; }

@test "programs, pages, units and configuration are installed" {
	assert_file_executable "$DEST/usr/bin/shopctl"
	assert_file_executable "$DEST/usr/sbin/shop-worker"
	assert_file_executable "$DEST/usr/sbin/shop-httpd"
	for page in man1/shopctl.1 man5/shop-csv.5 man5/shop.yaml.5 man8/shop-httpd.8 man8/shop-worker.8; do
		assert_file_not_empty "$DEST/usr/share/man/$page"
	done
	for unit in shop-httpd.service shop-worker.service shop-worker@.service \
		shop-tick@.service shop-tick@.timer \
		shop-fsck.service shop-fsck.timer shop-fsck-incremental.service \
		shop-fsck-incremental.timer shop-spans.service; do
		assert_file_not_empty "$DEST/usr/lib/systemd/system/$unit"
	done
	assert_file_not_empty "$DEST/usr/lib/sysusers.d/shop.conf"
	assert_file_not_empty "$DEST/usr/share/shop/shop.rules.yaml"
	assert_file_not_empty "$DEST/usr/share/shop/shop.json"
	assert_file_not_empty "$DEST/etc/shop/shop.yaml"
}

@test "the units start the programs that were installed" {
	run -0 sed -n 's/^ExecStart=\([^ ]*\).*/\1/p' "$DEST"/usr/lib/systemd/system/*.service
	for program in $output; do
		assert_file_executable "$DEST$program"
	done
}

@test "the pages are found by man, and clean" {
	for page in shopctl shop-csv shop-worker shop-httpd shop.yaml; do
		run -0 man -M "$DEST/usr/share/man" "$page"
		assert_output --partial DESCRIPTION
	done
}

@test "every command is in the manual page" {
	run -0 env MANWIDTH=200 man -M "$DEST/usr/share/man" shopctl
	page=$(tr -s ' \n' ' ' <<<"$output")
	for command in $(shopctl commands --format json | jq -r '.items[].command | @base64'); do
		command=$(base64 -d <<<"$command")
		[[ $page == *" $command "* ]] || fail "shopctl(1) does not speak of $command"
	done
}

@test "the configuration that is installed is right, and all of it defaults" {
	run -0 shopctl config check "$DEST/etc/shop/shop.yaml"
	run -0 diff <(shopctl --config "$DEST/etc/shop/shop.yaml" config show --format tsv --columns key,value) \
		<(shopctl --config /dev/null config show --format tsv --columns key,value)
}

@test "installing again keeps the configuration as it was edited" {
	echo '# mine' >>"$DEST/etc/shop/shop.yaml"
	run -0 make -s -C "$ROOT" SANITIZE=1 install DESTDIR="$DEST" PREFIX=/usr
	run -0 tail -n 1 "$DEST/etc/shop/shop.yaml"
	assert_output '# mine'
}
