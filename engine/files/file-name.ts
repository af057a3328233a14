import { DomainError } from "../model/index.ts";

/** File systems take 255 bytes; a name of ours must fit one when a client saves it. */
const MAX_NAME_BYTES = 255;
/** What the client sent is kept for people to read, not to be used: a bound is enough. */
const MAX_ORIGINAL_CHARACTERS = 1000;

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069]/g;
const RESERVED = /[<>:"|?*]/g;

/**
 * The base name of what a client sent, fit for any file system and any header: no folders (`../`, absolute paths, drive
 * letters), no control or text-direction characters, at most 255 bytes with the extension kept.
 * A name of which nothing is left is a VALIDATION_FAILED.
 */
export function safeFileName(sent: string): string {
  const last = sent.split(/[/\\]/).at(-1) ?? "";
  const base = last.slice(-MAX_ORIGINAL_CHARACTERS).toWellFormed().normalize("NFC").replace(CONTROL, "");
  const name = base.replace(RESERVED, "_").replace(/^[\s.]+|[\s.]+$/g, "");
  if (name === "") throw DomainError.invalid([{ path: "filename", message: "must name a file" }]);
  const extension = /\.[^.]{1,20}$/.exec(name)?.[0] ?? "";
  let stem = name.slice(0, name.length - extension.length);
  while (Buffer.byteLength(stem + extension) > MAX_NAME_BYTES) stem = [...stem].slice(0, -1).join("");
  return stem + extension;
}

/** What the client sent, as Postgres and JSON can carry it. */
export function originalFileName(sent: string): string {
  return sent.replaceAll("\u0000", "").slice(0, MAX_ORIGINAL_CHARACTERS).toWellFormed();
}

/** Lower case, without the dot; empty when the name has none. */
export function extensionOf(name: string): string {
  return /\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? "";
}

/** `report.final.docx` with `md` becomes `report.final.md`. */
export function withExtension(name: string, extension: string): string {
  return safeFileName(`${name.replace(/\.[^.]+$/, "")}.${extension}`);
}
