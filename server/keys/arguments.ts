import { parseArgs } from "node:util";
import { allScopes, DEFAULT_TENANT, type Scope, type TenantId, tenantNamed } from "../../engine/index.ts";
import { StartupError } from "../config/index.ts";

export const usage = `npm run keys -- list
npm run keys -- create --name NAME --scopes ${allScopes.join(",")} [--expires 2027-01-31]
npm run keys -- rotate KEY_ID [--grace SECONDS]     the old secret still works for so long; default 3600
npm run keys -- revoke KEY_ID

Each takes --tenant NAME (default: ${DEFAULT_TENANT}). The database is that of DATABASE_URL, or the embedded one under DATA_DIR,
whether the service runs or not. A new secret goes to stdout, alone; all else to stderr.
`;

export type Command =
  | { readonly kind: "help" }
  | { readonly kind: "list"; readonly tenantId: TenantId }
  | {
      readonly kind: "create";
      readonly tenantId: TenantId;
      readonly name: string;
      readonly scopes: readonly Scope[];
      readonly expiresAt: Date | null;
    }
  | { readonly kind: "rotate"; readonly tenantId: TenantId; readonly id: number; readonly graceSeconds: number | null }
  | { readonly kind: "revoke"; readonly tenantId: TenantId; readonly id: number };

const flags = {
  tenant: { type: "string" },
  name: { type: "string" },
  scopes: { type: "string" },
  expires: { type: "string" },
  grace: { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;
type Flag = keyof typeof flags;

/** What each command takes beside `--tenant`. */
const takes: Readonly<
  Record<"list" | "create" | "rotate" | "revoke", { readonly flags: readonly Flag[]; readonly id: boolean }>
> = {
  list: { flags: [], id: false },
  create: { flags: ["name", "scopes", "expires"], id: false },
  rotate: { flags: ["grace"], id: true },
  revoke: { flags: [], id: true },
};

/** @throws StartupError with a line that says what is wrong. */
export function readCommand(args: readonly string[]): Command {
  const { values, positionals } = parsed(args);
  const [kind, id, ...rest] = positionals;
  if (values.help || kind === undefined || kind === "help") return { kind: "help" };
  if (!(kind in takes))
    throw new StartupError(`keys has no command "${kind}": it is one of ${Object.keys(takes).join(", ")}`);
  const command = kind as keyof typeof takes;
  const unfit = (Object.keys(values) as Flag[]).find(
    (flag) => flag !== "tenant" && !takes[command].flags.includes(flag),
  );
  if (unfit) throw new StartupError(`keys ${command} takes no --${unfit}`);
  if (takes[command].id !== (id !== undefined) || rest.length > 0) {
    throw new StartupError(`keys ${command} takes ${takes[command].id ? "one id, such as key_12" : "no id"}`);
  }
  const tenantId = tenantOf(values.tenant);
  switch (command) {
    case "list":
      return { kind: command, tenantId };
    case "create":
      return { kind: command, tenantId, ...newKeyOf(values) };
    case "rotate":
      return { kind: command, tenantId, id: keyIdOf(id!), graceSeconds: graceOf(values.grace) };
    case "revoke":
      return { kind: command, tenantId, id: keyIdOf(id!) };
  }
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: flags, allowPositionals: true });
  } catch (error) {
    throw new StartupError((error as Error).message.split(". ")[0]!, error);
  }
}

function newKeyOf({ name, scopes, expires }: { readonly [F in Flag]?: string | boolean }) {
  if (typeof name !== "string" || name === "") throw new StartupError("keys create needs --name: what the key is for");
  if (typeof scopes !== "string") throw new StartupError(`keys create needs --scopes: some of ${allScopes.join(",")}`);
  const wanted = scopes.split(",").map((scope) => scope.trim());
  const unknown = wanted.find((scope) => !(allScopes as readonly string[]).includes(scope));
  if (unknown !== undefined) throw new StartupError(`--scopes: "${unknown}" is none of ${allScopes.join(", ")}`);
  return { name, scopes: wanted as Scope[], expiresAt: typeof expires === "string" ? dateOf(expires) : null };
}

function dateOf(text: string): Date {
  const date = new Date(text);
  if (/^\d{4}-\d\d-\d\d/.test(text) && !Number.isNaN(date.getTime())) return date;
  throw new StartupError("--expires must be a date such as 2027-01-31 or 2027-01-31T12:00:00Z");
}

function graceOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  if (/^\d{1,7}$/.test(text)) return Number(text);
  throw new StartupError("--grace must be a whole number of seconds");
}

function keyIdOf(text: string): number {
  const digits = /^(?:key_)?([1-9]\d{0,9})$/.exec(text)?.[1];
  if (digits !== undefined && Number(digits) < 2 ** 31) return Number(digits);
  throw new StartupError(`"${text}" is not the id of a key, such as key_12`);
}

function tenantOf(text: string = DEFAULT_TENANT): TenantId {
  if (/^[\w.:@-]{1,255}$/.test(text)) return tenantNamed(text);
  throw new StartupError("--tenant must be 1 to 255 letters, digits, or one of _ . : @ -");
}
