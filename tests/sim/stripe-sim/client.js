// The provider's own JavaScript client against the simulator.
//
// usage: node client.js FOLDER-WITH-STRIPE SIM-HOST:PORT KEY WEBHOOK-SECRET
// Prints what it did, a line each; throws at what does not fit.
const assert = require('assert');
const http = require('http');
const path = require('path');

const [folder, address, key, secret] = process.argv.slice(2);
const Stripe = require(path.join(folder, 'node_modules', 'stripe'));
const [host, port] = address.split(':');
const stripe = new (Stripe.default || Stripe)(key, {
	host, port: Number(port), protocol: 'http', maxNetworkRetries: 0, telemetry: false,
});

// What the simulator delivers, verified as a merchant would.
const events = [];
let refused = 0;
const server = http.createServer((request, response) => {
	const chunks = [];
	request.on('data', (c) => chunks.push(c));
	request.on('end', () => {
		const body = Buffer.concat(chunks), header = request.headers['stripe-signature'];
		events.push(stripe.webhooks.constructEvent(body, header, secret));
		try {
			stripe.webhooks.constructEvent(body + ' ', header, secret);
		} catch (e) {
			refused += e.type === 'StripeSignatureVerificationError';
		}
		response.end('ok');
	});
});

function control(what, body) {
	return new Promise((resolve, reject) => {
		const r = http.request({ host, port, path: `/sim/${what}`, method: 'POST' }, (a) => {
			a.resume();
			a.on('end', resolve);
		});
		r.on('error', reject);
		r.end(JSON.stringify(body));
	});
}

async function until(what, holds) {
	for (let i = 0; i < 400 && !holds(); i++)
		await new Promise((go) => setTimeout(go, 25));
	assert(holds(), `${what} never came`);
}

async function main() {
	await new Promise((up) => server.listen(0, '127.0.0.1', up));
	await control('webhook', { url: `http://127.0.0.1:${server.address().port}/hook`, secret });

	let pi = await stripe.paymentIntents.create(
		{ amount: 2000, currency: 'eur', metadata: { order_id: '7' },
			automatic_payment_methods: { enabled: true } },
		{ idempotencyKey: 'one' });
	assert.strictEqual(pi.status, 'requires_payment_method');
	const again = await stripe.paymentIntents.create(
		{ amount: 2000, currency: 'eur', metadata: { order_id: '7' },
			automatic_payment_methods: { enabled: true } },
		{ idempotencyKey: 'one' });
	assert.strictEqual(again.id, pi.id);
	console.log('created once');

	pi = await stripe.paymentIntents.confirm(pi.id,
		{ payment_method: 'pm_card_visa', return_url: 'http://127.0.0.1/' });
	assert.strictEqual(pi.status, 'succeeded');
	console.log('confirmed');

	pi = await stripe.paymentIntents.retrieve(pi.id,
		{ expand: ['latest_charge.balance_transaction'] });
	assert.strictEqual(pi.amount_received, 2000);
	assert.strictEqual(pi.latest_charge.object, 'charge');
	console.log('retrieved');

	const refund = await stripe.refunds.create({ payment_intent: pi.id, amount: 500 });
	assert.strictEqual(refund.status, 'succeeded');
	assert.strictEqual((await stripe.refunds.retrieve(refund.id)).amount, 500);
	await assert.rejects(stripe.refunds.create({ payment_intent: pi.id, amount: 1501 }),
		(e) => e.type === 'StripeInvalidRequestError');
	console.log('refunded');

	let other = await stripe.paymentIntents.create({ amount: 900, currency: 'eur' });
	other = await stripe.paymentIntents.cancel(other.id, { cancellation_reason: 'abandoned' });
	assert.strictEqual(other.status, 'canceled');
	await assert.rejects(stripe.paymentIntents.cancel(pi.id),
		(e) => e.code === 'payment_intent_unexpected_state');
	console.log('canceled');

	await assert.rejects(stripe.paymentIntents.create({ amount: 900, currency: 'eur',
		payment_method: 'pm_card_chargeDeclined', confirm: true,
		automatic_payment_methods: { enabled: true, allow_redirects: 'never' } }),
		(e) => e.type === 'StripeCardError' && e.code === 'card_declined');
	console.log('declined');

	await control('advance', { seconds: 2 }); // the fees are known
	await control('payouts', { currency: 'eur', pending: true });
	const [payout] = (await stripe.payouts.list({ limit: 1 })).data;
	let sum = 0;
	for await (const t of stripe.balanceTransactions.list({ payout: payout.id, limit: 1 }))
		sum += t.type === 'payout' ? 0 : t.net;
	assert.strictEqual(sum, payout.amount);
	assert.strictEqual((await stripe.balance.retrieve()).object, 'balance');
	console.log('paid out');

	await until('payment_intent.canceled',
		() => events.some((e) => e.type === 'payment_intent.canceled'));
	assert(events.some((e) => e.type === 'refund.created'));
	assert.strictEqual(refused, events.length);
	console.log('webhooks verified');
	server.closeAllConnections();
	server.close();
	return control('webhook', { url: null });
}

main().catch((e) => {
	console.error(e);
	process.exit(1);
});
