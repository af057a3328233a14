import assert from "node:assert/strict";
import { test } from "node:test";
import type { Issue } from "../model/errors.ts";
import type { JsonValue } from "../model/json.ts";
import { createWebhookSecret } from "../secret/signature.ts";
import { compileTargets } from "./webhook-target.ts";

const env = { names: ["HOOK_URL", "HOOK_SECRET"], get: () => "https://example.org/" };

function compile(input: JsonValue | undefined, isTemplate = false) {
  const issues: Issue[] = [];
  const targets = compileTargets(input, "workflow_config.webhooks", { env, issues, isTemplate });
  return { targets, issues };
}

test("a definition without webhooks has no targets", () => {
  for (const none of [undefined, null, []]) assert.deepEqual(compile(none), { targets: [], issues: [] });
});

test("a target gets all four events unless it names some", () => {
  const { targets, issues } = compile([
    { url: "https://example.org/a" },
    { url: "{{env.HOOK_URL}}", events: ["step_failed"], secret: "{{ env.HOOK_SECRET }}" },
    { url: "http://example.org/?a={{env.HOOK_SECRET}}", secret: createWebhookSecret() },
  ]);
  assert.deepEqual(issues, []);
  assert.deepEqual(
    targets.map(({ events }) => events.size),
    [4, 1, 4],
  );
});

test("every issue names its path", () => {
  const table: [JsonValue, string, RegExp][] = [
    [{}, "workflow_config.webhooks", /must be a list/],
    [Array(11).fill({ url: "https://example.org" }), "workflow_config.webhooks", /at most 10/],
    [[{}], "workflow_config.webhooks[0].url", /is required/],
    [[{ url: "ftp://example.org" }], "workflow_config.webhooks[0].url", /http:\/\/ or https:\/\//],
    [[{ url: "example.org" }], "workflow_config.webhooks[0].url", /http:\/\/ or https:\/\//],
    [[{ url: "{{trigger.url}}" }], "workflow_config.webhooks[0].url", /no other placeholder/],
    [[{ url: "{{env.HOOK_URL & trigger.x}}" }], "workflow_config.webhooks[0].url", /no other placeholder/],
    [[{ url: "{{env.OTHER}}" }], "workflow_config.webhooks[0].url", /OTHER/],
    [
      [{ url: "https://a.org" }, { url: "https://a.org", events: ["x"] }],
      "workflow_config.webhooks[1].events[0]",
      /one of/,
    ],
    [[{ url: "https://a.org", events: [] }], "workflow_config.webhooks[0].events", /at least 1/],
    [[{ url: "https://a.org", secret: "short" }], "workflow_config.webhooks[0].secret", /whsec_/],
    [[{ url: "https://a.org", event: [] }], "workflow_config.webhooks[0].event", /did you mean events/],
  ];
  for (const [input, path, message] of table) {
    const { issues } = compile(input);
    assert.equal(issues[0]?.path, path, JSON.stringify(input));
    assert.match(issues[0].message, message);
  }
});

test("a template may leave parameters in its targets", () => {
  assert.deepEqual(compile([{ url: "https://{{host}}/" }], true).issues, []);
});
