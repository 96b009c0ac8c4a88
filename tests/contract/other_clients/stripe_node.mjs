// Stripe's library for Node against a served sandbox: one journey over all that is named as served.
// usage: node stripe_node.mjs PORT
import assert from "node:assert/strict";
import http from "node:http";
import Stripe from "stripe";

const stripe = new Stripe("sk_test_judge0123456789", {
  host: "127.0.0.1",
  port: Number(process.argv[2]),
  protocol: "http",
  maxNetworkRetries: 0,
  telemetry: false,
});

// What the sandbox posts, by path; `next` waits for it, a little.
const inbox = {};
const receiver = http.createServer((request, response) => {
  const parts = [];
  request.on("data", (part) => parts.push(part));
  request.on("end", () => {
    (inbox[request.url] ??= []).push({ body: Buffer.concat(parts), signature: request.headers["stripe-signature"] });
    response.writeHead(200).end();
  });
});
await new Promise((ready) => receiver.listen(0, "127.0.0.1", ready));
const address = (path) => `http://127.0.0.1:${receiver.address().port}${path}`;

async function next(path) {
  for (let tries = 0; tries < 400; tries += 1) {
    const found = inbox[path]?.shift();
    if (found) return found;
    await new Promise((later) => setTimeout(later, 25));
  }
  return assert.fail(`nothing was posted to ${path}`);
}

async function refused(type, promise) {
  const error = await promise.then(
    () => assert.fail(`${type} expected`),
    (raised) => raised,
  );
  assert.equal(error.type, type, error.message);
  assert.ok(error.requestId, "a request id comes with every error");
  return error;
}

