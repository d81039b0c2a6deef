/* Mail: what the relay is given, and what its answers mean. */
#include "adapters/mail.h"
#include "base/config.h"
#include "test.h"

#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

/* A relay of this test's own; it ends with the op. */
struct sink {
	const char *folder;
	pid_t pid;
	struct config config;
};

static const struct mail letter = {
	.to = "jane@example.com",
	.to_name = "Jané Doe",
	.subject = "Bestätigt: für 29,99 € — und ein Betreff, der länger als eine "
		   "Zeile ist",
	.text = "Hello\n.a dot\nGrüße\n",
	.html = "<p>Grüße</p>\n",
	.message_id = "<1.order_confirmed.1024@localhost>",
	.date = { 1700000000000000 },
};

static void stop(void *thing)
{
	const struct sink *s = thing;
	struct op op;

	op_open(&op, NULL, "clean up");
	kill(s->pid, SIGTERM);
	waitpid(s->pid, NULL, 0);
	if (system(op_printf(&op, "rm -rf %s", s->folder)) != 0)
		fprintf(stderr, "%s is left behind\n", s->folder);
	op_close(&op);
}

static const char *read_file(struct op *op, const char *path)
{
	char *text = op_alloc(op, 100000);
	FILE *file = fopen(path, "r");

	if (!file)
		return NULL;
	text[fread(text, 1, 99999, file)] = '\0';
	fclose(file);
	return text;
}

/* A certificate that nobody signed; false where there is no openssl to make one. */
static bool make_certificate(struct op *op, const char *folder)
{
	return system(op_printf(op,
		       "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "
		       "/CN=relay "
		       "-keyout %s/key.pem -out %s/cert.pem >/dev/null 2>&1",
		       folder, folder)) == 0;
}

static struct sink *start_in(struct op *op, const char *folder)
{
	struct sink *s = op_alloc(op, sizeof *s);
	const char *port = NULL;

	s->folder = folder;
	s->pid = fork();
	if (s->pid == 0) {
		execl("tests/sim/smtp-sink", "smtp-sink", s->folder, NULL);
		_exit(127);
	}
	op_defer(op, stop, s);
	for (int i = 0; i < 1000 && !port; i++) {
		clock_sleep_us(10000);
		port = read_file(op, op_printf(op, "%s/port", s->folder));
	}
	CHECK(port != NULL);
	s->config = *op->config;
	s->config.mail.url =
		op_printf(op, "smtp://127.0.0.1:%d", (int)strtol(port, NULL, 10));
	op->config = &s->config;
	return s;
}

static const char *new_folder(struct op *op)
{
	const char *dir = getenv("TMPDIR");

	return mkdtemp(op_printf(op, "%s/mail_test.XXXXXX", dir ? dir : P_tmpdir));
}

static struct sink *start(struct op *op)
{
	return start_in(op, new_folder(op));
}

static const char *kept(struct op *op, const struct sink *s, int n)
{
	return read_file(op, op_printf(op, "%s/new/%d.eml", s->folder, n));
}

static struct mail_answer answer_to(
	struct op *op, const struct sink *s, const char *fault)
{
	const char *path = op_printf(op, "%s/fault", s->folder);
	struct mail_answer a;
	FILE *file = fopen(path, "w");

	fprintf(file, "%s 1", fault);
	fclose(file);
	CHECK(mail_send(op, &letter, &a) == OK);
	CHECK(access(path, F_OK) != 0); /* the fault happened */
	return a;
}

TEST_NO_DB(a_mail_arrives_in_both_parts)
{
	const struct sink *s = start(op);
	struct mail_answer a;
	const char *mail;

	CHECK(mail_send(op, &letter, &a) == OK);
	SAME(MAIL_SENT, a.outcome);
	mail = kept(op, s, 1);
	CHECK(mail != NULL);
	CHECK(strstr(mail, "X-RcptTo: jane@example.com\r\n"));
	CHECK(strstr(mail, "X-MailFrom: shop@localhost\r\n"));
	CHECK(strstr(mail, "\nContent-Type: multipart/alternative; boundary="));
	CHECK(strstr(mail, "\nMessage-ID: <1.order_confirmed.1024@localhost>\r\n"));
	CHECK(strstr(mail, "\nDate: Tue, 14 Nov 2023 22:13:20 +0000\r\n"));
	CHECK(strstr(mail, "\nTo: =?UTF-8?B?SmFuw6kgRG9l?= <jane@example.com>\r\n"));
	CHECK(strstr(mail, "\r\nHello\r\n.a dot\r\nGr=C3=BC=C3=9Fe\r\n"));
	CHECK(strstr(mail, "\r\n<p>Gr=C3=BC=C3=9Fe</p>"));
}

TEST_NO_DB(a_refusal_is_for_good_and_a_delay_is_not)
{
	const struct sink *s = start(op);

	SAME(MAIL_REFUSED, answer_to(op, s, "refuse").outcome);
	SAME(550, answer_to(op, s, "refuse").status);
	SAME("550 5.1.1 <the recipient> no such mailbox",
		answer_to(op, s, "refuse").reason);
	SAME(MAIL_REFUSED, answer_to(op, s, "reject").outcome);
	SAME(MAIL_LATER, answer_to(op, s, "defer").outcome);
	SAME(MAIL_LATER, answer_to(op, s, "busy").outcome);
	SAME(MAIL_LATER, answer_to(op, s, "closed").outcome);
	CHECK(kept(op, s, 1) == NULL);
}

TEST_NO_DB(a_connection_that_breaks_after_the_text_leaves_it_unknown)
{
	const struct sink *s = start(op);

	SAME(MAIL_UNKNOWN, answer_to(op, s, "drop").outcome);
	CHECK(kept(op, s, 1) != NULL);
	SAME(MAIL_UNKNOWN, answer_to(op, s, "cut").outcome);
	CHECK(kept(op, s, 2) == NULL);
}

