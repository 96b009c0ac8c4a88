// The official TypeScript SDK against one transport: `node typescript_client.mjs stdio|sse|http TARGET...`.
// It lists, calls, errs, and is asked about a write; anything unexpected ends it with a status that is not 0.
import assert from "node:assert/strict";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { SSEClientTransport } from "@modelcontextprotocol/sdk/client/sse.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { ElicitRequestSchema } from "@modelcontextprotocol/sdk/types.js";

const [kind, ...target] = process.argv.slice(2);

function transport() {
  if (kind === "stdio") {
    return new StdioClientTransport({ command: target[0], args: target.slice(1), env: process.env });
  }
  const url = new URL(target[0]);
  return kind === "sse" ? new SSEClientTransport(url) : new StreamableHTTPClientTransport(url);
}

async function withClient(answer, work) {
  const capabilities = answer ? { elicitation: {} } : {};
  const client = new Client({ name: "typescript-client", version: "1.0.0" }, { capabilities });
  const asked = [];
  if (answer) {
    client.setRequestHandler(ElicitRequestSchema, async ({ params }) => {
      asked.push(params.message);
      return answer;
    });
  }
  await client.connect(transport());
  try {
    return await work(client, asked);
  } finally {
    await client.close();
  }
}

const call = (client, name, args = {}) => client.callTool({ name, arguments: args });

const payment = await withClient(null, async (client) => {
  // Listing first makes this SDK hold every answer to the tool's output schema, errors included.
  const { tools } = await client.listTools();
  assert.ok(tools.length >= 15, `only ${tools.length} tools`);
  const balance = await call(client, "get_balance");
  assert.ok(!balance.isError && balance.content[0].text.startsWith("[sandbox] "));
  const wrong = await call(client, "list_payments", { limit: "5", nothing: 1 });
  assert.ok(wrong.isError);
  assert.equal(wrong.structuredContent.error.code, "invalid_arguments");
  assert.ok((await client.listPrompts()).prompts.length >= 3);
  const { contents } = await client.readResource({ uri: "paydesk://account" });
  assert.equal(JSON.parse(contents[0].text).mode, "sandbox");
  const page = await call(client, "list_payments", { status: "succeeded", limit: 100 });
  return page.structuredContent.payments.find((one) => !one.refunded && !one.disputed).id;
});

const before = await withClient(null, (client) => call(client, "get_payment", { payment }));
await withClient({ action: "decline" }, async (client, asked) => {
  const declined = await call(client, "refund_payment", { payment });
  assert.equal(declined.structuredContent.state, "rejected");
  assert.equal(asked.length, 1);
});
const after = await withClient(null, (client) => call(client, "get_payment", { payment }));
assert.deepEqual(after.structuredContent, before.structuredContent, "a declined refund changed the payment");

await withClient({ action: "accept", content: { approve: true } }, async (client, asked) => {
  const first = await call(client, "refund_payment", { payment, again: true });
  const again = await call(client, "refund_payment", { payment });
  assert.equal(first.structuredContent.state, "succeeded", JSON.stringify(first));
  assert.notEqual(again.structuredContent.state, "waiting");
  assert.equal(asked.length, 1);
});
console.log(`${kind}: listed, called, erred, declined, and refunded ${payment} once`);
