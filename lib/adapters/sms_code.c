/* The numbers of the provider of short messages. */
#include "adapters/sms_code.h"

#include <stddef.h>

/* Who is away, or blocks one sender, may be there tomorrow: that suppresses nobody. */
static const struct sms_code codes[] = {
	{ 20003, SMS_LATER, "the account's token is refused" },
	{ 20429, SMS_LATER, "too many requests" },
	{ 21211, SMS_INVALID, "the number is not valid" },
	{ 21214, SMS_INVALID, "the number cannot be reached" },
	{ 21217, SMS_INVALID, "the number is not valid" },
	{ 21408, SMS_REFUSED, "no permission to send to that country" },
	{ 21606, SMS_LATER, "our own number cannot send" },
	{ 21610, SMS_STOPPED, "the reader asked for no more messages" },
	{ 21611, SMS_LATER, "the sender's line is full" },
	{ 21612, SMS_INVALID, "the number cannot be reached" },
	{ 21614, SMS_INVALID, "the number is no mobile" },
	{ 30001, SMS_LATER, "the sender's line is full" },
	{ 30002, SMS_REFUSED, "the account is suspended" },
	{ 30003, SMS_REFUSED, "the handset is off or away" },
	{ 30004, SMS_REFUSED, "the message was blocked" },
	{ 30005, SMS_INVALID, "nobody knows the number" },
	{ 30006, SMS_INVALID, "the number is no mobile" },
	{ 30007, SMS_REFUSED, "the carrier filtered it" },
};

const struct sms_code *sms_code_find(int64_t code)
{
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
		if (codes[i].code == code)
			return &codes[i];
	return NULL;
}

const char *sms_suppresses(enum sms_outcome outcome)
{
	if (outcome == SMS_STOPPED)
		return "stop";
	return outcome == SMS_INVALID ? "bounce" : NULL;
}
