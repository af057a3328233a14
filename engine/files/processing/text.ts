import type { ExtractedText } from "./jobs.ts";
import { MAX_CONTENT_BYTES } from "./limits.ts";

/** Counts words and characters, and cuts to what a record may hold. */
export function measureText(raw: string): ExtractedText {
  const text = storable(raw);
  const content = cutToBytes(text, MAX_CONTENT_BYTES);
  return {
    content,
    wordCount: countWords(text),
    charCount: countCodePoints(text),
    truncated: content.length < text.length,
  };
}

/** Postgres keeps neither NUL nor half a surrogate pair in text or JSON. */
export function storable(text: string): string {
  return text.replaceAll("\u0000", "").toWellFormed();
}

function countWords(text: string): number {
  let count = 0;
  for (const _ of text.matchAll(/\S+/g)) count++;
  return count;
}

function countCodePoints(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

function cutToBytes(text: string, maxBytes: number): string {
  if (Buffer.byteLength(text) <= maxBytes) return text;
  const bytes = Buffer.from(text).subarray(0, maxBytes);
  // `stream` holds back a character that the cut has split, rather than replacing it.
  return new TextDecoder().decode(bytes, { stream: true });
}

/** How many characters are no white space. */
export function lettersOf(text: string): number {
  return text.replace(/\s/g, "").length;
}
