#!/usr/bin/env bats
# The interactive shell, typed at as a person would.
load helper

# Type a script of expect at the shell; {sh} is what runs it.
type_at_shell() {
	XDG_STATE_HOME=$RUN/state TERM=dumb expect -f - <<-END
		set timeout 20
		spawn -noecho $BUILD/shopctl shell
		expect_after timeout { puts "TIMED OUT"; exit 1 }
		expect "shop> "
		$1
		send "exit\r"
		expect eof
		lassign [wait] pid spawned os code
		exit \$code
	END
}

@test "a line is a command; quotes hold it together; a script is not prompted" {
	run -0 --separate-stderr bash -c "printf '%s\n' 'explain \"stock_never_oversold\" --field name' \
		'explain nonsense' exit | $BUILD/shopctl shell"
	assert_output "stock_never_oversold"
	[[ $stderr == *"there is no rule"* && $stderr != *"shop"*"> "* ]]
	run -0 --separate-stderr bash -c "printf '%s\n' 'explain \"open' | $BUILD/shopctl shell"
	assert_output ""
	[[ $stderr == *"a quote is not closed"* ]]
}

@test "a failure shows in the prompt" {
	run -0 type_at_shell 'send "explain nonsense\r"; expect "shop \\\[3\\\]> "'
	refute_output --partial "TIMED OUT"
}

@test "tab completes nouns and verbs" {
	run -0 type_at_shell 'send "mig\tst\t--field name\r"; expect "0001_base.sql"; expect "shop> "'
	refute_output --partial "TIMED OUT"
}

@test "ctrl-c ends the command and not the shell" {
	run -0 type_at_shell 'send "\003"; send "explain stock_never_oversold --field words\r"
		expect "no more is promised"; expect "shop> "'
	refute_output --partial "TIMED OUT"
}

@test "history is kept for its owner only" {
	run -0 type_at_shell 'send "explain stock_never_oversold --field hint\r"; expect "shop> "'
	run cat "$RUN/state/shopctl/history"
	assert_output --partial "explain stock_never_oversold --field hint"
	assert_equal "$(stat -c %a "$RUN/state/shopctl/history")" 600
	run -0 type_at_shell 'send "\020\020\r"; expect "SKU"; expect "shop> "'
	refute_output --partial "TIMED OUT"
}
