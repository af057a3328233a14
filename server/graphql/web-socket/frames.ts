import type { Batch, Result } from "../../../live/index.ts";

/** Below this a copy for each subscriber costs less than a second write. */
const MAX_COPIED_BYTES = 16_384;
/** A final text frame that is not masked, as servers send them. RFC 6455, 5.2. */
const FINAL_TEXT = 0x81;

/** The frames of a batch for every operation id of one length. */
export type Frames =
  | { readonly kind: "copied"; readonly bytes: Buffer; readonly holes: readonly number[] }
  /** Too large to be copied: what follows the id is shared. */
  | { readonly kind: "shared"; readonly parts: readonly { readonly head: Buffer; readonly tail: Buffer }[] };

/** What stands between the quotes of `"id":"…"`. */
export function idBytes(id: string): Buffer {
  return Buffer.from(JSON.stringify(id).slice(1, -1));
}

export function framesOf(batch: Batch, idLength: number): Frames {
  return batch.encoded(`ws:${idLength}`, (results) => encode(results, idLength));
}

/** The frames as graphql-ws' protocol wants them, with this id. */
export function withId({ bytes, holes }: Extract<Frames, { kind: "copied" }>, id: Buffer): Buffer {
  const copy = Buffer.allocUnsafe(bytes.length);
  copy.set(bytes);
  for (const hole of holes) copy.set(id, hole);
  return copy;
}

const BEFORE_ID = '{"id":"';

function encode(results: readonly Result[], idLength: number): Frames {
  const parts = results.map(({ json }) => {
    const tail = Buffer.from(`","type":"next","payload":${json}}`);
    const header = headerOf(BEFORE_ID.length + idLength + tail.length);
    const head = Buffer.alloc(header.length + BEFORE_ID.length + idLength);
    head.set(header);
    head.write(BEFORE_ID, header.length);
    return { head, tail };
  });
  const size = parts.reduce((sum, { head, tail }) => sum + head.length + tail.length, 0);
  if (size > MAX_COPIED_BYTES) return { kind: "shared", parts };
  const holes: number[] = [];
  let at = 0;
  for (const { head, tail } of parts) {
    holes.push(at + head.length - idLength);
    at += head.length + tail.length;
  }
  return { kind: "copied", bytes: Buffer.concat(parts.flatMap(({ head, tail }) => [head, tail])), holes };
}

function headerOf(length: number): Buffer {
  if (length < 126) return Buffer.from([FINAL_TEXT, length]);
  if (length < 65_536) {
    const header = Buffer.from([FINAL_TEXT, 126, 0, 0]);
    header.writeUInt16BE(length, 2);
    return header;
  }
  const header = Buffer.alloc(10);
  header.set([FINAL_TEXT, 127]);
  header.writeBigUInt64BE(BigInt(length), 2);
  return header;
}
