import { inSlices, isLargerThan, LARGE, nothingWritten, type Written, writeJson } from "../large-json/index.ts";
import type { JsonValue } from "../model/index.ts";
import type { Draft } from "./entry.ts";
import type { FlushRows } from "./statement.ts";

/**
 * The JSON of what is large in a flush, written in slices: nine MiB of it, once for its step and once for its event, held
 * the event loop for 300 ms. What an event carries is copied from what its step was written with.
 */
export async function writeLargeValues(drafts: readonly Draft[], rows: FlushRows): Promise<Written> {
  if (!drafts.some(({ heldSize }) => heldSize > LARGE)) return nothingWritten;
  const written = new Map<unknown, readonly Buffer[]>();
  const write = async (value: JsonValue): Promise<void> => {
    if (value === null || written.has(value) || !isLargerThan(LARGE, value)) return;
    written.set(value, await inSlices(writeJson(value, written), "writing"));
  };
  for (const { record } of rows.newExecutions) await write(record.triggerData);
  for (const { record } of [...rows.newSteps, ...rows.changedSteps]) {
    await write(record.input);
    await write(record.output);
  }
  for (const { data } of rows.events) await write(data as unknown as JsonValue);
  return written;
}
