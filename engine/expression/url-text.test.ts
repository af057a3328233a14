import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { assertLinear } from "../../tests/support/linear-time.ts";
import type { Issue } from "../model/errors.ts";
import type { JsonValue } from "../model/json.ts";
import { compileTemplate } from "./index.ts";

const values = {
  evil: "../admin?x=#",
  base: "https://api.example.com/v2?k=1",
  host: "api.example.com:8443",
  id: "a b/ü%2F",
  number: 7,
  list: [1, "x"],
  dots: "..",
  dot: ".",
  encoded: "%2e%2E",
  empty: "",
  foreign: "evil.test/x@",
};
const env = { names: ["BASE", "PATH"], get: (name: string) => (name === "BASE" ? "https://api.example.com" : "T0/B0") };

async function url(source: string): Promise<JsonValue> {
  const issues: Issue[] = [];
  const template = compileTemplate({ url: source }, { path: "config", env, issues, urls: ["config.url"] });
  assert.deepEqual(issues, []);
  const bindings = { execution_id: 1, workflow_id: 2, trigger: values, steps: {} };
  return ((await template.resolve(bindings)) as { url: JsonValue }).url;
}

const filled: readonly (readonly [string, string])[] = [
  ["https://api.example.com/users/{{trigger.evil}}", "https://api.example.com/users/..%2Fadmin%3Fx%3D%23"],
  ["https://api.example.com/users/{{trigger.id}}/x", "https://api.example.com/users/a%20b%2F%C3%BC%252F/x"],
  [
    "https://api.example.com/?q={{trigger.evil}}&n={{trigger.number}}",
    "https://api.example.com/?q=..%2Fadmin%3Fx%3D%23&n=7",
  ],
  ["https://api.example.com/?q={{trigger.dots}}", "https://api.example.com/?q=.."],
  ["https://api.example.com/#{{trigger.evil}}", "https://api.example.com/#..%2Fadmin%3Fx%3D%23"],
  ["https://api.example.com/l/{{trigger.list}}", "https://api.example.com/l/%5B1%2C%22x%22%5D"],
  ["https://api.example.com?q={{trigger.id}}", "https://api.example.com?q=a%20b%2F%C3%BC%252F"],
  ["{{trigger.base}}", values.base],
  ["{{env.BASE}}/users/{{trigger.evil}}", "https://api.example.com/users/..%2Fadmin%3Fx%3D%23"],
  ["{{trigger.base}}{{trigger.number}}", `${values.base}7`],
  ["https://{{trigger.host}}/x/{{trigger.number}}", "https://api.example.com:8443/x/7"],
  ["https://hooks.example.com/{{raw env.PATH}}", "https://hooks.example.com/T0/B0"],
  ["https://hooks.example.com/{{ env.PATH }}", "https://hooks.example.com/T0%2FB0"],
  ["https://api.example.com/{{$encodeUrlComponent(trigger.id)}}", "https://api.example.com/a%20b%2F%C3%BC%252F"],
  [
    "https://api.example.com/{{$encodeUrlComponent(trigger.dot) & trigger.id}}",
    "https://api.example.com/.a%20b%2F%C3%BC%252F",
  ],
  ["https://api.example.com/a.{{trigger.dot}}", "https://api.example.com/a.."],
  ["https://api.example.com/v1/../v2/{{trigger.number}}", "https://api.example.com/v1/../v2/7"],
  ["https://api.example.com/{{trigger.empty}}", "https://api.example.com/"],
];

const refused: readonly (readonly [string, RegExp])[] = [
  ["https://api.example.com/users/{{trigger.dots}}/orders", /segment of the path that is \. or \.\./],
  ["https://api.example.com/users/{{trigger.dot}}{{trigger.dot}}", /segment/],
  ["https://api.example.com/users/.{{trigger.dot}}", /segment/],
  ["https://api.example.com/users/{{trigger.dot}}/orders", /segment/],
  ["{{env.BASE}}/{{trigger.dots}}", /segment/],
  ["{{env.BASE}}{{trigger.evil}}", /directly behind the host/],
  ["https://{{trigger.foreign}}.example.com/", /host name/],
  ["https://{{trigger.evil}}", /host name/],
  ["https://api.example.com{{trigger.evil}}", /host name/],
];

describe("a value that is put into a URL stays where it was put", () => {
  for (const [source, expected] of filled) {
    it(source, async () => assert.equal(await url(source), expected));
  }
  for (const [source, message] of refused) {
    it(`refuses ${source}`, async () => {
      await assert.rejects(url(source), { code: "EXPRESSION_FAILED", retryable: false, message });
    });
  }

  it("whatever it is: host, number of segments and names of parameters are those that were written", async () => {
    const issues: Issue[] = [];
    const source = "https://api.example.com/users/{{trigger.v}}/orders?q={{trigger.v}}&n=1#f";
    const template = compileTemplate(source, { path: "url", env, issues, urls: ["url"] });
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string({ unit: "binary" }), fc.webPath(), fc.webUrl()), async (v) => {
        const bindings = { execution_id: 1, workflow_id: 2, trigger: { v }, steps: {} };
        const text = await Promise.resolve(template.resolve(bindings)).catch(() => null);
        if (text === null) return;
        const parsed = new URL(String(text));
        assert.equal(parsed.host, "api.example.com");
        assert.match(parsed.pathname, /^\/users\/[^/]*\/orders$/);
        assert.deepEqual([...parsed.searchParams.keys()], ["q", "n"]);
        assert.equal(parsed.searchParams.get("q"), v.toWellFormed());
        assert.equal(parsed.hash, "#f");
      }),
    );
  });

  it("takes time in proportion to its length", () => {
    const source = (size: number) =>
      `https:${"{{trigger.number}}".repeat(size)}//${"{{trigger.number}}/".repeat(size)}`;
    const bindings = { execution_id: 1, workflow_id: 2, trigger: values, steps: {} };
    assertLinear(5_000, source, (text) =>
      compileTemplate({ url: text }, { path: "config", env, issues: [], urls: ["config.url"] }).resolve(bindings),
    );
  });
});

it("other texts take values as they are", async () => {
  const issues: Issue[] = [];
  const template = compileTemplate("https://x/{{trigger.evil}}", {
    path: "config.data",
    env,
    issues,
    urls: ["config.url"],
  });
  assert.equal(
    template.resolve({ execution_id: 1, workflow_id: 2, trigger: values, steps: {} }),
    `https://x/${values.evil}`,
  );
});
