import { childServer } from "../harness/child-server.ts";
import { postRate } from "../harness/http-load.ts";
import { queryLoad, requestBody } from "./graphql-query.ts";

async function measure(source: "memory" | "postgres") {
  const program = new URL("graphql-server.program.js", import.meta.url);
  const { ready, stop } = await childServer<{ origin: string; secret: string }>(program, [source]);
  try {
    const headers = { "content-type": "application/json", authorization: `Bearer ${ready.secret}` };
    return await postRate(queryLoad, { origin: ready.origin, path: "/graphql", headers, body: requestBody });
  } finally {
    await stop();
  }
}

const memory = await measure("memory");
const postgres = await measure("postgres");
console.log(
  JSON.stringify({
    memoryPerSecond: memory.requestsPerSecond,
    memoryP99Ms: memory.p99Ms,
    postgresPerSecond: postgres.requestsPerSecond,
    postgresP99Ms: postgres.p99Ms,
  }),
);