const steps = {
  async "account and balance"() {
    const account = await stripe.accounts.retrieve();
    assert.match(account.id, /^acct_/);
    const balance = await stripe.balance.retrieve();
    assert.equal(balance.object, "balance");
  },

  async "customers: create, update, list, search, delete"() {
    const one = await stripe.customers.create({ name: "Node O'Judge", email: "node@example.com", metadata: { a: "1" } });
    const two = await stripe.customers.update(one.id, { metadata: { a: "", b: "2" } });
    assert.deepEqual({ ...two.metadata }, { b: "2" });
    const listed = await stripe.customers.list({ email: "node@example.com" });
    assert.deepEqual(listed.data.map((found) => found.id), [one.id]);
    const found = await stripe.customers.search({ query: `name~"judge" AND metadata["b"]:"2"` });
    assert.deepEqual(found.data.map((each) => each.id), [one.id]);
    assert.equal((await stripe.customers.del(one.id)).deleted, true);
  },

  async "lists page by themselves"() {
    const tag = `page-${Date.now()}@example.com`;
    for (let number = 0; number < 5; number += 1) await stripe.customers.create({ email: tag, name: `Page ${number}` });
    const names = [];
    for await (const each of stripe.customers.list({ email: tag, limit: 2 })) names.push(each.name);
    assert.deepEqual(names, ["Page 4", "Page 3", "Page 2", "Page 1", "Page 0"]);
  },

  async "payments: pay, expand, refund, over-refund"() {
    const customer = await stripe.customers.create({ name: "Payer" });
    const paid = await stripe.paymentIntents.create({
      amount: 2500,
      currency: "usd",
      customer: customer.id,
      payment_method: "pm_card_visa",
      confirm: true,
      automatic_payment_methods: { enabled: true, allow_redirects: "never" },
      expand: ["latest_charge.balance_transaction", "customer"],
    });
    assert.equal(paid.status, "succeeded");
    assert.equal(paid.customer.name, "Payer");
    const row = paid.latest_charge.balance_transaction;
    assert.equal(row.amount - row.fee, row.net);
    const refund = await stripe.refunds.create({ payment_intent: paid.id, amount: 1000, reason: "duplicate" });
    assert.equal(refund.status, "succeeded");
    const error = await refused(
      "StripeInvalidRequestError",
      stripe.refunds.create({ payment_intent: paid.id, amount: 2000 }),
    );
    assert.match(error.message, /greater than unrefunded amount/);
    assert.equal((await stripe.charges.retrieve(paid.latest_charge.id)).amount_refunded, 1000);
  },

  async "payments: declines, manual capture, cancel"() {
    const declined = await refused(
      "StripeCardError",
      stripe.paymentIntents.create({
        amount: 900,
        currency: "eur",
        payment_method: "pm_card_chargeDeclinedInsufficientFunds",
        confirm: true,
        automatic_payment_methods: { enabled: true, allow_redirects: "never" },
      }),
    );
    assert.equal(declined.decline_code, "insufficient_funds");
    const held = await stripe.paymentIntents.create({
      amount: 900,
      currency: "eur",
      payment_method: "pm_card_mastercard",
      payment_method_types: ["card"],
      capture_method: "manual",
      confirm: true,
    });
    assert.equal(held.status, "requires_capture");
    const taken = await stripe.paymentIntents.capture(held.id, { amount_to_capture: 500 });
    assert.equal(taken.amount_received, 500);
    const open = await stripe.paymentIntents.create({ amount: 700, currency: "jpy" });
    assert.equal((await stripe.paymentIntents.cancel(open.id, { cancellation_reason: "duplicate" })).status, "canceled");
  },

  async "idempotency: replay and mismatch"() {
    const key = `node-${Date.now()}`;
    const once = await stripe.customers.create({ name: "Once" }, { idempotencyKey: key });
    const again = await stripe.customers.create({ name: "Once" }, { idempotencyKey: key });
    assert.equal(again.id, once.id);
    await refused("StripeIdempotencyError", stripe.customers.create({ name: "Other" }, { idempotencyKey: key }));
  },

  async "products, prices, subscriptions and their invoices"() {
    const product = await stripe.products.create({ name: "Desk" });
    const price = await stripe.prices.create({
      product: product.id,
      unit_amount: 4999,
      currency: "usd",
      recurring: { interval: "month" },
    });
    const customer = await stripe.customers.create({
      name: "Subscriber",
      payment_method: "pm_card_visa",
      invoice_settings: { default_payment_method: "pm_card_visa" },
    });
    const subscription = await stripe.subscriptions.create({
      customer: customer.id,
      items: [{ price: price.id }],
      expand: ["latest_invoice"],
    });
    assert.equal(subscription.status, "active");
    assert.equal(subscription.latest_invoice.amount_paid, 4999);
    assert.equal((await stripe.invoices.list({ customer: customer.id })).data[0].id, subscription.latest_invoice.id);
    assert.equal((await stripe.subscriptions.cancel(subscription.id)).status, "canceled");
    assert.equal((await stripe.subscriptions.list({ customer: customer.id })).data.length, 0);
    assert.equal((await stripe.subscriptions.list({ customer: customer.id, status: "all" })).data.length, 1);
  },

  async "disputes, payouts and events"() {
    await stripe.paymentIntents.create({
      amount: 3100,
      currency: "usd",
      payment_method: "pm_card_createDispute",
      payment_method_types: ["card"],
      confirm: true,
    });
    assert.equal((await stripe.disputes.list({ limit: 1 })).data[0].amount, 3100);
    assert.equal((await stripe.payouts.list({ limit: 1 })).object, "list");
    const events = await stripe.events.list({ type: "customer.created", limit: 1 });
    assert.equal(events.data[0].data.object.object, "customer");
  },

  async "webhooks: signed, verified, with a replaced secret"() {
    const endpoint = await stripe.webhookEndpoints.create({ url: address("/hook"), enabled_events: ["product.created"] });
    await stripe.products.create({ name: "Tëst" });
    const first = await next("/hook");
    const event = stripe.webhooks.constructEvent(first.body, first.signature, endpoint.secret);
    assert.equal(event.type, "product.created");
    assert.equal(event.data.object.name, "Tëst");
    assert.throws(() => stripe.webhooks.constructEvent(first.body, first.signature, "whsec_other"), {
      type: "StripeSignatureVerificationError",
    });
    const rotated = await stripe.rawRequest("POST", `/_sandbox/webhook_endpoints/${endpoint.id}/rotate_secret`, {});
    await stripe.products.create({ name: "Again" });
    const second = await next("/hook");
    for (const secret of [endpoint.secret, rotated.secret]) {
      assert.equal(stripe.webhooks.constructEvent(second.body, second.signature, secret).data.object.name, "Again");
    }
    assert.equal((await stripe.webhookEndpoints.del(endpoint.id)).deleted, true);
  },

  async "v2: destinations, thin events, usage"() {
    const made = await stripe.v2.core.eventDestinations.create({
      name: "node",
      type: "webhook_endpoint",
      event_payload: "thin",
      enabled_events: ["v1.customer.created"],
      webhook_endpoint: { url: address("/thin") },
      include: ["webhook_endpoint.signing_secret"],
    });
    const customer = await stripe.customers.create({ name: "Thin" });
    const sent = await next("/thin");
    const told = stripe.parseEventNotification(sent.body, sent.signature, made.webhook_endpoint.signing_secret);
    assert.equal(told.type, "v1.customer.created");
    assert.equal((await told.fetchRelatedObject()).name, "Thin");
    assert.equal((await told.fetchEvent()).id, told.id);
    const listed = await stripe.v2.core.events.list({ object_id: customer.id });
    assert.deepEqual(listed.data.map((each) => each.type), ["v1.customer.created"]);
    await stripe.v2.core.eventDestinations.ping(made.id);
    assert.equal(JSON.parse((await next("/thin")).body).type, "v2.core.event_destination.ping");
    assert.equal((await stripe.v2.core.eventDestinations.disable(made.id)).status, "disabled");
    await stripe.v2.core.eventDestinations.del(made.id);
    await stripe.billing.meters.create({
      display_name: "Calls",
      event_name: "node_calls",
      default_aggregation: { formula: "sum" },
    });
    const usage = { event_name: "node_calls", payload: { stripe_customer_id: customer.id, value: "3" } };
    assert.equal((await stripe.v2.billing.meterEvents.create(usage)).object, "v2.billing.meter_event");
    assert.match((await stripe.v2.billing.meterEventSession.create()).authentication_token, /./);
  },

  async "errors: unknown parameter, unknown id, bad key"() {
    const unknown = await refused("StripeInvalidRequestError", stripe.customers.create({ nmae: "x" }));
    assert.equal(unknown.code, "parameter_unknown");
    const missing = await refused("StripeInvalidRequestError", stripe.customers.retrieve("cus_missing"));
    assert.equal(missing.statusCode, 404);
    await refused("StripeAuthenticationError", stripe.customers.list({}, { apiKey: "sk_wrong_0123456789" }));
  },
};

let failed = 0;
for (const [name, step] of Object.entries(steps)) {
  try {
    await step();
    console.log(`ok   ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAIL ${name}: ${error.message}`);
  }
}
console.log(`stripe for node ${Stripe.PACKAGE_VERSION ?? ""}: ${failed ? `${failed} steps failed` : "all steps passed"}`);
receiver.close();
process.exit(failed ? 1 : 0);