TEST_NO_DB(a_relay_is_away_when_no_mail_at_all_would_go)
{
	struct sink *s = start(op);
	struct mail_answer a;

	CHECK(!answer_to(op, s, "refuse").away);
	CHECK(!answer_to(op, s, "reject").away);
	CHECK(!answer_to(op, s, "defer").away);
	CHECK(answer_to(op, s, "busy").away);
	CHECK(answer_to(op, s, "closed").away);
	CHECK(answer_to(op, s, "drop").away);
	s->config.mail.url = "smtp://127.0.0.1:1";
	CHECK(mail_send(op, &letter, &a) == OK);
	CHECK(a.away);
}

TEST_NO_DB(nobody_there_means_later)
{
	struct sink *s = start(op);
	struct mail_answer a;

	s->config.mail.url = "smtp://127.0.0.1:1";
	CHECK(mail_send(op, &letter, &a) == OK);
	SAME(MAIL_LATER, a.outcome);
	CHECK(*a.reason);
}

TEST_NO_DB(without_tls_nothing_leaves_when_tls_is_required)
{
	struct sink *s = start(op);
	struct mail_answer a;

	s->config.mail.require_tls = true;
	CHECK(mail_send(op, &letter, &a) == OK);
	SAME(MAIL_LATER, a.outcome);
	CHECK(kept(op, s, 1) == NULL);
}

TEST_NO_DB(a_password_is_never_sent_in_clear)
{
	struct sink *s = start(op);
	const char *path = op_printf(op, "%s/password", s->folder);
	FILE *file = fopen(path, "w");
	struct mail_answer a;

	fputs("secret\n", file);
	fclose(file);
	s->config.mail.username = "shop";
	s->config.mail.password_file = path;
	CHECK(chmod(path, 0644) == 0);
	REFUSED("secret_is_private", mail_send(op, &letter, &a));
	CHECK(chmod(path, 0400) == 0);
	CHECK(mail_send(op, &letter, &a) == OK);
	SAME(MAIL_LATER, a.outcome);
	CHECK(kept(op, s, 1) == NULL);
}

TEST_NO_DB(encryption_is_taken_when_offered_and_proven_when_required)
{
	const char *folder = new_folder(op), *mail;
	bool certified = make_certificate(op, folder);
	struct sink *s = start_in(op, folder);
	struct mail_answer a;

	CHECK(certified);
	CHECK(mail_send(op, &letter, &a) == OK);
	SAME(MAIL_SENT, a.outcome);
	mail = kept(op, s, 1);
	CHECK(mail && strstr(mail, "X-TLS: yes\r\n"));
	s->config.mail.require_tls = true;
	CHECK(mail_send(op, &letter, &a) == OK);
	SAME(MAIL_LATER, a.outcome);
	CHECK(kept(op, s, 2) == NULL);
}

TEST_NO_DB(what_cannot_work_is_said_before_anything_is_sent)
{
	struct config c = *op->config;
	struct mail bad = letter;
	struct mail_answer a;

	op->config = &c;
	bad.to = "jane@example.com>\r\nRCPT TO:<all@example.com";
	REFUSED("mail_address_is_valid", mail_send(op, &bad, &a));
	c.mail.url = "file:///etc/passwd";
	REFUSED("mail_url_is_smtp", mail_send(op, &letter, &a));
	c.mail.url = "smtp://127.0.0.1:1";
	c.mail.from = "Shop";
	REFUSED("mail_sender_is_valid", mail_send(op, &letter, &a));
}

TEST_NO_DB(an_address_is_one_word_around_one_at)
{
	CHECK(mail_address_ok("a@b"));
	CHECK(mail_address_ok("jane.doe+x@mail.example.com"));
	CHECK(!mail_address_ok(NULL));
	CHECK(!mail_address_ok(""));
	CHECK(!mail_address_ok("jane"));
	CHECK(!mail_address_ok("@b") && !mail_address_ok("a@"));
	CHECK(!mail_address_ok("a@b@c"));
	CHECK(!mail_address_ok("a b@c") && !mail_address_ok("a@b\r\nX: y"));
	CHECK(!mail_address_ok("<a@b>") && !mail_address_ok("a@b,c@d"));
	CHECK(!mail_address_ok("jané@example.com"));
}

TEST_NO_DB(words_that_are_not_ascii_are_encoded_in_whole_characters)
{
	SAME("Your order 1", mail_words(op, "Your order 1"));
	SAME("=?UTF-8?B?w7w=?=", mail_words(op, "ü"));
	SAME("=?UTF-8?B?PT94Pz0=?=", mail_words(op, "=?x?="));
	SAME("a  b", mail_words(op, "a\r\nb"));
	/* 46 bytes: the 23rd ü begins the second word, and none is cut in two. */
	SAME("=?UTF-8?B?w7zDvMO8w7zDvMO8w7zDvMO8w7zDvMO8w7zDvMO8w7zDvMO8w7zDvMO8w7w=?="
	     "\r\n"
	     " =?UTF-8?B?w7w=?=",
		mail_words(op, "üüüüüüüüüüüüüüüüüüüüüüü"));
}

TEST_NO_DB(a_name_cannot_end_its_header)
{
	SAME("a@b", mail_mailbox(op, "", "a@b"));
	SAME("\"Doe, \\\"J\\\" <x>\" <a@b>", mail_mailbox(op, "Doe, \"J\" <x>", "a@b"));
	SAME("\"a  Bcc: c@d\" <a@b>", mail_mailbox(op, "a\r\nBcc: c@d", "a@b"));
}
