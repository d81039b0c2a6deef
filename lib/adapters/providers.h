/* PROVIDER(name): its struct is name_provider, in a file of that name; sorted.  One
 * more provider is its file and a line here. */
PROVIDER(manual)
PROVIDER(paypal)
PROVIDER(stripe)
