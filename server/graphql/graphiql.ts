import { gzipSync } from "node:zlib";
import type { FastifyReply, FastifyRequest } from "fastify";

const defaultQuery = `# Put your key into "Headers" below: {"Authorization": "Bearer sw_…"}
query Recent {
  executions(first: 10) {
    nodes {
      id
      status
      durationMs
      workflow { name }
      steps { nodes { name status attempt durationMs } }
    }
  }
}
`;

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

const START = "YogaGraphiQL.renderYogaGraphiQL(";

/**
 * GraphiQL sends the headers of its editor with HTTP requests, but not as the connection parameters of a WebSocket.
 * This hands it the latest ones: as edited, or as its last request (it introspects when it opens) carried them.
 */
const startScript = `<script>
  function startGraphiQL(root, options) {
    let headers = {};
    const fetchNow = window.fetch;
    window.fetch = (address, init) => {
      if (init && init.headers) headers = Object.fromEntries(new Headers(init.headers));
      return fetchNow(address, init);
    };
    ${START}root, {
      ...options,
      connectionParams: () => ({ ...headers }),
      onEditHeaders: (text) => { try { headers = JSON.parse(text || "{}"); } catch { /* Half typed. */ } },
    });
  }
</script>`;

let page: Promise<Buffer> | undefined;

/** Made when it is first asked for: it is 9 MB, and most processes never show it. */
async function render(path: string): Promise<Buffer> {
  const { renderGraphiQL } = await import("@graphql-yoga/render-graphiql");
  const html = renderGraphiQL({
    title: "Stepwire",
    endpoint: path,
    subscriptionsProtocol: "WS",
    headers: '{"Authorization": "Bearer "}',
    defaultQuery,
  });
  const at = html.lastIndexOf(START);
  if (at < 0) throw new Error("The GraphiQL page does not start as this version expects");
  const started = `${html.slice(0, at)}startGraphiQL(${html.slice(at + START.length)}`;
  return gzipSync(started.replace("</head>", () => `${startScript}</head>`));
}

export async function graphiqlPage(_request: FastifyRequest, reply: FastifyReply, path: string): Promise<void> {
  page ??= render(path);
  await reply
    .header("content-type", "text/html; charset=utf-8")
    .header("content-encoding", "gzip")
    .header("content-security-policy", policy)
    .header("referrer-policy", "no-referrer")
    .header("x-content-type-options", "nosniff")
    .send(await page);
}
