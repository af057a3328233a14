import { Pieces } from "./pieces.ts";

/**
 * Arrays in Postgres' binary format (array_send): no quoting here and no parsing there. Against text arrays this
 * saved a fifth of the CPU of a flush on both sides; most of what travels is JSON, whose quotes text arrays escape.
 */

/** OIDs of the element types, from pg_type. */
const oids = {
  boolean: 16,
  bigint: 20,
  smallint: 21,
  int: 23,
  text: 25,
  json: 114,
  timestamptz: 1184,
  uuid: 2950,
} as const;

export type ElementType = keyof typeof oids;

/** Pieces: of a long text, in UTF-8. */
export type Element = string | number | null | readonly Buffer[];
type Text = string | null | readonly Buffer[];

const widths = { boolean: 1, bigint: 8, smallint: 2, int: 4, timestamptz: 8 } as const;

const UUID_BYTES = 16;

/** dimensions, flags, element OID, length, lower bound: five int32. */
const HEADER_BYTES = 20;
const EMPTY_HEADER_BYTES = 12;
/** timestamptz counts µs from 2000-01-01. */
const POSTGRES_EPOCH_MS = 946_684_800_000;
/** UTF-8 takes at most three bytes for a UTF-16 code unit: no need to count those of a short text. */
const MAX_BYTES_PER_UNIT = 3;
const SHORT = 4_096;

/**
 * `given`: what all rows' values are taken with. Where all are null the array is empty: `unnest` fills up what is shorter
 * than its longest with nulls, and most columns of most flushes are so. One column at least has to be whole.
 */
export function encodeArray<Row, Given>(
  type: ElementType,
  rows: readonly Row[],
  value: (row: Row, given: Given) => Element,
  given: Given,
): Buffer | Pieces {
  if (type === "text" || type === "json") {
    return encodeTexts(
      type,
      rows.map((row) => value(row, given) as Text),
    );
  }
  if (type === "uuid") return encodeUuids(rows.map((row) => value(row, given) as string));
  return encodeNumbers(type, rows, value as (row: Row, given: Given) => number | null, given);
}

function encodeNumbers<Row, Given>(
  type: keyof typeof widths,
  rows: readonly Row[],
  value: (row: Row, given: Given) => number | null,
  given: Given,
): Buffer {
  const width = widths[type];
  const buffer = Buffer.allocUnsafe(HEADER_BYTES + rows.length * (4 + width));
  let offset = HEADER_BYTES;
  let nulls = 0;
  for (const row of rows) {
    const element = value(row, given);
    if (element === null) {
      nulls += 1;
      offset = buffer.writeInt32BE(-1, offset);
      continue;
    }
    offset = buffer.writeInt32BE(width, offset);
    if (type === "int") offset = buffer.writeInt32BE(element, offset);
    else if (type === "boolean") offset = buffer.writeInt8(element, offset);
    else if (type === "smallint") offset = buffer.writeInt16BE(element, offset);
    else offset = writeInt64(buffer, type === "bigint" ? element : (element - POSTGRES_EPOCH_MS) * 1_000, offset);
  }
  return nulls === rows.length ? empty(type) : header(buffer, type, rows.length, nulls > 0).subarray(0, offset);
}

function encodeTexts(type: "text" | "json", elements: readonly Text[]): Buffer | Pieces {
  if (elements.every((element) => element === null)) return empty(type);
  if (elements.some((element) => Array.isArray(element))) return inPieces(type, elements);
  let bytes = HEADER_BYTES;
  for (const element of elements) bytes += 4 + (element === null ? 0 : roomFor(element as string));
  const buffer = Buffer.allocUnsafe(bytes);
  let offset = HEADER_BYTES;
  let nulls = false;
  for (const element of elements) {
    if (element === null) {
      nulls = true;
      offset = buffer.writeInt32BE(-1, offset);
      continue;
    }
    const length = buffer.write(element as string, offset + 4);
    buffer.writeInt32BE(length, offset);
    offset += 4 + length;
  }
  return header(buffer, type, elements.length, nulls).subarray(0, offset);
}

/** None of them is null. */
function encodeUuids(elements: readonly string[]): Buffer {
  if (elements.length === 0) return empty("uuid");
  const buffer = Buffer.allocUnsafe(HEADER_BYTES + elements.length * (4 + UUID_BYTES));
  let offset = HEADER_BYTES;
  for (const element of elements) {
    offset = buffer.writeInt32BE(UUID_BYTES, offset);
    offset += buffer.write(element.replaceAll("-", ""), offset, "hex");
  }
  return header(buffer, "uuid", elements.length, false);
}

/** Long texts are not copied. */
function inPieces(type: "text" | "json", elements: readonly Text[]): Pieces {
  const hasNulls = elements.includes(null);
  const parts = [header(Buffer.alloc(HEADER_BYTES), type, elements.length, hasNulls)];
  for (const element of elements) {
    const texts = typeof element === "string" ? [Buffer.from(element)] : (element ?? []);
    const length = Buffer.alloc(4);
    length.writeInt32BE(element === null ? -1 : texts.reduce((sum, piece) => sum + piece.length, 0));
    parts.push(length, ...texts);
  }
  return new Pieces(parts);
}

function roomFor(text: string): number {
  return text.length < SHORT ? text.length * MAX_BYTES_PER_UNIT : Buffer.byteLength(text);
}

function empty(type: ElementType): Buffer {
  return header(Buffer.alloc(EMPTY_HEADER_BYTES), type, 0, false);
}

function header(buffer: Buffer, type: ElementType, length: number, nulls: boolean): Buffer {
  buffer.writeInt32BE(length === 0 ? 0 : 1, 0);
  buffer.writeInt32BE(nulls ? 1 : 0, 4);
  buffer.writeInt32BE(oids[type], 8);
  if (length > 0) {
    buffer.writeInt32BE(length, 12);
    buffer.writeInt32BE(1, 16);
  }
  return buffer;
}

/** Safe integers without a BigInt each: those are slow to make. */
function writeInt64(buffer: Buffer, value: number, offset: number): number {
  const high = Math.floor(value / 0x1_0000_0000);
  buffer.writeInt32BE(high, offset);
  return buffer.writeUInt32BE(value - high * 0x1_0000_0000, offset + 4);
}
