import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createLogger } from "../server/config/index.ts";
import { Edge } from "./edge.ts";
import { Listener } from "./listener.ts";

const edge = new Edge(createLogger("silent"));

describe("the listener", () => {
  test("lives and is not ready until somebody takes the requests over", async (t) => {
    const listener = await Listener.listen("127.0.0.1", 0, edge);
    t.after(() => listener.close());
    assert.deepEqual(await (await fetch(`${listener.address}/live`)).json(), { status: "alive" });
    const early = await fetch(`${listener.address}/ready?x=1`);
    assert.equal(early.status, 503);
    assert.equal(early.headers.get("retry-after"), "1");
    const { timestamp, ...envelope } = (await early.json()) as Record<string, string>;
    assert.ok(!Number.isNaN(Date.parse(timestamp ?? "")));
    assert.deepEqual(envelope, { detail: "The service is starting", path: "/ready", error_code: "NOT_READY" });

    listener.open((_request, response) => response.end("open"));
    assert.equal(await (await fetch(`${listener.address}/ready`)).text(), "open");
  });

  test("closes when the requests under way have been answered, also on connections that stay open", async () => {
    const listener = await Listener.listen("127.0.0.1", 0, edge);
    const arrived = Promise.withResolvers<() => void>();
    listener.open((_request, response) => arrived.resolve(() => response.end("late")));
    const { address } = listener;
    const asked = fetch(address);
    const answer = await arrived.promise;
    const closed = listener.close();
    answer();
    assert.equal(await (await asked).text(), "late");
    await closed;
    await assert.rejects(fetch(address));
  });

  test("a connection that the system cannot take is no end of it", async (t) => {
    const listener = await Listener.listen("127.0.0.1", 0, edge);
    t.after(() => listener.close());
    // As Node tells that accept() met EMFILE.
    listener.server.emit("error", Object.assign(new Error("accept EMFILE"), { code: "EMFILE" }));
    listener.server.emit("error", Object.assign(new Error("accept EMFILE"), { code: "EMFILE" }));
    assert.equal((await fetch(`${listener.address}/live`)).status, 200);
  });
});
