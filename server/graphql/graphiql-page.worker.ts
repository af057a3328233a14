import { parentPort, workerData } from "node:worker_threads";
import { gzipSync } from "node:zlib";
import { renderGraphiQL } from "@graphql-yoga/render-graphiql";

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

const { path, example } = workerData as { path: string; example: string };
const defaultQuery = `# Put your key into "Headers" below: {"Authorization": "Bearer sw_…"}\n${example}`;
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
parentPort?.postMessage(gzipSync(started.replace("</head>", () => `${startScript}</head>`)));
