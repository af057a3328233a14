/**
 * `npm run demo`: uploads a scanned invoice and a contract, and watches the documented Document Processing Pipeline work on
 * them, step by step, over a GraphQL subscription. It starts a Stepwire of its own, beside one that may be running.
 */
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { styleText } from "node:util";
import { live, upload } from "./api.ts";
import { startOwnService } from "./own-service.ts";
import { createPipeline, executionOf, resultOf, watch } from "./pipeline.ts";
import { startStandIn } from "./stand-in.ts";

const documents = ["invoice-scan.png", "contract.pdf"].map(
  (name) => new URL(`../../../examples/documents/${name}`, import.meta.url),
);
const definition = new URL("../../../examples/demo/document-processing-pipeline.json", import.meta.url);

const say = (text: string) => void process.stdout.write(text);
const token = randomBytes(16).toString("hex");

async function run(): Promise<boolean> {
  await using standIn = await startStandIn(token);
  say("Starting Stepwire with a database of its own under .data/demo …\n");
  await using service = await startOwnService(process.env.DATA_DIR ?? ".data/demo", {
    WORKFLOW_ENV: "DATABASE_API_TOKEN,NOTIFICATION_WEBHOOK_URL",
    DATABASE_API_TOKEN: token,
    NOTIFICATION_WEBHOOK_URL: `${standIn.origin}/webhook`,
    ALLOW_PRIVATE_NETWORK: "127.0.0.1",
  });
  const interrupted = Promise.withResolvers<void>();
  process.once("SIGINT", interrupted.resolve);
  const text = (await readFile(definition, "utf8")).replace("https://api.internal.com", standIn.origin);
  const workflow = await createPipeline(service, JSON.parse(text));
  say(`It is on ${styleText("cyan", service.address)}; GraphiQL at /graphql, the REST API at /docs.\n`);
  say(`${standIn.origin} stands in for https://api.internal.com and for the webhook, and is unwell at first.\n`);

  const client = live(service);
  let succeeded = true;
  try {
    for (const path of documents) {
      const file = await upload(service, path);
      const execution = await executionOf(service, workflow.id, file.id);
      say(`\n${styleText("bold", file.filename)}: file ${file.id} started ${execution} of "${workflow.name}"\n`);
      const ended = await Promise.race([watch(client, execution, say), interrupted.promise]);
      if (ended === undefined) return false;
      const { status, result } = await resultOf(service, execution);
      const { content, word_count: words } = result.extract_text as { content: string; word_count: number };
      say(`  ${status}: ${words} words, such as “${content.trim().split("\n")[0]}”\n`);
      succeeded &&= status === "COMPLETED";
    }
  } finally {
    await client.dispose();
  }
  say(`\nStored by the stand-in: ${standIn.documents.length} documents. Told to the webhook:\n`);
  for (const message of standIn.messages) say(`  ${message}\n`);
  return succeeded;
}

process.exitCode = (await run()) ? 0 : 1;
