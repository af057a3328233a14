/** Bounds of what one job may read, make or take. What exceeds one is refused, never cut, unless it says so. */

/** JavaScript heap of a process that reads, recognises or converts. */
export const MAX_HEAP_MIB = 512;
/** Its resident memory in all: beside the heap an archive at its bound, unpacked and copied once or twice, a PDF, or an image of 50 million pixels. */
export const MAX_MEMORY_MIB = 896;
/** Detection reads heads, and streams the rest; a process without work holds some 50. */
export const DETECT_HEAP_MIB = 64;
export const DETECT_MEMORY_MIB = 256;

export const DETECT_TIME_LIMIT_MS = 15_000;
export const EXTRACT_TIME_LIMIT_MS = 60_000;
export const CONVERT_TIME_LIMIT_MS = 60_000;
/** Of a page, which takes 1 to 4 s. */
export const OCR_TIME_LIMIT_MS = 30_000;
/** Of all pages of a file together. Under the 300 s that a workflow has by default. */
export const RECOGNITION_LIMIT_MS = 240_000;

/** Two for each pool, and one tenant has one of them at most: another finds the other free. */
export const DETECT_PROCESSES = 2;
export const PROCESSES = 2;
/** Of one tenant and pool: at a second each they are a quarter of an hour. */
export const MAX_WAITING_JOBS = 1_000;
/** An idle process is ended after this, and its memory with it (for OCR: the loaded language model). */
export const IDLE_PROCESS_MS = 30_000;

/** UTF-8 bytes of extracted text. More is cut, and marked `truncated`. */
export const MAX_CONTENT_BYTES = 5 * 1024 * 1024;
/** Rows of a table that a step's output lists as objects. More are cut, and marked `truncated`. */
export const MAX_LISTED_ROWS = 1000;
/** The listed rows as JSON, in characters: a short file with long column names would swell otherwise. */
export const MAX_LISTED_ROWS_CHARACTERS = 1024 * 1024;

export const MAX_TABLE_ROWS = 1_000_000;
/** What a sheet of Excel has. */
export const MAX_TABLE_COLUMNS = 16_384;
/** Rows times columns of a sheet as far as it is filled, 80 MB of pointers: what is filled densely is bounded by the bytes of its archive long before. */
export const MAX_SHEET_PLACES = 10_000_000;
/** One record of a CSV, in characters: an unclosed quote would swallow the file otherwise. */
export const MAX_CSV_RECORD_CHARACTERS = 1024 * 1024;
export const MAX_PDF_PAGES = 2000;
export const MAX_OCR_PAGES = 50;
/** Width times height of an image: A3 at 400 dpi has 31 million. */
export const MAX_IMAGE_PIXELS = 50_000_000;
/** Longer sides are scaled down before OCR: A4 at 300 dpi is 3,508 high, and more only costs time. */
export const MAX_OCR_SIDE_PIXELS = 4000;
export const PDF_RENDER_DPI = 200;

/** Of an archive (docx, xlsx), declared and actual. */
export const MAX_UNCOMPRESSED_BYTES = 100 * 1024 * 1024;
export const MAX_ARCHIVE_ENTRIES = 10_000;
/** Of a converted file. */
export const MAX_CONVERTED_BYTES = 100 * 1024 * 1024;
