import { posix } from "node:path";

export interface SourceFile {
  /** From the root of the repository. */
  readonly path: string;
  /** What it imports, types counted. */
  readonly imports: readonly string[];
  /** What its SQL reads and writes. */
  readonly tables: readonly string[];
  /** The types that it says plain text and numbers to be: tenants and ids of rows. */
  readonly claims: readonly string[];
  /** Names of its numbers and texts that never change. */
  readonly constants: readonly string[];
}

/** Who may import whom; nothing here may import what is not named. */
const layers: Readonly<Record<string, readonly string[]>> = {
  documents: [],
  engine: ["documents"],
  saga: ["engine"],
  live: ["engine"],
  edge: ["engine"],
  schema: ["documents", "saga", "engine"],
  "web-compat": ["documents", "edge", "saga", "engine"],
  server: ["web-compat", "schema", "live", "edge", "saga", "engine"],
};
/** Their folders are rooms. */
const houses: readonly string[] = ["engine", "server"];
const DOOR = "index.ts";
/** A room that has this is a program: nobody imports it. */
const PROGRAM = "main.ts";
/** What begins by itself, opens a room, or has types alone. */
const ENTRY = /(?:^|\/)(?:index|main|write-[a-z-]+)\.ts$|\.worker\.ts$|\.d\.ts$/;
const CONSTANT_CASE = /^[A-Z][A-Z0-9_]*$/;
/** Whose SQL may name a table. The others are the engine's. */
const tableOwners: ReadonlyMap<string, string> = new Map(
  ["domain_event", "domain_event_type", "domain_event_counter", "domain_event_cursor"].map((table) => [table, "saga"]),
);
/** Where text becomes a tenant: of rows, and of what the operator says. Ids of rows are the engine's. */
const TENANT = "TenantId";
const tenantMakers =
  /^(?:engine\/(?:model\/tenant|definition\/environments|store\/[a-z-]+)|saga\/events\/domain-event|server\/(?:config|keys)\/[a-z-]+)\.ts$/;

/** Every broken rule, as a line that names both sides. `tables`: all that there are. */
export function brokenRules(files: readonly SourceFile[], tables: ReadonlySet<string>): string[] {
  const doors = foldersWith(DOOR, files);
  const programs = foldersWith(PROGRAM, files);
  const closed = new Set([...doors, ...files.map(({ path }) => roomOf(path)).filter((room) => room.includes("/"))]);
  const imports = files.flatMap(({ path, imports: targets }) => targets.map((target) => ({ path, target })));
  const broken = [
    ...files.flatMap(({ path }) => withoutDoor(path, doors, programs)),
    ...files.flatMap(({ path, tables: named }) => foreignTables(path, named, tables)),
    ...files.flatMap(({ path, claims }) => falseClaims(path, claims)),
    ...files.flatMap(({ path, constants }) => wrongCase(path, constants)),
    ...imports.flatMap(({ path, target }) => [...wrongLayer(path, target), ...pastDoor(path, target, closed)]),
    ...circles(imports.map(({ path, target }) => [roomOf(path), roomOf(target)])),
  ];
  return [...new Set(broken)];
}

/** Files of the product that nothing of the product needs. */
export function strays(files: readonly SourceFile[]): string[] {
  const imported = new Set(files.flatMap(({ imports }) => imports));
  return files.map(({ path }) => path).filter((path) => !imported.has(path) && !ENTRY.test(path));
}

function foldersWith(name: string, files: readonly SourceFile[]): ReadonlySet<string> {
  return new Set(files.filter(({ path }) => posix.basename(path) === name).map(({ path }) => posix.dirname(path)));
}

/** A folder of a house, or a top folder; a house's own files are the room that puts the others together. */
function roomOf(path: string): string {
  const [top, folder, rest] = path.split("/");
  return houses.includes(top!) && rest !== undefined ? `${top}/${folder}` : top!;
}

function topOf(path: string): string {
  return path.split("/", 1)[0]!;
}

/** Each room of a house has a door. */
function withoutDoor(path: string, doors: ReadonlySet<string>, programs: ReadonlySet<string>): string[] {
  const room = roomOf(path);
  return room.includes("/") && !doors.has(room) && !programs.has(room) ? [`${room} has no ${DOOR}`] : [];
}

/** SQL names tables of its own top folder: those of others are reached by functions. */
function foreignTables(path: string, named: readonly string[], tables: ReadonlySet<string>): string[] {
  return named
    .filter((name) => tables.has(name) && (tableOwners.get(name) ?? "engine") !== topOf(path))
    .map((name) => `${path} names the table ${name} of another`);
}

function falseClaims(path: string, claims: readonly string[]): string[] {
  return claims
    .filter((type) => (type === TENANT ? !tenantMakers.test(path) : topOf(path) !== "engine"))
    .map((type) => `${path} may not say what is a ${type}`);
}

function wrongCase(path: string, constants: readonly string[]): string[] {
  return constants.filter((name) => !CONSTANT_CASE.test(name)).map((name) => `${path}: ${name} is a constant`);
}

function wrongLayer(path: string, target: string): string[] {
  const [from, to] = [topOf(path), topOf(target)];
  if (from === to || layers[from]?.includes(to)) return [];
  return [`${path} imports ${target}: ${from} may not import ${to}`];
}

/** Whoever comes from outside of a room, or of a folder with a door, comes through the door. */
function pastDoor(path: string, target: string, closed: ReadonlySet<string>): string[] {
  const between = [...closed].filter((folder) => isIn(target, folder) && !isIn(path, folder));
  const [outermost] = between.sort((a, b) => a.length - b.length);
  if (outermost === undefined || target === `${outermost}/${DOOR}`) return [];
  return [`${path} imports ${target} past ${outermost}/${DOOR}`];
}

function isIn(path: string, folder: string): boolean {
  return path.startsWith(`${folder}/`);
}

/** Each circle once, by the way through it. */
function circles(arrows: readonly (readonly [from: string, to: string])[]): string[] {
  const targets = new Map<string, Set<string>>();
  for (const [from, to] of arrows) if (from !== to) targets.set(from, (targets.get(from) ?? new Set()).add(to));
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (room: string, way: readonly string[]): void => {
    if (way.includes(room)) found.push(`A circle of rooms: ${[...way.slice(way.indexOf(room)), room].join(" -> ")}`);
    if (done.has(room) || way.includes(room)) return;
    for (const next of targets.get(room) ?? []) visit(next, [...way, room]);
    done.add(room);
  };
  for (const room of targets.keys()) visit(room, []);
  return found;
}
