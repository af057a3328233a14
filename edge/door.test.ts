import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createLogger } from "../server/config/index.ts";
import { Door } from "./door.ts";
import { Edge } from "./edge.ts";

const edge = new Edge(createLogger("silent"));

describe("the door", () => {
  test("lives and is not ready until somebody takes the requests over", async (t) => {
    const door = await Door.listen("127.0.0.1", 0, edge);
    t.after(() => door.close());
    assert.deepEqual(await (await fetch(`${door.address}/live`)).json(), { status: "alive" });
    const early = await fetch(`${door.address}/ready?x=1`);
    assert.equal(early.status, 503);
    assert.equal(early.headers.get("retry-after"), "1");
    const { timestamp, ...envelope } = (await early.json()) as Record<string, string>;
    assert.ok(!Number.isNaN(Date.parse(timestamp ?? "")));
    assert.deepEqual(envelope, { detail: "The service is starting", path: "/ready", error_code: "NOT_READY" });

    door.open((_request, response) => response.end("open"));
    assert.equal(await (await fetch(`${door.address}/ready`)).text(), "open");
  });

  test("closes when the requests under way have been answered, also on connections that stay open", async () => {
    const door = await Door.listen("127.0.0.1", 0, edge);
    const arrived = Promise.withResolvers<() => void>();
    door.open((_request, response) => arrived.resolve(() => response.end("late")));
    const { address } = door;
    const asked = fetch(address);
    const answer = await arrived.promise;
    const closed = door.close();
    answer();
    assert.equal(await (await asked).text(), "late");
    await closed;
    await assert.rejects(fetch(address));
  });

  test("a connection that the system cannot take is no end of it", async (t) => {
    const door = await Door.listen("127.0.0.1", 0, edge);
    t.after(() => door.close());
    // As Node tells that accept() met EMFILE.
    door.server.emit("error", Object.assign(new Error("accept EMFILE"), { code: "EMFILE" }));
    door.server.emit("error", Object.assign(new Error("accept EMFILE"), { code: "EMFILE" }));
    assert.equal((await fetch(`${door.address}/live`)).status, 200);
  });
});
