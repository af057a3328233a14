import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import fc from "fast-check";
import { hostile, nearly, validFor } from "./arbitrary.ts";
import { type Operation, operationsOf } from "./document.ts";
import { envelopeFault, faultOf, type Request, send } from "./request.ts";

/** Requests to each operation. FUZZ_RUNS=2000 for a long look, FUZZ_SEED to repeat one. */
const runs = Number(process.env.FUZZ_RUNS ?? 10);
const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 1_000_000);

/** The default of the whole suite is too short for a long look. */
const limitMs = 120_000 + runs * 1_000;

const contentTypes = [
  "application/json",
  "application/json; charset=utf-16",
  "text/plain",
  "application/xml",
  "",
  "a/b/c",
];
const brokenBodies = [
  "",
  "{",
  "null",
  '"text"',
  "[1,2",
  '{"a":1}}',
  '{"__proto__":{"x":1}}',
  '{"constructor":{"prototype":{"x":1}}}',
  "\u0000",
  "{'a': 1}",
  '{"a":NaN}',
  '{"name":"a","name":"b"}',
  `${'{"a":'.repeat(2_000)}1${"}".repeat(2_000)}`,
];

/** An API that is asked, and what its document cannot tell of it. */
interface Fuzzed {
  readonly address: string;
  readonly secret: string;
  /** What was logged as a fault. */
  readonly log: readonly string[];
  /** Of a thing that exists, for a path parameter. */
  idFor(parameter: string, operationId: string): Promise<string>;
  /** A good body; null: the operation needs none. */
  bodyFor(operationId: string): unknown;
  close(): Promise<void>;
}

/** Every route, with what is good, nearly good, and meant to harm: no fault, no hang, one shape of error. */
export function fuzzRoutes(name: string, open: () => Promise<Fuzzed>): void {
  describe(`every route of ${name}, under random input (FUZZ_SEED=${seed})`, () => {
    let api: Fuzzed;
    let operations: Operation[] = [];
    before(async () => {
      api = await open();
      operations = operationsOf((await (await fetch(`${api.address}/openapi.json`)).json()) as never);
    });
    after(() => api.close());

    const text = fc.oneof(
      hostile.map((value) => (typeof value === "string" ? value : JSON.stringify(value))),
      fc.string({ unit: "grapheme" }),
    );
    /** Of a header: what HTTP lets through. */
    const headerText = text.map((value) => value.replaceAll(/[^\x21-\x7e]/g, "").slice(0, 500));

    async function requestsTo(operation: Operation): Promise<fc.Arbitrary<Request>> {
      const path: Record<string, fc.Arbitrary<string>> = {};
      const query: Record<string, fc.Arbitrary<unknown>> = {};
      const headers: Record<string, fc.Arbitrary<string>> = {
        "x-correlation-id": headerText,
        traceparent: headerText,
      };
      for (const { name, in: where, schema } of operation.parameters) {
        // An empty segment would be another path.
        if (where === "path")
          path[name] = fc.oneof(
            fc.constant(await api.idFor(name, operation.id)),
            text.filter((one) => isSegment(one)),
          );
        if (where === "query") query[name] = fc.oneof(validFor(schema), text);
        if (where === "header") headers[name] = headerText;
      }
      const good = api.bodyFor(operation.id) as fc.JsonValue;
      const json = fc
        .oneof(
          ...(good === null ? [] : [fc.constant(good), nearly(good), nearly(good)]),
          ...(operation.body ? [validFor(operation.body.schema)] : []),
          hostile,
        )
        .map((value) => JSON.stringify(value));
      const body =
        operation.method === "GET" || operation.method === "HEAD"
          ? fc.constant(undefined)
          : fc.oneof(
              { weight: 6, arbitrary: json },
              { weight: 1, arbitrary: fc.constantFrom(...brokenBodies) },
              { weight: 1, arbitrary: fc.constant(undefined) },
            );
      return fc.record({
        path: fc.record(path),
        query: fc.record({ ...query, unknown: text }, { requiredKeys: [] }),
        headers: fc
          .record(headers, { requiredKeys: [] })
          .map((one) => ({ authorization: `Bearer ${api.secret}`, ...withoutEmpty(one) })),
        body,
        contentType: fc.oneof(
          { weight: 6, arbitrary: fc.constant("application/json") },
          { weight: 1, arbitrary: fc.constantFrom(...contentTypes) },
          { weight: 1, arbitrary: fc.constant(undefined) },
        ),
      });
    }

    test("answers as documented, whatever comes", { timeout: limitMs }, async () => {
      const faults: string[] = [];
      for (const operation of operations) {
        const found = await fc.check(
          fc.asyncProperty(await requestsTo(operation), async (request) => {
            const path = operation.path.replaceAll(/\{(\w+)\}/g, (_, name) =>
              encodeURIComponent((request.path[name] ?? "").toWellFormed()),
            );
            const answer = await send(api.address, operation, request);
            const fault = faultOf(operation, path, answer);
            assert.equal(fault, null, `${operation.method} ${path}\n${answer.text}\n${api.log.join("\n")}`);
          }),
          { numRuns: runs, seed, endOnFailure: true },
        );
        if (found.failed)
          faults.push(`${found.counterexample && JSON.stringify(found.counterexample)}\n${found.errorInstance}`);
      }
      assert.equal(faults.join("\n\n"), "");
      assert.deepEqual(api.log, [], "nothing was logged as a fault");
    });

    test("refuses every other method and path in the same shape", async () => {
      const methods = fc.constantFrom("POST", "PUT", "PATCH", "DELETE");
      const paths = fc.oneof(
        fc.constantFrom(...operations.map(({ path }) => path.replaceAll(/\{\w+\}/g, "1"))),
        fc
          .array(text.filter(isSegment), { minLength: 1, maxLength: 4 })
          .map((parts) => `/${parts.map((part) => encodeURIComponent(part.toWellFormed())).join("/")}`),
        fc.constantFrom(
          "/%zz",
          "/api/v1/workflows/%",
          "//",
          "/api//v1/workflows",
          "/api/v1/workflows/1/../2",
          "/API/V1/WORKFLOWS",
        ),
      );
      const key = { authorization: `Bearer ${api.secret}` };
      await fc.assert(
        fc.asyncProperty(methods, paths, async (method, path) => {
          const response = await fetch(`${api.address}${path}`, { method, headers: key, redirect: "manual" });
          const body = await response.text();
          assert.ok(response.status < 500, `${method} ${path}: ${response.status} ${body}`);
          if (response.status < 400 || path.startsWith("/graphql")) return;
          assert.equal(envelopeFault(body, new URL(response.url).pathname), null, `${method} ${path}`);
        }),
        { numRuns: runs * 10, seed },
      );
    });
  });
}

/** `.` and `..` are taken out of an address before it is sent. */
function isSegment(value: string): boolean {
  return value !== "" && value !== "." && value !== ".." && value.length < 2_000;
}

function withoutEmpty(headers: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== ""),
  );
}
