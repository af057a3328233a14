import { posix } from "node:path";

/** What one file imports, types counted: paths from the root of the repository. */
export interface SourceFile {
  readonly path: string;
  readonly imports: readonly string[];
}

/** Who may import whom; nothing here may import what is not named. */
const layers: Readonly<Record<string, readonly string[]>> = {
  documents: [],
  engine: ["documents"],
  saga: ["engine"],
  schema: ["documents", "saga", "engine"],
  "web-compat": ["documents", "saga", "engine"],
  server: ["web-compat", "schema", "saga", "engine"],
};
const DOOR = "index.ts";

/** Every broken rule, as a line that names both files. */
export function brokenRules(files: readonly SourceFile[]): string[] {
  const doors = new Set(
    files.filter(({ path }) => posix.basename(path) === DOOR).map(({ path }) => posix.dirname(path)),
  );
  const imports = files.flatMap(({ path, imports: targets }) => targets.map((target) => ({ path, target })));
  const broken = [
    ...files.flatMap(({ path }) => withoutDoor(path, doors)),
    ...imports.flatMap(({ path, target }) => [...wrongLayer(path, target), ...pastDoor(path, target, doors)]),
    ...circles(imports.map(({ path, target }) => [roomOf(path), roomOf(target)])),
  ];
  return [...new Set(broken)];
}

/** A folder of the engine, or a top folder; the engine's own files are the room that puts the others together. */
function roomOf(path: string): string {
  const [top, folder, rest] = path.split("/");
  return top === "engine" && rest !== undefined ? `${top}/${folder}` : top!;
}

function topOf(path: string): string {
  return path.split("/", 1)[0]!;
}

/** Each room of the engine has a door. */
function withoutDoor(path: string, doors: ReadonlySet<string>): string[] {
  const room = roomOf(path);
  return room.startsWith("engine/") && !doors.has(room) ? [`${room} has no ${DOOR}`] : [];
}

function wrongLayer(path: string, target: string): string[] {
  const [from, to] = [topOf(path), topOf(target)];
  if (from === to || layers[from]?.includes(to)) return [];
  return [`${path} imports ${target}: ${from} may not import ${to}`];
}

/** Whoever comes from outside of a folder with a door comes through the door. */
function pastDoor(path: string, target: string, doors: ReadonlySet<string>): string[] {
  const closed = [...doors].filter((folder) => isIn(target, folder) && !isIn(path, folder));
  const [outermost] = closed.sort((a, b) => a.length - b.length);
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
