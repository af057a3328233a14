import type { Sliced } from "../large-json/index.ts";

/** Of a response body, both as received and after decompression. */
export const MAX_RESPONSE_BYTES = 10 * 1024 * 1024;

/** For each byte of an answer: its buffer, its text, and what it is parsed into. */
const BYTES_PER_BYTE = 6;
/** An empty list or object takes this much for its two characters; there can be five million of them in an answer. */
const BYTES_PER_CONTAINER = 64;
/** No room is asked for an answer of so few: that which is kept for each execution holds it. */
export const SMALL_BYTES = 4_096;
/** The most that deflate makes of a byte. Brotli can make more, and is stopped at the limit. */
const MAX_DEFLATE_RATIO = 1_032;

/** What an answer of so many bytes takes in memory, whatever it is; without containers. */
export function weightOfAnswer(bytes: number): number {
  return bytes * BYTES_PER_BYTE;
}

/** Bytes that are gone through at a stretch. */
const PIECE = 64 * 1024;

/** What it takes when it is parsed, should it be JSON. One pass over the bytes: 10 MiB take 10 ms, in slices. */
export function* weightOfJson(body: Buffer): Sliced<number> {
  let containers = 0;
  for (let start = 0; start < body.length; start += PIECE) {
    if (start > 0) yield;
    // By index: an iterator takes three times as long.
    for (let i = start; i < body.length && i < start + PIECE; i++) {
      if (body[i] === 0x7b || body[i] === 0x5b) containers += 1;
    }
  }
  return weightOfAnswer(body.length) + containers * BYTES_PER_CONTAINER;
}

/** What a compressed answer can come to. */
export function mostDecoded(bytes: number): number {
  return Math.min(bytes * MAX_DEFLATE_RATIO, MAX_RESPONSE_BYTES);
}
