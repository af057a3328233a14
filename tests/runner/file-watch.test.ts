import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { processGone } from "../support/service.ts";

const LIMIT_SECONDS = "5";
const main = fileURLToPath(new URL("main.js", import.meta.url));
const IMPORT_TEST = 'import { test } from "node:test";\n';

const files = {
  "fine.test.mjs": `${IMPORT_TEST}test("is fine", () => {});`,
  "loops.test.mjs": `${IMPORT_TEST}test("loops", () => { for (;;); });`,
  "keeps-a-handle.test.mjs": `${IMPORT_TEST}test("keeps a handle", () => { setInterval(() => {}, 1_000); });`,
  "leaves-a-process.test.mjs": `${IMPORT_TEST}import { spawn } from "node:child_process";
    test("leaves a process", () => {
      const args = ["-e", "setInterval(() => {}, 1_000)"];
      const { pid } = spawn(process.execPath, args, { stdio: "inherit" });
      console.log("left " + pid);
    });`,
};

/** Runs the test runner over these files; `limits` in seconds. */
async function runnerOver(names: readonly (keyof typeof files)[], limits: NodeJS.ProcessEnv) {
  const directory = await mkdtemp(join(tmpdir(), "stepwire-runner-"));
  try {
    for (const name of names) await writeFile(join(directory, name), files[name]);
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const child = spawn(process.execPath, [main, "*.test.mjs"], {
      cwd: directory,
      env: { ...env, TEST_DATABASE_URL: "postgresql://nobody@127.0.0.1:1/none", ...limits },
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
      });
    const [code] = await once(child, "close");
    return { code: code as number | null, output };
  } finally {
    await rm(directory, { recursive: true });
  }
}

test("files that hang are ended, named and counted as failures, with what they left; others are not", async () => {
  const { code, output } = await runnerOver(Object.keys(files) as (keyof typeof files)[], {
    TEST_FILE_LIMIT_SECONDS: LIMIT_SECONDS,
  });
  assert.equal(code, 1, output);
  for (const name of ["loops", "keeps-a-handle", "leaves-a-process"])
    assert.ok(output.includes(`✖ ${name}.test.mjs hangs`), output);
  assert.ok(!output.includes("fine.test.mjs hangs"), output);
  assert.match(output, /fail 3$/m);
  await processGone(Number(/left (\d+)/.exec(output)![1]));
});

test("the whole run has an end, too, and names what was running", async () => {
  const { code, output } = await runnerOver(["fine.test.mjs", "loops.test.mjs"], {
    TEST_RUN_LIMIT_SECONDS: LIMIT_SECONDS,
  });
  assert.equal(code, 1, output);
  assert.match(output, /ends what still runs: loops\.test\.mjs/);
});

test("a run in which all is well is a success, and one of no file is none", async () => {
  const fine = await runnerOver(["fine.test.mjs"], {});
  assert.equal(fine.code, 0, fine.output);
  const none = await runnerOver([], {});
  assert.equal(none.code, 1, none.output);
});
