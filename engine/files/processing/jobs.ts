import type { FileType } from "../file-type.ts";

/** What a child process is asked to do. Paths go in, values and written files come out; never a file's content. */
export type ProcessingJob =
  | { readonly kind: "detect"; readonly path: string; readonly extension: string }
  | { readonly kind: "extract"; readonly path: string; readonly type: FileType }
  | { readonly kind: "inspect"; readonly path: string }
  | {
      readonly kind: "ocr";
      readonly path: string;
      readonly type: FileType;
      /** From 1. */
      readonly page: number;
      readonly language: OcrLanguage;
    }
  | {
      readonly kind: "convert";
      readonly path: string;
      readonly type: FileType;
      readonly target: FileType;
      readonly outputPath: string;
    };

export interface ProcessingResults {
  readonly detect: FileType;
  readonly extract: Extraction;
  readonly inspect: Scan;
  readonly ocr: RecognisedPage;
  readonly convert: null;
}

/** A name of Tesseract's, of which the data is installed. */
export type OcrLanguage = "eng";

export interface ExtractedText {
  readonly content: string;
  /** Of the whole text, also when `content` was cut. */
  readonly wordCount: number;
  /** Of the whole text, in Unicode code points. */
  readonly charCount: number;
  readonly truncated: boolean;
}

export type CellValue = string | number | boolean | null;
export type TableRow = Readonly<Record<string, CellValue>>;

export interface Extraction extends ExtractedText {
  readonly pageCount?: number;
  readonly sheetCount?: number;
  /** Rows after the header row; of the first sheet. */
  readonly rowCount?: number;
  /** The first of them, by column name. */
  readonly rows?: readonly TableRow[];
}

export interface Recognition extends ExtractedText {
  /** 0 to 100, the mean over pages; 100 for a text layer. */
  readonly confidence: number;
  readonly pageCount: number;
  readonly source: "text_layer" | "ocr";
}

/** What a PDF is to recognition. */
export interface Scan {
  readonly pageCount: number;
  /** Null: an image has none. */
  readonly layer: Recognition | null;
  /** The layer has next to nothing: it counts only if recognition finds less. */
  readonly isFaint: boolean;
}

export interface RecognisedPage {
  readonly text: string;
  /** 0 to 100. */
  readonly confidence: number;
  /** That it took. */
  readonly ms: number;
}

export type ProcessingOutcome =
  | { readonly ok: true; readonly value: ProcessingResults[keyof ProcessingResults] }
  | { readonly ok: false; readonly kind: "type" | "unreadable"; readonly message: string };
