const DAY_MS = 86_400_000;
const SECOND_MS = 1_000;
/** Formatters are slow to make. There are some 600 zones. */
const MAX_FORMATTERS = 1_000;

const formatters = new Map<string, Intl.DateTimeFormat>();

/** What a local time (ms as if it were UTC) is in a zone. */
export type LocalTime =
  | { readonly kind: "once"; readonly at: number }
  /** The clock is put back over it. */
  | { readonly kind: "twice"; readonly first: number; readonly second: number }
  /** The clock is put forward over it: it does not exist. `after`: the first instant that does. */
  | { readonly kind: "never"; readonly after: number };

export function isTimeZone(zone: string): boolean {
  try {
    formatter(zone);
    return true;
  } catch {
    return false;
  }
}

/** What is added to UTC to get local time, in ms. */
export function offsetAt(at: number, zone: string): number {
  const field: Partial<Record<Intl.DateTimeFormatPartTypes, number>> = {};
  for (const { type, value } of formatter(zone).formatToParts(at)) field[type] = Number(value);
  const local = Date.UTC(field.year!, field.month! - 1, field.day, field.hour, field.minute, field.second);
  return local - Math.floor(at / SECOND_MS) * SECOND_MS;
}

/** Takes for granted that a zone changes its clock at most once in two days. */
export function resolveLocal(local: number, zone: string): LocalTime {
  const before = offsetAt(local - DAY_MS, zone);
  const after = offsetAt(local + DAY_MS, zone);
  if (before === after) return { kind: "once", at: local - before };
  const isLocal = (at: number): boolean => at + offsetAt(at, zone) === local;
  const old = local - before;
  const changed = local - after;
  if (isLocal(old))
    return isLocal(changed) ? { kind: "twice", first: old, second: changed } : { kind: "once", at: old };
  if (isLocal(changed)) return { kind: "once", at: changed };
  return { kind: "never", after: changeBetween(changed, old, before, zone) };
}

/** The first second at which the offset is no longer `before`. */
function changeBetween(from: number, to: number, before: number, zone: string): number {
  let low = Math.floor(from / SECOND_MS);
  let high = Math.floor(to / SECOND_MS);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(middle * SECOND_MS, zone) === before) low = middle;
    else high = middle;
  }
  return high * SECOND_MS;
}

function formatter(zone: string): Intl.DateTimeFormat {
  const known = formatters.get(zone);
  if (known) return known;
  const made = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    calendar: "gregory",
    numberingSystem: "latn",
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  formatters.set(zone, made);
  if (formatters.size > MAX_FORMATTERS) formatters.delete(formatters.keys().next().value!);
  return made;
}
