import { randomBytes, randomUUID } from "node:crypto";
import { link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { KEY_BYTES, Keyring } from "../engine/index.ts";
import { type Config, codeOf, StartupError } from "./config/index.ts";

const FILE = "secret.key";

/** What secret values are kept with: SECRET_KEY, or a key that is made at the first start and kept under DATA_DIR. */
export async function openKeyring({
  dataDir,
  secretKey,
  secretKeyPrevious,
}: Pick<Config, "dataDir" | "secretKey" | "secretKeyPrevious">): Promise<Keyring> {
  const kept = secretKey === undefined ? await keptKey(dataDir) : await readKey(join(dataDir, FILE));
  const key = secretKey ?? kept!;
  // Whoever sets SECRET_KEY for the first time goes on from the key that was made.
  const previous = secretKey !== undefined && kept !== null ? [kept] : [];
  return new Keyring([key, ...secretKeyPrevious, ...previous]);
}

/** Of two processes that start at once, one makes it. */
async function keptKey(dataDir: string): Promise<Buffer> {
  const path = join(dataDir, FILE);
  const known = await readKey(path);
  if (known) return known;
  await mkdir(dataDir, { recursive: true });
  const draft = `${path}.${randomUUID()}`;
  await writeFile(draft, `${randomBytes(KEY_BYTES).toString("base64")}\n`, { mode: 0o600, flag: "wx", flush: true });
  try {
    await link(draft, path);
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
  } finally {
    await rm(draft, { force: true });
  }
  return (await readKey(path))!;
}

/** Null: there is none. */
async function readKey(path: string): Promise<Buffer | null> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return null;
    throw new StartupError(`DATA_DIR: ${path} cannot be read (${codeOf(error)})`, error);
  }
  const key = Buffer.from(text.trim(), "base64");
  if (key.length !== KEY_BYTES) throw new StartupError(`DATA_DIR: ${path} does not hold a key of ${KEY_BYTES} bytes`);
  return key;
}
