import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { test } from "node:test";
import { Edge } from "../edge/index.ts";
import { createLogger, StartupError } from "./config/index.ts";
import { openListener } from "./open-listener.ts";

test("a taken port is one line that names the variable", async (t) => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  t.after(() => void other.close());
  const address = other.address();
  assert.ok(address !== null && typeof address === "object");
  const config = { host: "127.0.0.1", port: address.port, sagaPort: 0 };
  await assert.rejects(openListener("PORT", config, new Edge(createLogger("silent"))), (error) => {
    assert.ok(error instanceof StartupError);
    assert.match(error.message, /^PORT \d+ is taken/);
    return true;
  });
});
