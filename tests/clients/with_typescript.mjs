// The official TypeScript SDK against the desk: `node with_typescript.mjs stdio|http TARGET PAYMENT`.
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

const [how, target, payment] = process.argv.slice(2);
const transport =
  how === "http"
    ? new StreamableHTTPClientTransport(new URL(target))
    : new StdioClientTransport({ command: target, args: ["stdio"], env: process.env });

const desk = new Client({ name: "example", version: "1.0.0" });
await desk.connect(transport);
const { tools } = await desk.listTools();
const read = await desk.callTool({ name: "get_balance", arguments: {} });
const write = await desk.callTool({ name: "refund_payment", arguments: { payment } });
await desk.close();
console.log(
  JSON.stringify({ tools: tools.map((tool) => tool.name), read: read.content[0].text, write: write.content[0].text }),
);
