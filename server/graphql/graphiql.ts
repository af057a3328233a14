import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { FastifyReply } from "fastify";

/**
 * Everything is in the page. The policy lets the browser load nothing else, and talk to nobody but this server.
 * The page makes its scripts and workers from inline text, and compiles validators: hence the unsafe words.
 */
const policy = [
  "default-src 'none'",
  "script-src 'unsafe-inline' 'unsafe-eval' blob:",
  "worker-src blob:",
  "style-src 'unsafe-inline'",
  "img-src data:",
  "font-src data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** By the query that the page shows first: each port has its own. */
const pages = new Map<string, Promise<Buffer>>();

/** Made when it is first asked for, in a thread of its own: its 9 MB of text would leave 100 MB in this one. */
async function render(path: string, example: string): Promise<Buffer> {
  const worker = new Worker(new URL("./graphiql-page.worker.js", import.meta.url), {
    workerData: { path, example },
  });
  const [page] = (await once(worker, "message")) as [Uint8Array];
  await worker.terminate();
  return Buffer.from(page.buffer, page.byteOffset, page.byteLength);
}

export async function sendGraphiql(reply: FastifyReply, path: string, example: string): Promise<void> {
  const page = pages.get(example) ?? render(path, example);
  pages.set(example, page);
  page.catch(() => pages.delete(example));
  await reply
    .header("content-type", "text/html; charset=utf-8")
    .header("content-encoding", "gzip")
    .header("content-security-policy", policy)
    .header("referrer-policy", "no-referrer")
    .send(await page);
}
