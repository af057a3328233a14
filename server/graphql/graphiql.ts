import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { FastifyReply } from "fastify";

interface Page {
  readonly policy: string;
  readonly gzipped: Buffer;
}

/** As `graphiql/build.js` makes it. This file runs from dist/server/graphql. */
const built = new URL("../../../graphiql/built/", import.meta.url);

/** By the query that the page shows first: each port has its own. */
const pages = new Map<string, Promise<Page>>();

export async function sendGraphiql(reply: FastifyReply, example: string): Promise<void> {
  const page = pages.get(example) ?? render(example);
  pages.set(example, page);
  page.catch(() => pages.delete(example));
  const { policy, gzipped } = await page;
  await reply
    .header("content-type", "text/html; charset=utf-8")
    .header("content-encoding", "gzip")
    .header("content-security-policy", policy)
    .header("referrer-policy", "no-referrer")
    .send(gzipped);
}

/** Made when it is first asked for. */
async function render(example: string): Promise<Page> {
  const [script, style] = await Promise.all([read("page.js"), read("page.css")]);
  const first = {
    query: `# Put your key into "Headers" below: {"Authorization": "Bearer sw_…"}\n${example}`,
    headers: '{"Authorization": "Bearer "}',
  };
  const html = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Stepwire</title><style>${style}</style></head>
<body><div id="graphiql"></div>
<script id="first" type="application/json">${JSON.stringify(first).replaceAll("<", "\\u003c")}</script>
<script>${script}</script></body>
</html>`;
  return { policy: policyFor(script), gzipped: await promisify(gzip)(html) };
}

function read(name: string): Promise<string> {
  return readFile(new URL(name, built), "utf8");
}

/** Everything is in the page: the browser runs this one script, loads nothing else, and talks to nobody but this server. */
function policyFor(script: string): string {
  return [
    "default-src 'none'",
    `script-src 'sha256-${createHash("sha256").update(script).digest("base64")}'`,
    // Its editors place their parts by style attributes.
    "style-src 'unsafe-inline'",
    "img-src data:",
    "font-src data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}
