import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { tenantNamed } from "../model/index.ts";
import { channels } from "./bus.ts";
import { isMessage } from "./messages.ts";
import { Seal } from "./seal.ts";

const A = tenantNamed("a");

const key = randomBytes(32);
const CHANNEL = "stepwire:1:execution:7";

test("what was sealed with the key is opened, on its channel, once", () => {
  const [writer, reader] = [new Seal(key), new Seal(key)];
  const sealed = ["[1]", "[2]", '["ä\\n."]'].map((body) => writer.close(CHANNEL, body));
  assert.deepEqual(
    sealed.map((text) => reader.open(CHANNEL, text)),
    ["[1]", "[2]", '["ä\\n."]'],
  );
  for (const text of sealed) assert.equal(reader.open(CHANNEL, text), null, "told again");
  assert.equal(reader.open("stepwire:1:execution:8", writer.close(CHANNEL, "[3]")), null, "on another channel");
  assert.equal(new Seal(randomBytes(32)).open(CHANNEL, writer.close(CHANNEL, "[4]")), null, "under another key");
  assert.equal(reader.open(CHANNEL, writer.close(CHANNEL, "[5]")), "[5]");
});

test("nothing else is opened: forged, cut, changed in any place, or garbage of any size", () => {
  const reader = new Seal(key);
  const sealed = new Seal(key).close(CHANNEL, '[{"seq":1}]');
  for (let at = 0; at < sealed.length; at++) {
    for (const other of "ABCDQgw_-9") {
      if (other === sealed[at]) continue;
      assert.equal(reader.open(CHANNEL, sealed.slice(0, at) + other + sealed.slice(at + 1)), null, `changed at ${at}`);
    }
    assert.equal(reader.open(CHANNEL, sealed.slice(0, at)), null, `cut at ${at}`);
  }
  for (const text of ["", "[]", "null", '[{"type":"execution.completed"}]', "x".repeat(1_000_000), "\0".repeat(100)]) {
    assert.equal(reader.open(CHANNEL, text), null);
  }
  assert.equal(reader.open(CHANNEL, sealed), '[{"seq":1}]');
});

test("every channel has a form, and a message of another one is none", () => {
  const at = 1_770_000_000_000;
  const event = { executionId: 1, seq: 1, type: "execution.completed", stepId: null, data: {}, at };
  const change = {
    kind: "change",
    executionId: 1,
    workflowId: 2,
    seq: 3,
    type: "execution.started",
    status: "running",
    at,
  };
  const examples: Record<keyof typeof channels, [channel: string, message: unknown]> = {
    execution: [channels.execution(1), event],
    workflow: [channels.workflow(1), change],
    tenant: [channels.tenant(A), change],
    workflowChanged: [channels.workflowChanged, 1],
    executionRunnable: [channels.executionRunnable, 1],
    workAdded: [channels.workAdded, null],
    scheduleChanged: [channels.scheduleChanged, at],
    keyChanged: [channels.keyChanged, "0".repeat(64)],
    journal: [channels.journal, null],
    domainEvents: [channels.domainEvents(A), 0],
    sagaTypeChanged: [channels.sagaTypeChanged, "a"],
  };
  assert.deepEqual(Object.keys(examples).sort(), Object.keys(channels).sort());
  for (const [channel, message] of Object.values(examples)) {
    assert.equal(isMessage(channel, message), true, channel);
    for (const wrong of [undefined, {}, [], true, Number.NaN, "1; DROP", -1.5, { ...(message as object), seq: "1" }]) {
      const isForm = channel === channels.sagaTypeChanged && typeof wrong === "string";
      const isTime = channel === channels.scheduleChanged && wrong === -1.5;
      const isSame = wrong === message;
      assert.equal(isMessage(channel, wrong), isForm || isTime || isSame, `${channel}: ${JSON.stringify(wrong)}`);
    }
  }
  assert.equal(isMessage("unknown", null), false);
});
