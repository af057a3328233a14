import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Agent, FormData, request } from "undici";
import { type Hostile, hostileLoads } from "./hostile.ts";

/** Of a body: fits into an answer, nearly. */
const RECORD = JSON.stringify({ id: 1_234_567, name: "somebody", tags: ["a", "b"] });
const LARGE = `[${Array.from({ length: 9_000_000 / (RECORD.length + 1) }, () => RECORD).join(",")}]`;

/** Makes one load, named by the first argument, on the service whose address is the second, with the keys that follow. */
const [name, address, ...keys] = process.argv.slice(2) as [string, string, ...string[]];
const dispatcher = new Agent({ connections: 64 });
let turn = 0;

const upstream = createServer((incoming, response) => {
  if (incoming.url === "/large") response.setHeader("content-type", "application/json").end(LARGE);
}).listen(0, "127.0.0.1");
await once(upstream, "listening");

async function send(method: string, path: string, headers: Record<string, string>, body: string | FormData) {
  // Each key has a budget of its own.
  const authorization = `Bearer ${keys[turn++ % keys.length]}`;
  const options = { method, dispatcher, headers: { ...headers, authorization }, body };
  const answer = await request(`${address}${path}`, options as Parameters<typeof request>[1]);
  return { status: answer.statusCode, text: await answer.body.text() };
}

const json = (method: string, path: string, body: unknown) =>
  send(method, path, { "content-type": "application/json" }, JSON.stringify(body));

const hostile: Hostile = {
  address,
  upstream: `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`,
  ask: async (method, path, body) => (await json(method, path, body)).status,
  async workflow(steps) {
    const { status, text } = await json("POST", "/api/v1/workflows", { name: "hostile", workflow_config: { steps } });
    if (status !== 200) throw new Error(text);
    return (JSON.parse(text) as { id: number }).id;
  },
  async upload(filename, content) {
    const form = new FormData();
    form.set("file", new File([content], filename));
    return (await send("POST", "/api/v1/files/upload", {}, form)).status;
  },
};

const load = hostileLoads.find((one) => one.name === name);
if (!load) throw new Error(`There is no load ${name}`);
await load.begin(hostile);
process.send!("ready");
