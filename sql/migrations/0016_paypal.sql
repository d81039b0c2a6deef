-- PayPal as a provider.
SELECT;
