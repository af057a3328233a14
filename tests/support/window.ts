import type { Window } from "../../engine/model/window.ts";

/** The first `limit` of a list that come after a number: of ids that fall, those below it. */
export function firstOf(limit: number, after: number | null = null): Window {
  return { limit, after, before: null, fromEnd: false };
}
