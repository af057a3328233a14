import { isDeepStrictEqual } from "node:util";
import { isJsonObject, type JsonObject, type JsonValue, type SignalData, type Wait } from "../model/index.ts";

/** Whether data holds each value of `wanted` at its dotted path. Lists are reached by position, as in `items.0.sku`. */
export function hasValues(data: JsonValue, wanted: JsonObject): boolean {
  return Object.entries(wanted).every(([path, value]) => {
    const found = path.split(".").reduce<JsonValue | undefined>((inside, name) => memberOf(inside, name), data);
    return found !== undefined && isDeepStrictEqual(found, value);
  });
}

function memberOf(inside: JsonValue | undefined, name: string): JsonValue | undefined {
  if (Array.isArray(inside)) return /^\d+$/.test(name) ? (inside[Number(name)] as JsonValue) : undefined;
  return isJsonObject(inside) && Object.hasOwn(inside, name) ? inside[name] : undefined;
}

type Awaited = Wait & { readonly kind: "event" };

/** Whether an event ends a wait. A wait without a correlation takes any event of its name; an approval only one that decides. */
export function answers(
  event: Pick<SignalData & { kind: "event" }, "event" | "correlation" | "data">,
  wait: Awaited,
): boolean {
  if (wait.approval && !(isJsonObject(event.data) && typeof event.data.approved === "boolean")) return false;
  if (wait.event !== event.event || (wait.match && !hasValues(event.data, wait.match))) return false;
  return wait.correlation === null || wait.correlation === event.correlation;
}
