import type { ApiKey } from "../../engine/index.ts";

const headings = ["id", "name", "secret", "scopes", "created", "last used", "state"];

/** Keys as aligned columns, one a line. */
export function keyTable(keys: readonly ApiKey[], now: Date): string {
  const rows = [headings, ...keys.map((key) => cells(key, now))];
  const widths = headings.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const line = (row: readonly string[]) => row.map((cell, column) => cell.padEnd(widths[column]!)).join("  ");
  return rows.map((row) => `${line(row).trimEnd()}\n`).join("");
}

function cells(key: ApiKey, now: Date): string[] {
  const { id, name, prefix, scopes, createdAt, lastUsedAt } = key;
  const shown = oneLine(name);
  return [`key_${id}`, shown, `${prefix}…`, scopes.join(","), minute(createdAt), minute(lastUsedAt), stateOf(key, now)];
}

function stateOf({ revokedAt, expiresAt }: ApiKey, now: Date): string {
  if (revokedAt) return `revoked ${minute(revokedAt)}`;
  if (!expiresAt) return "valid";
  return `${expiresAt <= now ? "expired" : "valid until"} ${minute(expiresAt)}`;
}

function minute(at: Date | null): string {
  return at === null ? "never" : `${at.toISOString().slice(0, 16).replace("T", " ")}Z`;
}

/** A name is free text: nothing in it may move the cursor of a terminal. */
export function oneLine(text: string): string {
  return text.replaceAll(/\p{C}/gu, "?");
}
