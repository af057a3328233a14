import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import fc from "fast-check";
import type { Scope, TenantId } from "../../engine/index.ts";
import { TENANT } from "../support/engine.ts";
import { validFor } from "./arbitrary.ts";
import { type Operation, operationsOf } from "./document.ts";
import { faultOf, type Request, send } from "./request.ts";

/** Values tried for each parameter that is not in the path. */
const SAMPLES = 3;
/** Values that mean something; a page must not reach beyond the first 10,000 templates. */
const meanings: Readonly<Record<string, readonly string[]>> = {
  page: ["1", "2", "500"],
  cron_expression: ["0 9 * * 1", "@daily", "no cron at all"],
};

/** An API that is asked, and what its document cannot tell of it. */
interface Documented {
  readonly address: string;
  /** Of a key with every scope. */
  readonly secret: string;
  keyFor(tenantId: TenantId, ...scopes: Scope[]): Promise<string>;
  /** Of a fresh thing for a path parameter, such that the operation can be carried out. */
  idFor(parameter: string, operationId: string): Promise<string>;
  /** A good body; null: the operation needs none. */
  bodyFor(operationId: string): unknown;
  close(): Promise<void>;
}

/** Each operation of the document, called as the document says, and its answer held against the document. */
export function holdDocument(name: string, open: () => Promise<Documented>): void {
  describe(`the OpenAPI document of ${name}`, () => {
    let api: Documented;
    let operations: Operation[] = [];
    before(async () => {
      api = await open();
      operations = operationsOf((await (await fetch(`${api.address}/openapi.json`)).json()) as never);
    });
    after(() => api.close());

    const key = () => ({ authorization: `Bearer ${api.secret}` });
    const requestFor = async (operation: Operation, query: Request["query"] = {}, headers = {}): Promise<Request> => {
      const path: Record<string, string> = {};
      for (const parameter of operation.parameters) {
        if (parameter.in === "path") path[parameter.name] = await api.idFor(parameter.name, operation.id);
      }
      const required: Record<string, unknown> = {};
      for (const { name, in: where, required: isRequired, schema } of operation.parameters) {
        if (where === "query" && isRequired) required[name] = meanings[name]?.[0] ?? sampled(schema)[0];
      }
      const body = api.bodyFor(operation.id);
      const common = { path, query: { ...required, ...query }, headers: { ...key(), ...headers } };
      if (operation.body?.types[0] !== "multipart/form-data") {
        return {
          ...common,
          body: body === null ? undefined : JSON.stringify(body),
          contentType: body === null ? undefined : "application/json",
        };
      }
      const form = new FormData();
      form.set("file", new File(["a,b\n1,2\n"], "table.csv", { type: "text/csv" }));
      return { ...common, body: form, contentType: undefined };
    };
    const check = async (operation: Operation, request: Request, status: number, what: string): Promise<void> => {
      const path = pathOf(operation, request);
      const answer = await send(api.address, operation, request);
      const called = `${operation.method} ${path} ${what}`;
      assert.equal(answer.status, status, `${called}: ${answer.text}`);
      assert.equal(faultOf(operation, path, answer), null, called);
    };

    test("names every operation once, and what guard, address and input may refuse", () => {
      assert.ok(operations.length > 10);
      assert.equal(new Set(operations.map(({ id }) => id)).size, operations.length);
      for (const operation of operations) {
        const expected = [200];
        if (!operation.isOpen) expected.push(401, 403, 429, 500);
        if (operation.parameters.length > 0 || operation.body !== null) expected.push(400);
        const missing = expected.filter((status) => !operation.responses.has(status));
        assert.deepEqual(missing, [], `${operation.method} ${operation.path}`);
      }
    });

    test("says what each operation answers to what it asks for", async () => {
      for (const operation of operations) await check(operation, await requestFor(operation), 200, "as documented");
    });

    test("says what each parameter may be", async () => {
      for (const operation of operations) {
        for (const { name, in: where, schema } of operation.parameters) {
          if (where === "path") continue;
          for (const value of meanings[name] ?? sampled(schema)) {
            const request = await requestFor(
              operation,
              where === "query" ? { [name]: value } : {},
              where === "header" ? { [name]: String(value).trim() || "k" } : {},
            );
            const isNobodys = name === "workflow_id" && where === "query";
            await check(operation, request, 200, `${name}=${value}${isNobodys ? " (of nobody)" : ""}`);
          }
        }
      }
    });

    test("says what an operation answers to nobody, to a key without its scope, and about what does not exist", async () => {
      const powerless = { authorization: `Bearer ${await api.keyFor(TENANT, "admin")}` };
      for (const operation of operations) {
        const request = await requestFor(operation);
        if (!operation.isOpen) {
          await check(operation, { ...request, headers: {} }, 401, "without a key");
          await check(operation, { ...request, headers: powerless }, 403, "without the scope");
        }
        const numbers = Object.fromEntries(Object.keys(request.path).map((name) => [name, "999999999"]));
        if (Object.keys(numbers).length === 0) continue;
        // A stream that nothing was published to is an empty one.
        await check(operation, { ...request, path: numbers }, "stream_id" in numbers ? 200 : 404, "unknown");
      }
    });

    test("says what an operation answers when it is asked for the same again", async () => {
      for (const operation of operations) {
        if (operation.method === "GET") continue;
        const request = await requestFor(operation);
        await send(api.address, operation, request);
        const answer = await send(api.address, operation, request);
        assert.equal(faultOf(operation, pathOf(operation, request), answer), null, `${operation.id} again`);
      }
    });

    test("answers the same with a trailing slash, and to HEAD", async () => {
      for (const operation of operations) {
        if (operation.method !== "GET" || operation.path === "/") continue;
        const request = await requestFor(operation);
        await check({ ...operation, path: `${operation.path}/` }, request, 200, "with a slash");
        const head = await send(api.address, { ...operation, method: "HEAD" }, request);
        assert.equal(head.status, 200, `HEAD ${operation.path}`);
        assert.equal(head.text, "");
      }
    });
  });
}

function pathOf({ path }: Operation, request: Request): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name) => encodeURIComponent(request.path[name] ?? ""));
}

function sampled(schema: Operation["parameters"][number]["schema"]): unknown[] {
  return [...new Set(fc.sample(validFor(schema), { numRuns: SAMPLES, seed: 1 }))];
}
