import assert from "node:assert/strict";
import { glob, readFile } from "node:fs/promises";
import { posix } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { type EcmaScriptModule, type Expression, type PrivateIdentifier, type Program, parseSync } from "oxc-parser";
import { brokenRules, type SourceFile, strays } from "./rules.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const SOURCES = "{documents,engine,saga,live,edge,schema,web-compat,server}/**/*.ts";

async function sourceFiles(): Promise<SourceFile[]> {
  const files: SourceFile[] = [];
  for await (const path of glob(SOURCES, { cwd: root })) {
    // Tests look behind doors: that is what they are for.
    if (!path.endsWith(".test.ts")) files.push(sourceFile(path, await readFile(root + path, "utf8")));
  }
  return files;
}

function sourceFile(path: string, text: string): SourceFile {
  // Keywords of SQL are upper case here; names that a statement makes itself are no tables.
  const tables = [...text.matchAll(/\b(?:FROM|INTO|UPDATE|JOIN)\s+"?([a-z_]+)/g)].map(([, name]) => name!);
  const claims = [...text.matchAll(/\b(tenantNamed)\(|\bas ((?:Tenant|Execution|Step|Workflow)Id)\b/g)].map(
    ([, , type = "TenantId"]) => type,
  );
  const { program, module } = parseSync(path, text);
  return { path, imports: importsOf(path, text, module), tables, claims, constants: constantsOf(program) };
}

/** Numbers and texts that stand at the top of a file. */
function constantsOf({ body }: Program): string[] {
  return body
    .map((statement) => (statement.type === "ExportNamedDeclaration" ? statement.declaration : statement))
    .flatMap((declared) =>
      declared?.type === "VariableDeclaration" && declared.kind === "const" ? declared.declarations : [],
    )
    .flatMap(({ id, init }) => (id.type === "Identifier" && isPrimitive(init) ? id.name : []));
}

function isPrimitive(init: Expression | PrivateIdentifier | null): boolean {
  if (init?.type === "BinaryExpression") return isPrimitive(init.left) && isPrimitive(init.right);
  return init?.type === "Literal" && (typeof init.value === "number" || typeof init.value === "string");
}

async function tablesOfEntities(): Promise<Set<string>> {
  const tables = new Set<string>();
  for await (const path of glob("engine/store/entities/*.ts", { cwd: root })) {
    for (const [, name] of (await readFile(root + path, "utf8")).matchAll(/tableName: "(\w+)"/g)) tables.add(name!);
  }
  return tables;
}

function importsOf(path: string, text: string, module: EcmaScriptModule): string[] {
  const { staticImports, staticExports, dynamicImports } = module;
  const exported = staticExports.flatMap(({ entries }) => entries.map(({ moduleRequest }) => moduleRequest?.value));
  const dynamic = dynamicImports.map(({ moduleRequest: { start, end } }) => text.slice(start + 1, end - 1));
  return [...staticImports.map(({ moduleRequest }) => moduleRequest.value), ...exported, ...dynamic]
    .filter((target) => target?.startsWith("."))
    .map((target) => posix.join(posix.dirname(path), target!));
}

test("the house stands as its rules say", async () => {
  assert.deepEqual(brokenRules(await sourceFiles(), await tablesOfEntities()), []);
});

test("nothing lies in the product that only tests need, and nothing of it needs a test", async () => {
  const files = await sourceFiles();
  assert.deepEqual(strays(files), []);
  const tests = files.flatMap(({ imports }) => imports).filter((target) => target.endsWith(".test.ts"));
  assert.deepEqual(tests, []);
});

const house: readonly SourceFile[] = [
  ...["engine/a/index.ts", "engine/b/index.ts", "engine/index.ts", "saga/index.ts", "web-compat/index.ts"],
  ...["server/a/index.ts", "server/program/main.ts"],
].map((path) => sourceFile(path, ""));
const tables = new Set(["execution", "domain_event"]);
const broken = (...more: readonly SourceFile[]): string[] => brokenRules([...house, ...more], tables);

/** An import that each rule must refuse, and one like it that is allowed. */
for (const [name, refused, allowed] of [
  ["past a door of the engine", ["engine/a/x.ts", "engine/b/y.ts"], ["engine/a/x.ts", "engine/b/index.ts"]],
  ["past the engine's own door", ["saga/x.ts", "engine/a/index.ts"], ["saga/x.ts", "engine/index.ts"]],
  ["past a door by the composition", ["server/x.ts", "saga/saga-service.ts"], ["server/x.ts", "saga/index.ts"]],
  ["past a door of the server", ["server/x.ts", "server/a/y.ts"], ["server/x.ts", "server/a/index.ts"]],
  ["from a program", ["server/x.ts", "server/program/y.ts"], ["server/program/main.ts", "server/program/y.ts"]],
  ["up from live", ["live/x.ts", "server/a/index.ts"], ["server/a/x.ts", "live/index.ts"]],
  ["from one face to another", ["schema/x.ts", "web-compat/index.ts"], ["server/x.ts", "web-compat/index.ts"]],
  ["up from the engine", ["engine/a/x.ts", "saga/index.ts"], ["saga/x.ts", "engine/index.ts"]],
  ["a room that has no door", ["engine/c/x.ts", "engine/c/y.ts"], ["engine/a/x.ts", "engine/a/y.ts"]],
] as const) {
  const withImport = ([path, target]: readonly [string, string]) =>
    broken({ ...sourceFile(path, ""), imports: [target] });
  test(`refused: ${name}`, () => {
    assert.equal(withImport(refused).length, 1);
    assert.deepEqual(withImport(allowed), []);
  });
}

test("refused: a circle of rooms, of types as well", () => {
  const there = sourceFile("engine/a/x.ts", 'import type { B } from "../b/index.ts";');
  const back = sourceFile("engine/b/y.ts", 'export { A } from "../a/index.ts";');
  assert.deepEqual(broken(there), []);
  assert.deepEqual(broken(there, back), ["A circle of rooms: engine/a -> engine/b -> engine/a"]);
});

test("refused: SQL on the tables of others", () => {
  const text = "`SELECT * FROM page JOIN domain_event AS v USING (id)`; `UPDATE execution SET id = 1`";
  assert.deepEqual(broken(sourceFile("saga/x.ts", text)), ["saga/x.ts names the table execution of another"]);
  assert.deepEqual(broken(sourceFile("engine/a/x.ts", text)), [
    "engine/a/x.ts names the table domain_event of another",
  ]);
  assert.equal(broken(sourceFile("server/x.ts", text)).length, 2);
});

test("refused: what says by itself that text is a tenant, or a number a row's", () => {
  const [tenant, row] = ["tenantNamed(text); text as TenantId;", "id as ExecutionId"];
  assert.equal(broken(sourceFile("web-compat/x.ts", tenant)).length, 1);
  assert.equal(broken(sourceFile("web-compat/x.ts", row)).length, 1);
  assert.deepEqual(broken(sourceFile("saga/events/domain-event.ts", tenant), sourceFile("engine/a/x.ts", row)), []);
});

test("refused: what nothing of the product imports", () => {
  const used = sourceFile("engine/a/index.ts", 'export { x } from "./x.ts";');
  const files = ["engine/a/x.ts", "engine/a/stand-in.ts", "engine/a/x.worker.ts"].map((path) => sourceFile(path, ""));
  assert.deepEqual(strays([used, ...files]), ["engine/a/stand-in.ts"]);
});

test("refused: a constant in the case of what changes", () => {
  const names = (text: string) => broken(sourceFile("engine/a/x.ts", text));
  assert.equal(names("const limitMs = 2 * 1_000;\nexport const word = 'x';").length, 2);
  assert.deepEqual(
    names("const LIMIT_MS = 2 * 1_000;\nlet count = 0;\nconst inside = () => { const n = 1; return n; };"),
    [],
  );
});
