import type { FileType } from "../file-type.ts";

/** What a worker thread is asked to do. Paths go in, values and written files come out; never a file's content. */
export type ProcessingJob =
  | { readonly kind: "detect"; readonly path: string; readonly extension: string }
  | { readonly kind: "extract"; readonly path: string; readonly type: FileType }
  | { readonly kind: "ocr"; readonly path: string; readonly type: FileType; readonly language: OcrLanguage }
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
  readonly ocr: Recognition;
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

export type ProcessingOutcome =
  | { readonly ok: true; readonly value: ProcessingResults[keyof ProcessingResults] }
  | { readonly ok: false; readonly kind: "type" | "unreadable"; readonly message: string };
