import {
  type ApiKey,
  auditedRequest,
  DomainError,
  type OpenKeys,
  openKeys,
  type TenantId,
} from "../../engine/index.ts";
import { createLogger, readConfig, StartupError, startupFailureText } from "../config/index.ts";
import { type Command, readCommand, usage } from "./arguments.ts";
import { joinDatabase } from "./database.ts";
import { keyTable, oneLine } from "./table.ts";

const PAGE = 500;

type Change = Exclude<Command, { kind: "help" | "list" }>;

async function main(): Promise<void> {
  const command = readCommand(process.argv.slice(2));
  if (command.kind === "help") return void process.stdout.write(usage);
  const config = readConfig(process.env);
  const database = await joinDatabase(config, createLogger("error", process.stderr));
  try {
    const opened = await openKeys({
      databaseUrl: database.databaseUrl,
      redisUrl: config.redisUrl,
      log: (level, message) => level !== "debug" && level !== "info" && say(message),
    });
    try {
      if (command.kind === "list") await list(opened, command.tenantId);
      else await change(opened, command);
    } finally {
      await opened.close();
    }
  } finally {
    await database.close();
  }
}

async function list({ keys }: OpenKeys, tenantId: TenantId): Promise<void> {
  const all: ApiKey[] = [];
  for (let after: number | null = null, hasMore = true; hasMore; after = all.at(-1)!.id) {
    const page = await keys.list(tenantId, { limit: PAGE, after, before: null, fromEnd: false });
    all.push(...page.items);
    hasMore = page.hasMore;
    if (all.length === 0) return say(`tenant ${tenantId} has no keys`);
  }
  process.stdout.write(keyTable(all, new Date()));
}

async function change({ keys, audit }: OpenKeys, command: Change): Promise<void> {
  const requester = { tenantId: command.tenantId, actor: "cli", correlationId: null };
  const request = { action: `keys ${command.kind}`, asked: () => null };
  await auditedRequest(audit, requester, request, () => apply(keys, command));
}

async function apply(keys: OpenKeys["keys"], command: Change): Promise<void> {
  const { tenantId } = command;
  switch (command.kind) {
    case "create": {
      const { key, secret } = await keys.create(command);
      say(`created ${nameOf(key)}; its secret, shown this once:`);
      process.stdout.write(`${secret}\n`);
      return;
    }
    case "rotate": {
      const { key, secret, old } = await keys.rotate(tenantId, command.id, command.graceSeconds);
      say(
        `created ${nameOf(key)} in place of key_${old.id}, which works until ${old.expiresAt?.toISOString()}; its secret:`,
      );
      process.stdout.write(`${secret}\n`);
      return;
    }
    case "revoke":
      say(`revoked ${nameOf(await keys.revoke(tenantId, command.id))}: it is refused everywhere within a second`);
  }
}

function nameOf({ id, name, scopes }: ApiKey): string {
  return `key_${id} (${oneLine(name)}: ${scopes.join(", ")})`;
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** What the operator can mend is a line; anything else keeps its stack. */
function fail(error: unknown): void {
  const mendable = error instanceof DomainError ? new StartupError(error.message, error) : error;
  process.stderr.write(startupFailureText(mendable));
  process.exitCode = 1;
}

await main().catch(fail);
