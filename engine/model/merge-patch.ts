import { isJsonObject, type JsonObject, type JsonValue } from "./json.ts";

/** JSON Merge Patch (RFC 7396): objects merge at every depth, null removes a key, anything else replaces. */
export function mergePatch(target: JsonValue, patch: JsonObject): JsonObject;
export function mergePatch(target: JsonValue, patch: JsonValue): JsonValue;
export function mergePatch(target: JsonValue, patch: JsonValue): JsonValue {
  if (!isJsonObject(patch)) return patch;
  const merged = new Map(isJsonObject(target) ? Object.entries(target) : []);
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key);
    else merged.set(key, mergePatch(merged.get(key) ?? null, value));
  }
  return Object.fromEntries(merged);
}
