// The load and the query are the harness's own: both sides are measured by the same code.
import { childServer } from "../../../dist/benchmarks/harness/child-server.js";
import { postRate } from "../../../dist/benchmarks/harness/http-load.js";
import { queryLoad, requestBody } from "../../../dist/benchmarks/scenarios/graphql-query.js";

const headers = { "content-type": "application/json" };
const program = new URL("server.js", import.meta.url);

const values = {};
for (const [id, kind, source] of [
  ["apolloMemory", "apollo", "memory"],
  ["apolloPostgres", "apollo", "postgres"],
  ["mercuriusMemory", "mercurius", "memory"],
  ["mercuriusPostgres", "mercurius", "postgres"],
  ["mercuriusJitMemory", "mercurius-jit", "memory"],
]) {
  const { ready, stop } = await childServer(program, [kind, source]);
  const rate = await postRate(queryLoad, { ...ready, headers, body: requestBody });
  await stop();
  values[`${id}PerSecond`] = rate.requestsPerSecond;
  values[`${id}P99Ms`] = rate.p99Ms;
}
console.log(JSON.stringify(values));
