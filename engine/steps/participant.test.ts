import assert from "node:assert/strict";
import { test } from "node:test";
import { testContext } from "../../tests/support/step-context.ts";
import { startClient, startServer } from "../../tests/support/test-server.ts";
import { participant } from "./participant.ts";

test("a command that is redirected reaches nobody else, and is not done", async (context) => {
  const other = await startServer(context, (_request, response) => response.end("{}"));
  const service = await startServer(context, ({ url }, response) => {
    const [, status, where] = /^\/(\d+)\/(same|other)\/commands$/.exec(url)!;
    response.writeHead(Number(status), { location: where === "same" ? "/200/same/commands" : other.origin }).end();
  });
  for (const status of [301, 302, 303, 307, 308]) {
    for (const where of ["same", "other"]) {
      const services = new Map([["payment", `${service.origin}/${status}/${where}`]]);
      const type = participant({ services, http: startClient(context) });
      const config = type.config.parse({ service: "payment", command: "charge", data: { card: "4111" } });
      await assert.rejects(async () => type.run(config, testContext()), { code: "HTTP_STATUS", retryable: false });
    }
  }
  assert.equal(service.received.length, 10, "each was asked once");
  assert.deepEqual(other.received, []);
});
