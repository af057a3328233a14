import type { FileType } from "./file-type.ts";
import type { OcrLanguage } from "./processing/jobs.ts";

/** What each target is made from. */
const sources: Readonly<Partial<Record<FileType, readonly FileType[]>>> = {
  json: ["csv"],
  csv: ["json", "xlsx"],
  markdown: ["docx"],
  txt: ["docx"],
  png: ["jpg", "webp"],
  jpg: ["png", "webp"],
  webp: ["png", "jpg"],
};

export function conversionsInto(target: FileType): readonly FileType[] {
  return sources[target] ?? [];
}

/** The words that name a target. */
export const conversionTargets = {
  json: "json",
  csv: "csv",
  markdown: "markdown",
  md: "markdown",
  text: "txt",
  txt: "txt",
  png: "png",
  jpg: "jpg",
  jpeg: "jpg",
  webp: "webp",
} as const satisfies Record<string, FileType>;

export type ConversionTarget = keyof typeof conversionTargets;

/** Old Word files are kept, but no maintained library reads them. */
export const extractable: readonly FileType[] = ["pdf", "docx", "xlsx", "csv", "txt", "json", "markdown"];

export const recognisable: readonly FileType[] = ["png", "jpg", "pdf"];

/** What has text, one way or the other. */
export const readable: readonly FileType[] = [...new Set([...extractable, ...recognisable])];

/** By ISO 639-1 code and by Tesseract's own. One more language is one more data package and one line here. */
export const ocrLanguages: Readonly<Record<string, OcrLanguage>> = { en: "eng", eng: "eng" };
